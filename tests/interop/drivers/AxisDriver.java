import com.zuora.api.BillingPreviewRequest;
import com.zuora.api.BillingPreviewResult;
import com.zuora.api.LoginResult;
import com.zuora.api.Soap;
import com.zuora.api.ZuoraServiceLocator;
import com.zuora.api.fault.ApiFault;
import com.zuora.api.object.InvoiceItem;
import java.lang.reflect.Method;
import java.net.URL;
import java.text.SimpleDateFormat;
import java.util.Calendar;
import java.util.Date;
import java.util.GregorianCalendar;
import java.util.TimeZone;
import java.util.concurrent.Callable;
import java.util.function.Function;
import javax.xml.rpc.holders.StringHolder;
import org.apache.axis.client.Stub;
import org.apache.axis.message.SOAPHeaderElement;

public class AxisDriver {
    static Soap port;

    static void use(String token) throws Exception {
        SOAPHeaderElement header = new SOAPHeaderElement("http://api.zuora.com/", "SessionHeader");
        header.addChildElement("session").addTextNode(token);
        ((Stub) port).clearHeaders();
        ((Stub) port).setHeader(header);
    }

    // xsd:date is a Date, sent as the day that it is here.
    static Date firstOfJuly() {
        return new GregorianCalendar(2014, Calendar.JULY, 1).getTime();
    }

    // xsd:dateTime is a Calendar, sent with a Z: through 68.0 its day in Pacific Time counts.
    static Calendar lastHourOfJuly() {
        Calendar instant = new GregorianCalendar(TimeZone.getTimeZone("America/Los_Angeles"));
        instant.clear();
        instant.set(2014, Calendar.JULY, 31, 23, 0, 0);
        return instant;
    }

    static BillingPreviewRequest asked(String account) throws Exception {
        BillingPreviewRequest request = new BillingPreviewRequest();
        request.setAccountId(account);
        for (Method method : BillingPreviewRequest.class.getMethods()) {
            if (method.getName().equals("setTargetDate")) {
                method.invoke(request, method.getParameterTypes()[0] == Date.class ? firstOfJuly() : lastHourOfJuly());
            }
        }
        return request;
    }

    static String day(Object value) {
        SimpleDateFormat format = new SimpleDateFormat("yyyy-MM-dd");
        if (value instanceof Calendar) {
            format.setTimeZone(((Calendar) value).getTimeZone());
            return format.format(((Calendar) value).getTime());
        }
        return format.format((Date) value);
    }

    static String quoted(Object value) {
        return value == null ? "null" : '"' + value.toString().replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    static String list(InvoiceItem[] items, Function<InvoiceItem, String> json) {
        StringBuilder text = new StringBuilder("[");
        for (InvoiceItem item : items) text.append(text.length() > 1 ? "," : "").append(json.apply(item));
        return text.append("]").toString();
    }

    static String[] fault(Callable<?> call) {
        try {
            call.call();
        } catch (ApiFault raised) {
            return new String[] {raised.getFaultCode1().getValue(), raised.getClass().getSimpleName()};
        } catch (Exception raised) {
            return new String[] {"untyped " + raised, ""};
        }
        return new String[] {"none", ""};
    }

    public static void main(String[] arguments) throws Exception {
        port = new ZuoraServiceLocator().getSoap(new URL(arguments[0]));
        LoginResult login = port.login(System.getenv("ZUORA_USER"), System.getenv("ZUORA_PASSWORD"));
        port = new ZuoraServiceLocator().getSoap(new URL(login.getServerUrl()));
        use(login.getSession());
        StringHolder[] user = new StringHolder[6];
        for (int i = 0; i < user.length; i++) user[i] = new StringHolder();
        port.getUserInfo(user[0], user[1], user[2], user[3], user[4], user[5]);
        BillingPreviewRequest[] requests = {asked(System.getenv("ZUORA_MONTHLY")), asked(System.getenv("ZUORA_UNKNOWN"))};
        BillingPreviewResult[] results = port.billingPreview(requests);
        InvoiceItem[] items = results[0].getInvoiceItem();
        com.zuora.api.Error error = results[1].getErrors(0);
        use("unknown");
        String[] session = fault(() -> port.billingPreview(new BillingPreviewRequest[0]));
        String[] login2 = fault(() -> port.login(System.getenv("ZUORA_USER"), "wrong"));
        System.out.println("{\"username\":" + quoted(user[5].value) + ",\"tenant\":" + quoted(user[1].value)
            + ",\"success\":" + results[0].getSuccess() + ",\"size\":" + results[0].getSize()
            + ",\"amounts\":" + list(items, item -> quoted(item.getChargeAmount()))
            + ",\"starts\":" + list(items, item -> quoted(day(item.getServiceStartDate())))
            + ",\"ends\":" + list(items, item -> quoted(day(item.getServiceEndDate())))
            + ",\"names\":" + list(items, item -> quoted(item.getChargeName()))
            + ",\"product\":" + quoted(items[0].getProductName())
            + ",\"applied\":" + list(items, item -> "" + (item.getAppliedToInvoiceItemId() != null))
            + ",\"error\":[" + quoted(error.getCode().getValue()) + "," + quoted(error.getMessage()) + ","
            + quoted(error.getField()) + "],\"session_fault\":" + quoted(session[0])
            + ",\"login_fault\":" + quoted(login2[0]) + ",\"typed\":" + quoted(session[1]) + "}");
    }
}
