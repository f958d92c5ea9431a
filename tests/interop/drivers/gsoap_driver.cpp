#include "SoapBinding.nsmap"
#include "soapSoapBindingProxy.h"
#include <cstdlib>
#include <ctime>
#include <functional>
#include <iostream>

using std::string;

static string quoted(const string &text) {
    string result = "\"";
    for (char c : text) result += c == '"' || c == '\\' ? string("\\") + c : string(1, c);
    return result + "\"";
}

// xsd:dateTime is a time_t, which is sent with a Z: the last hour of July in Pacific Time. xsd:date is a string.
static void give(time_t *&field, struct soap *soap) {
    struct tm day = {};
    day.tm_year = 114, day.tm_mon = 7, day.tm_mday = 1, day.tm_hour = 6;
    field = (time_t *)soap_malloc(soap, sizeof(time_t));
    *field = timegm(&day);
}

static void give(string *&field, struct soap *) { field = new string("2014-07-01"); }

static string day(const time_t *value) {
    char text[11];
    strftime(text, sizeof text, "%Y-%m-%d", localtime(value));
    return text;
}

static string day(const string *value) { return *value; }

template <class Items> static string list(const Items &items, std::function<string(typename Items::value_type)> json) {
    string result = "[";
    for (auto item : items) result += (result.size() > 1 ? "," : "") + json(item);
    return result + "]";
}

static ns1__BillingPreviewRequest *asked(const char *account, struct soap *soap) {
    auto request = new ns1__BillingPreviewRequest();
    request->soap_default(soap);
    request->AccountId = new string(account);
    give(request->TargetDate, soap);
    return request;
}

static void use(SoapBindingProxy &proxy, const string &token) {
    auto header = new _ns1__SessionHeader();
    header->session = token;
    soap_header(proxy.soap);
    proxy.soap->header->ns1__SessionHeader = header;
}

static int die(SoapBindingProxy &proxy) {
    proxy.soap_stream_fault(std::cerr);
    return 1;
}

int main(int, char **arguments) {
    SoapBindingProxy proxy(arguments[1], SOAP_XML_STRICT | SOAP_IO_KEEPALIVE);
    const char *trusted = getenv("SSL_CERT_FILE");
    if (trusted && soap_ssl_client_context(proxy.soap, SOAP_SSL_DEFAULT, nullptr, nullptr, trusted, nullptr, nullptr))
        return die(proxy);
    string username = getenv("ZUORA_USER"), password = getenv("ZUORA_PASSWORD"), wrong = "wrong";
    _ns1__login login;
    _ns1__loginResponse loggedIn;
    login.username = &username, login.password = &password;
    if (proxy.login(&login, loggedIn)) return die(proxy);
    string endpoint = *loggedIn.result->ServerUrl;
    proxy.soap_endpoint = endpoint.c_str();
    use(proxy, *loggedIn.result->Session);
    _ns1__getUserInfo who;
    _ns1__getUserInfoResponse user;
    if (proxy.getUserInfo(&who, user)) return die(proxy);
    use(proxy, *loggedIn.result->Session);
    _ns1__billingPreview call, empty;
    _ns1__billingPreviewResponse answer, refused;
    call.requests = {asked(getenv("ZUORA_MONTHLY"), proxy.soap), asked(getenv("ZUORA_UNKNOWN"), proxy.soap)};
    if (proxy.billingPreview(&call, answer)) return die(proxy);
    auto good = answer.results[0], bad = answer.results[1];
    auto items = good->InvoiceItem;
    use(proxy, "unknown");
    proxy.billingPreview(&empty, refused);
    auto typed = proxy.soap->fault && proxy.soap->fault->detail ? proxy.soap->fault->detail->ns3__UnexpectedErrorFault_ : nullptr;
    string session = *soap_faultcode(proxy.soap);
    string code = typed ? soap_ns1__ErrorCode2s(proxy.soap, *typed->FaultCode) : "";
    login.password = &wrong;
    proxy.login(&login, loggedIn);
    string loginFault = *soap_faultcode(proxy.soap);
    std::cout << "{\"username\":" << quoted(user.Username) << ",\"tenant\":" << quoted(user.TenantName)
              << ",\"success\":" << (*good->Success ? "true" : "false") << ",\"size\":" << *good->Size
              << ",\"amounts\":" << list(items, [](auto item) { return quoted(*item->ChargeAmount); })
              << ",\"starts\":" << list(items, [](auto item) { return quoted(day(item->ServiceStartDate)); })
              << ",\"ends\":" << list(items, [](auto item) { return quoted(day(item->ServiceEndDate)); })
              << ",\"names\":" << list(items, [](auto item) { return quoted(*item->ChargeName); })
              << ",\"product\":" << quoted(*items[0]->ProductName)
              << ",\"applied\":" << list(items, [](auto item) { return item->AppliedToInvoiceItemId ? "true" : "false"; })
              << ",\"error\":[" << quoted(soap_ns1__ErrorCode2s(proxy.soap, *bad->Errors[0]->Code)) << ","
              << quoted(*bad->Errors[0]->Message) << "," << quoted(*bad->Errors[0]->Field) << "],\"session_fault\":"
              << quoted(session) << ",\"login_fault\":" << quoted(loginFault) << ",\"typed\":" << quoted(code) << "}\n";
}
