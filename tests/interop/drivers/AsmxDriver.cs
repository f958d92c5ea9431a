using System;
using System.Linq;
using System.Globalization;
using System.Web.Services.Protocols;

public static class AsmxDriver {
    static BillingPreviewRequest Asked(string account) {
        return new BillingPreviewRequest { AccountId = account, TargetDate = new DateTime(2014, 7, 1), TargetDateSpecified = true };
    }

    static string Quoted(string text) {
        return text == null ? "null" : "\"" + text.Replace("\\", "\\\\").Replace("\"", "\\\"") + "\"";
    }

    static string List(InvoiceItem[] items, Func<InvoiceItem, string> json) {
        return "[" + string.Join(",", items.Select(json)) + "]";
    }

    static string Day(DateTime? value) { return Quoted(value.Value.ToString("yyyy-MM-dd")); }

    static string Fault(Action call) {
        try {
            call();
        } catch (SoapException raised) {
            return raised.Code.Name;
        }
        return "none";
    }

    public static void Main(string[] arguments) {
        CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
        var service = new ZuoraService { Url = arguments[0], EnableDecompression = true };
        var login = service.login(Environment.GetEnvironmentVariable("ZUORA_USER"), Environment.GetEnvironmentVariable("ZUORA_PASSWORD"));
        service.Url = login.ServerUrl;
        service.SessionHeaderValue = new SessionHeader { session = login.Session };
        var user = service.getUserInfo(new getUserInfo());
        var results = service.billingPreview(new[] {
            Asked(Environment.GetEnvironmentVariable("ZUORA_MONTHLY")), Asked(Environment.GetEnvironmentVariable("ZUORA_UNKNOWN"))
        });
        var items = results[0].InvoiceItem;
        var error = results[1].Errors[0];
        service.SessionHeaderValue = new SessionHeader { session = "unknown" };
        var session = Fault(() => service.billingPreview(new BillingPreviewRequest[0]));
        var wrong = Fault(() => service.login(Environment.GetEnvironmentVariable("ZUORA_USER"), "wrong"));
        Console.WriteLine("{\"username\":" + Quoted(user.Username) + ",\"tenant\":" + Quoted(user.TenantName)
            + ",\"success\":" + (results[0].Success ? "true" : "false") + ",\"size\":" + results[0].Size
            + ",\"amounts\":" + List(items, item => Quoted(item.ChargeAmount.Value.ToString(CultureInfo.InvariantCulture)))
            + ",\"starts\":" + List(items, item => Day(item.ServiceStartDate))
            + ",\"ends\":" + List(items, item => Day(item.ServiceEndDate))
            + ",\"names\":" + List(items, item => Quoted(item.ChargeName))
            + ",\"product\":" + Quoted(items[0].ProductName)
            + ",\"applied\":" + List(items, item => item.AppliedToInvoiceItemId == null ? "false" : "true")
            + ",\"error\":[" + Quoted(error.Code.ToString()) + "," + Quoted(error.Message) + "," + Quoted(error.Field)
            + "],\"session_fault\":" + Quoted(session) + ",\"login_fault\":" + Quoted(wrong) + ",\"typed\":\"\"}");
    }
}
