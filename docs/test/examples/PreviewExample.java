import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.regex.Pattern;

/** java PreviewExample.java: starts a stand-in, and calls it over SOAP. In JUnit, start it in @BeforeAll, reset it in @BeforeEach, and end it in @AfterAll. */
public class PreviewExample {

    /** A process with a stand-in. close() ends it. */
    static final class StandIn implements AutoCloseable {
        private final Process process;
        private final HttpClient http = HttpClient.newHttpClient();
        final String url;

        StandIn() throws Exception {
            process = new ProcessBuilder(
                            "soapsvc", "serve", "--stand-in", "--port", "0", "--as-of", "2026-01-15T00:00:00Z")
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            var lines = new BufferedReader(new InputStreamReader(process.getInputStream()));
            String line = lines.readLine();
            while (line != null && !line.startsWith("listening on ")) {
                line = lines.readLine();
            }
            url = line.substring("listening on ".length()).trim();
        }

        String admin(String method, String path, String body) throws Exception {
            return send(HttpRequest.newBuilder(URI.create(url + "/_admin" + path)).method(method, of(body)).build());
        }

        String soap(String body, String session) throws Exception {
            String header = session == null ? ""
                    : "<a:SessionHeader><a:session>" + session + "</a:session></a:SessionHeader>";
            String envelope = "<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\""
                    + " xmlns:a=\"http://api.zuora.com/\"><e:Header>" + header + "</e:Header><e:Body>" + body
                    + "</e:Body></e:Envelope>";
            return send(HttpRequest.newBuilder(URI.create(url + "/apps/services/a/153.0"))
                    .header("Content-Type", "text/xml").POST(of(envelope)).build());
        }

        private String send(HttpRequest request) throws Exception {
            return http.send(request, HttpResponse.BodyHandlers.ofString()).body();
        }

        private static HttpRequest.BodyPublisher of(String body) {
            return HttpRequest.BodyPublishers.ofString(body);
        }

        @Override
        public void close() {
            process.destroy();
        }
    }

    static List<String> all(String text, String pattern) {
        return Pattern.compile(pattern).matcher(text).results().map(found -> found.group(1)).toList();
    }

    static List<Double> amounts(StandIn server, String account, String target) throws Exception {
        String login = "<a:login><a:username>demo@example.com</a:username><a:password>demo</a:password></a:login>";
        String session = all(server.soap(login, null), "<[^<>/]*:Session>([^<]*)<").get(0);
        String request = "<a:AccountId>" + account + "</a:AccountId><a:TargetDate>" + target + "</a:TargetDate>";
        String answer = server.soap("<a:billingPreview><a:requests>" + request + "</a:requests></a:billingPreview>", session);
        return all(answer, "<[^<>/]*:ChargeAmount>([^<]*)<").stream().map(Double::valueOf).toList();
    }

    public static void main(String[] arguments) throws Exception {
        try (var server = new StandIn()) {
            String gold = "{\"plan\": \"Gold\", \"price\": 31, \"start\": \"2026-01-01\"}";
            String answer = server.admin("PUT", "/accounts/A-SHOP", "{\"currency\": \"EUR\", \"subscriptions\": [" + gold + "]}");
            String account = all(answer, "\"accountId\":\"([^\"]*)\"").get(0);
            expect(List.of(31.0, 31.0), amounts(server, account, "2026-02-01"));
            server.admin("POST", "/bill-runs", "{\"targetDate\": \"2026-02-01\"}");
            expect(List.of(31.0), amounts(server, account, "2026-03-01"));
            System.out.println("ok");
        }
    }

    static void expect(List<Double> expected, List<Double> found) {
        if (!expected.equals(found)) {
            throw new AssertionError("expected " + expected + ", found " + found);
        }
    }
}
