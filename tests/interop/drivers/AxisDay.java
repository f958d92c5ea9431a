import com.zuora.api.BillingPreviewRequest;
import com.zuora.api.BillingPreviewResult;
import com.zuora.api.LoginResult;
import com.zuora.api.QueryResult;
import com.zuora.api.Soap;
import com.zuora.api.ZuoraServiceLocator;
import com.zuora.api.fault.InvalidQueryLocatorFault;
import com.zuora.api.object.Account;
import com.zuora.api.object.BillingPreviewRun;
import com.zuora.api.object.RatePlan;
import com.zuora.api.object.RatePlanCharge;
import com.zuora.api.object.Subscription;
import com.zuora.api.object.ZObject;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLConnection;
import java.text.SimpleDateFormat;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Calendar;
import java.util.Date;
import java.util.GregorianCalendar;
import java.util.List;
import java.util.TimeZone;
import java.util.stream.Collectors;
import javax.xml.rpc.holders.StringHolder;
import org.apache.axis.client.Stub;
import org.apache.axis.message.SOAPHeaderElement;

// The day of a client: Axis 1.4.
public class AxisDay {
    static Soap port;

    static String quoted(Object value) {
        return value == null ? "null" : '"' + value.toString().replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    static String list(Object... values) {
        return Arrays.stream(values).map(AxisDay::quoted).collect(Collectors.joining(",", "[", "]"));
    }

    // xsd:date is a Date, and xsd:dateTime a Calendar: which of them depends on the version.
    static String day(Object value) {
        SimpleDateFormat format = new SimpleDateFormat("yyyy-MM-dd");
        if (value instanceof Date) return format.format(value);
        // Axis reads a dateTime without an offset as one of UTC, whatever the zone of the Calendar.
        format.setTimeZone(TimeZone.getTimeZone("UTC"));
        return format.format(((Calendar) value).getTime());
    }

    // A Calendar is sent with a Z: through 68.0 its day in Pacific Time counts.
    static void setTarget(Object asked) throws Exception {
        Calendar noon = new GregorianCalendar(TimeZone.getTimeZone("America/Los_Angeles"));
        noon.clear();
        noon.set(2026, Calendar.JANUARY, 31, 12, 0, 0);
        for (Method method : asked.getClass().getMethods()) {
            if (method.getName().equals("setTargetDate")) {
                boolean isDate = method.getParameterTypes()[0] == Date.class;
                method.invoke(asked, isDate ? new GregorianCalendar(2026, Calendar.JANUARY, 31).getTime() : noon);
            }
        }
    }

    static Object dateOf(ZObject record, String name) throws Exception {
        return record.getClass().getMethod("get" + name).invoke(record);
    }

    static ZObject only(String text) throws Exception {
        return port.query(text).getRecords(0);
    }

    public static void main(String[] arguments) throws Exception {
        port = new ZuoraServiceLocator().getSoap(new URL(arguments[0]));
        LoginResult login = port.login(System.getenv("ZUORA_USER"), System.getenv("ZUORA_PASSWORD"));
        port = new ZuoraServiceLocator().getSoap(new URL(login.getServerUrl()));
        SOAPHeaderElement header = new SOAPHeaderElement("http://api.zuora.com/", "SessionHeader");
        header.addChildElement("session").addTextNode(login.getSession());
        ((Stub) port).setHeader(header);
        StringHolder[] user = new StringHolder[6];
        for (int i = 0; i < user.length; i++) user[i] = new StringHolder();
        port.getUserInfo(user[0], user[1], user[2], user[3], user[4], user[5]);
        Account account = (Account) only("select Id, Name, Balance from Account where AccountNumber = 'A-1'");
        Subscription subscription = (Subscription) only(
            "select Id, Name, Status, TermEndDate from Subscription where AccountId = '" + account.getId() + "'");
        RatePlan plan = (RatePlan) only("select Id from RatePlan where SubscriptionId = '" + subscription.getId() + "'");
        List<QueryResult> pages = new ArrayList<>();
        pages.add(port.query("select ChargeNumber, Price, EffectiveStartDate, BillingTiming from RatePlanCharge"
            + " where RatePlanId = '" + plan.getId() + "'"));
        while (!pages.get(pages.size() - 1).isDone()) {
            pages.add(port.queryMore(pages.get(pages.size() - 1).getQueryLocator()));
        }
        RatePlanCharge charge = (RatePlanCharge) pages.get(0).getRecords(0);
        BillingPreviewRequest request = new BillingPreviewRequest();
        request.setAccountId(account.getId());
        setTarget(request);
        BillingPreviewResult preview = port.billingPreview(new BillingPreviewRequest[] {request})[0];
        int nothing = port.query("select Id from Account where AccountNumber = 'nobody'").getSize();
        String fault = "none";
        try {
            port.queryMore("nobody");
        } catch (InvalidQueryLocatorFault raised) {
            fault = raised.getFaultCode1().getValue();
        }
        BillingPreviewRun run = new BillingPreviewRun();
        setTarget(run);
        String saved = port.create(new ZObject[] {run})[0].getId();
        BillingPreviewRun made;
        do {
            Thread.sleep(100);
            made = (BillingPreviewRun) only("select Status, ResultFileUrl from BillingPreviewRun where Id = '" + saved + "'");
        } while (Arrays.asList("Pending", "Processing").contains(made.getStatus()));
        URLConnection file = new URL(made.getResultFileUrl()).openConnection();
        file.setRequestProperty("Authorization", "ZSession " + login.getSession());
        byte[] start = new byte[2];
        try (InputStream content = file.getInputStream()) {
            content.read(start);
        }
        System.out.println("{\"username\":" + quoted(user[5].value)
            + ",\"account\":" + list(account.getId(), account.getName(), account.getBalance())
            + ",\"subscription\":" + list(subscription.getId(), subscription.getName(), subscription.getStatus(),
                day(dateOf(subscription, "TermEndDate")))
            + ",\"pages\":" + pages.stream().map(page -> "" + page.getRecords().length).collect(Collectors.joining(",", "[", "]"))
            + ",\"size\":" + quoted(pages.get(pages.size() - 1).getSize())
            + ",\"charge\":" + list(charge.getChargeNumber(), charge.getPrice(),
                day(dateOf(charge, "EffectiveStartDate")), charge.getBillingTiming())
            + ",\"preview\":" + quoted(preview.getSize()) + ",\"nothing\":" + nothing
            + ",\"locator_fault\":" + quoted(fault) + ",\"run\":" + quoted(made.getStatus())
            + ",\"file\":" + quoted(new String(start)) + "}");
    }
}
