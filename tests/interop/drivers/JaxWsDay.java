import com.sun.xml.ws.api.message.Headers;
import com.sun.xml.ws.developer.WSBindingProvider;
import com.zuora.api.BillingPreviewRequest;
import com.zuora.api.BillingPreviewResult;
import com.zuora.api.InvalidQueryLocatorFault;
import com.zuora.api.LoginResult;
import com.zuora.api.QueryResult;
import com.zuora.api.SessionHeader;
import com.zuora.api.Soap;
import com.zuora.api.ZuoraService;
import com.zuora.api.object.Account;
import com.zuora.api.object.BillingPreviewRun;
import com.zuora.api.object.RatePlan;
import com.zuora.api.object.RatePlanCharge;
import com.zuora.api.object.Subscription;
import com.zuora.api.object.ZObject;
import java.io.InputStream;
import java.net.URL;
import java.net.URLConnection;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import javax.xml.bind.JAXBContext;
import javax.xml.bind.JAXBElement;
import javax.xml.datatype.DatatypeFactory;
import javax.xml.datatype.XMLGregorianCalendar;
import javax.xml.namespace.QName;
import javax.xml.ws.BindingProvider;
import javax.xml.ws.Holder;

// The day of a client: JAX-WS RI.
public class JaxWsDay {
    static Soap port;

    static String quoted(Object value) {
        return value == null ? "null" : '"' + value.toString().replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    static String list(Object... values) {
        return Arrays.stream(values).map(JaxWsDay::quoted).collect(Collectors.joining(",", "[", "]"));
    }

    static Object text(JAXBElement<?> element) {
        return element.getValue();
    }

    static String day(JAXBElement<XMLGregorianCalendar> element) {
        return element.getValue().toXMLFormat().substring(0, 10);
    }

    static ZObject only(String text) throws Exception {
        return port.query(text).getRecords().get(0);
    }

    public static void main(String[] arguments) throws Exception {
        boolean isDate = !arguments[0].matches(".*/6[1-8]\\.0");
        port = new ZuoraService(new URL(arguments[0] + "?wsdl"), new QName("http://api.zuora.com/", "ZuoraService")).getSoap();
        LoginResult login = port.login(System.getenv("ZUORA_USER"), System.getenv("ZUORA_PASSWORD"));
        ((BindingProvider) port).getRequestContext().put(BindingProvider.ENDPOINT_ADDRESS_PROPERTY, login.getServerUrl());
        SessionHeader header = new SessionHeader();
        header.setSession(login.getSession());
        ((WSBindingProvider) port).setOutboundHeaders(Headers.create(JAXBContext.newInstance(SessionHeader.class), header));
        Holder<String> username = new Holder<>();
        port.getUserInfo(new Holder<>(), new Holder<>(), new Holder<>(), new Holder<>(), new Holder<>(), username);
        Account account = (Account) only("select Id, Name, Balance from Account where AccountNumber = 'A-1'");
        Subscription subscription = (Subscription) only(
            "select Id, Name, Status, TermEndDate from Subscription where AccountId = '" + text(account.getId()) + "'");
        RatePlan plan = (RatePlan) only("select Id from RatePlan where SubscriptionId = '" + text(subscription.getId()) + "'");
        List<QueryResult> pages = new ArrayList<>();
        pages.add(port.query("select ChargeNumber, Price, EffectiveStartDate, BillingTiming from RatePlanCharge"
            + " where RatePlanId = '" + text(plan.getId()) + "'"));
        while (!pages.get(pages.size() - 1).isDone()) {
            pages.add(port.queryMore(pages.get(pages.size() - 1).getQueryLocator()));
        }
        RatePlanCharge charge = (RatePlanCharge) pages.get(0).getRecords().get(0);
        com.zuora.api.ObjectFactory factory = new com.zuora.api.ObjectFactory();
        XMLGregorianCalendar target = DatatypeFactory.newInstance().newXMLGregorianCalendar(
            isDate ? "2026-01-31" : "2026-01-31T00:00:00");
        BillingPreviewRequest request = factory.createBillingPreviewRequest();
        request.setAccountId(factory.createBillingPreviewRequestAccountId((String) text(account.getId())));
        request.setTargetDate(factory.createBillingPreviewRequestTargetDate(target));
        BillingPreviewResult preview = port.billingPreview(Collections.singletonList(request)).get(0);
        int nothing = port.query("select Id from Account where AccountNumber = 'nobody'").getSize();
        String fault = "none";
        try {
            port.queryMore("nobody");
        } catch (InvalidQueryLocatorFault raised) {
            fault = raised.getFaultInfo().getFaultCode().getValue().value();
        }
        BillingPreviewRun run = new BillingPreviewRun();
        run.setTargetDate(new com.zuora.api.object.ObjectFactory().createBillingPreviewRunTargetDate(target));
        Object saved = text(port.create(Collections.singletonList(run)).get(0).getId());
        BillingPreviewRun made;
        do {
            Thread.sleep(100);
            made = (BillingPreviewRun) only("select Status, ResultFileUrl from BillingPreviewRun where Id = '" + saved + "'");
        } while (Arrays.asList("Pending", "Processing").contains(text(made.getStatus())));
        URLConnection file = new URL((String) text(made.getResultFileUrl())).openConnection();
        file.setRequestProperty("Authorization", "ZSession " + login.getSession());
        byte[] start = new byte[2];
        try (InputStream content = file.getInputStream()) {
            content.read(start);
        }
        System.out.println("{\"username\":" + quoted(username.value)
            + ",\"account\":" + list(text(account.getId()), text(account.getName()), text(account.getBalance()))
            + ",\"subscription\":" + list(text(subscription.getId()), text(subscription.getName()),
                text(subscription.getStatus()), day(subscription.getTermEndDate()))
            + ",\"pages\":" + pages.stream().map(page -> "" + page.getRecords().size()).collect(Collectors.joining(",", "[", "]"))
            + ",\"size\":" + quoted(pages.get(pages.size() - 1).getSize())
            + ",\"charge\":" + list(text(charge.getChargeNumber()), text(charge.getPrice()),
                day(charge.getEffectiveStartDate()), text(charge.getBillingTiming()))
            + ",\"preview\":" + quoted(text(preview.getSize())) + ",\"nothing\":" + nothing
            + ",\"locator_fault\":" + quoted(fault) + ",\"run\":" + quoted(text(made.getStatus()))
            + ",\"file\":" + quoted(new String(start)) + "}");
    }
}
