import com.sun.xml.ws.api.message.Headers;
import com.sun.xml.ws.developer.WSBindingProvider;
import com.zuora.api.BillingPreviewRequest;
import com.zuora.api.BillingPreviewResult;
import com.zuora.api.LoginResult;
import com.zuora.api.SessionHeader;
import com.zuora.api.Soap;
import com.zuora.api.UnexpectedErrorFault;
import com.zuora.api.ZuoraService;
import com.zuora.api.object.InvoiceItem;
import java.net.URL;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Collectors;
import javax.xml.bind.JAXBContext;
import javax.xml.bind.JAXBElement;
import javax.xml.datatype.DatatypeFactory;
import javax.xml.namespace.QName;
import javax.xml.ws.BindingProvider;
import javax.xml.ws.Holder;

public class JaxWsDriver {
    static Soap port;

    static void use(String token) throws Exception {
        SessionHeader header = new SessionHeader();
        header.setSession(token);
        ((WSBindingProvider) port).setOutboundHeaders(Headers.create(JAXBContext.newInstance(SessionHeader.class), header));
    }

    static BillingPreviewRequest asked(String account, boolean isDate) throws Exception {
        com.zuora.api.ObjectFactory factory = new com.zuora.api.ObjectFactory();
        BillingPreviewRequest request = factory.createBillingPreviewRequest();
        request.setAccountId(factory.createBillingPreviewRequestAccountId(account));
        request.setChargeTypeToExclude(factory.createBillingPreviewRequestChargeTypeToExclude(null));
        String day = isDate ? "2014-07-01" : "2014-07-01T00:00:00";
        request.setTargetDate(
            factory.createBillingPreviewRequestTargetDate(DatatypeFactory.newInstance().newXMLGregorianCalendar(day)));
        return request;
    }

    static String[] fault(Callable<?> call) {
        try {
            call.call();
        } catch (UnexpectedErrorFault raised) {
            return new String[] {raised.getFaultInfo().getFaultCode().getValue().value(), "UnexpectedErrorFault"};
        } catch (com.zuora.api.LoginFault raised) {
            return new String[] {raised.getFaultInfo().getFaultCode().getValue().value(), "LoginFault"};
        } catch (Exception raised) {
            return new String[] {"untyped " + raised, ""};
        }
        return new String[] {"none", ""};
    }

    static String quoted(Object value) {
        return value == null ? "null" : '"' + value.toString().replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    static String list(List<InvoiceItem> items, Function<InvoiceItem, JAXBElement<?>> field) {
        return items.stream().map(item -> quoted(field.apply(item).getValue())).collect(Collectors.joining(",", "[", "]"));
    }

    public static void main(String[] arguments) throws Exception {
        boolean isDate = !arguments[0].matches(".*/6[1-8]\\.0");
        port = new ZuoraService(new URL(arguments[0] + "?wsdl"), new QName("http://api.zuora.com/", "ZuoraService")).getSoap();
        LoginResult login = port.login(System.getenv("ZUORA_USER"), System.getenv("ZUORA_PASSWORD"));
        ((BindingProvider) port).getRequestContext().put(BindingProvider.ENDPOINT_ADDRESS_PROPERTY, login.getServerUrl());
        use(login.getSession());
        Holder<String> tenant = new Holder<>(), username = new Holder<>(), other = new Holder<>();
        port.getUserInfo(other, tenant, new Holder<>(), new Holder<>(), new Holder<>(), username);
        List<BillingPreviewResult> results = port.billingPreview(
            Arrays.asList(asked(System.getenv("ZUORA_MONTHLY"), isDate), asked(System.getenv("ZUORA_UNKNOWN"), isDate)));
        BillingPreviewResult good = results.get(0);
        List<InvoiceItem> items = good.getInvoiceItem();
        com.zuora.api.Error error = results.get(1).getErrors().get(0);
        use("unknown");
        String[] session = fault(() -> port.billingPreview(Collections.emptyList()));
        String[] wrong = fault(() -> port.login(System.getenv("ZUORA_USER"), "wrong"));
        System.out.println("{\"username\":" + quoted(username.value) + ",\"tenant\":" + quoted(tenant.value)
            + ",\"success\":" + good.isSuccess() + ",\"size\":" + good.getSize().getValue()
            + ",\"amounts\":" + list(items, InvoiceItem::getChargeAmount)
            + ",\"starts\":" + list(items, InvoiceItem::getServiceStartDate)
            + ",\"ends\":" + list(items, InvoiceItem::getServiceEndDate)
            + ",\"names\":" + list(items, InvoiceItem::getChargeName)
            + ",\"product\":" + quoted(items.get(0).getProductName().getValue())
            + ",\"applied\":" + items.stream().map(item -> "" + (item.getAppliedToInvoiceItemId() != null))
                .collect(Collectors.joining(",", "[", "]"))
            + ",\"error\":[" + quoted(error.getCode().getValue().value()) + "," + quoted(error.getMessage().getValue()) + ","
            + quoted(error.getField().getValue()) + "],\"session_fault\":" + quoted(session[0])
            + ",\"login_fault\":" + quoted(wrong[0]) + ",\"typed\":" + quoted(session[1]) + "}");
    }
}
