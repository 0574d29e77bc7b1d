package dev.weft.control.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.control.access.AccessSettings.Named;
import dev.weft.routing.admin.history.Asker;
import dev.weft.routing.clock.SystemTicker;
import dev.weft.routing.process.HostPort;
import dev.weft.testkit.TestCertificates;
import dev.weft.testkit.TestCertificates.Leaf;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who reaches the dashboard from elsewhere. */
@Timeout(60)
final class AccessPortIT {

  private static final String TOKEN = "0123456789abcdef0123456789abcdef";
  private static final String PERSON = "text/html,application/xhtml+xml";

  @TempDir Path folder;

  private final SystemTicker ticker = new SystemTicker();
  private final Vertx vertx = Vertx.vertx();
  private final TestCertificates own =
      new TestCertificates(Instant.ofEpochMilli(ticker.epochMillis()));
  private final TestCertificates other =
      new TestCertificates(Instant.ofEpochMilli(ticker.epochMillis()));
  private final List<HttpClient> clients = new ArrayList<>();
  private HttpClientOptions client;
  private int port;

  /** What came back. */
  private record Answer(int status, Map<String, String> headers, String body) {}

  @BeforeEach
  void files() throws Exception {
    Leaf server = own.ofAddress("127.0.0.1");
    Files.writeString(folder.resolve("tls.crt"), server.certificate());
    Files.writeString(folder.resolve("tls.key"), server.key());
    Files.writeString(folder.resolve("clients.pem"), own.rootPem());
    Path token = Files.writeString(folder.resolve("token"), TOKEN + "\n");
    Files.setPosixFilePermissions(token, PosixFilePermissions.fromString("rw-------"));
    client =
        new HttpClientOptions()
            .setSsl(true)
            .setTrustOptions(new PemTrustOptions().addCertValue(Buffer.buffer(own.rootPem())));
  }

  @AfterEach
  void close() throws Exception {
    get(vertx.close());
  }

  @Test
  void withoutTheTokenNothingIsShown() throws Exception {
    open(Optional.of(folder.resolve("token")), Optional.empty());

    Answer program = ask(HttpMethod.GET, "/proxies", Map.of());
    Answer person = ask(HttpMethod.GET, "/dashboard/", Map.of("accept", PERSON));
    Answer login = ask(HttpMethod.GET, "/login", Map.of());

    assertThat(program.status).isEqualTo(401);
    assertThat(program.body).isEqualTo("{\"error\":\"the token is needed\"}");
    assertThat(program.headers).containsEntry("www-authenticate", "Bearer realm=\"weft\"");
    assertThat(person.status).isEqualTo(303);
    assertThat(person.headers).containsEntry("location", "/login");
    assertThat(login.status).isEqualTo(200);
    assertThat(login.body).contains("<form method=\"post\" action=\"/login\">");
    assertThat(login.headers.get("content-security-policy"))
        .contains("default-src 'none'", "form-action 'self'", "frame-ancestors 'none'");
  }

  @Test
  void theTokenOfAProgramLetsItIn() throws Exception {
    open(Optional.of(folder.resolve("token")), Optional.empty());

    assertThat(ask(HttpMethod.GET, "/proxies", bearer(TOKEN)).body).isEqualTo("shown");
    assertThat(ask(HttpMethod.GET, "/proxies", bearer("f" + TOKEN.substring(1))).status)
        .isEqualTo(401);
    assertThat(ask(HttpMethod.POST, "/change", bearer(TOKEN)).status).isEqualTo(403);
  }

  @Test
  void wrongTokensAreBounded() throws Exception {
    open(Optional.of(folder.resolve("token")), Optional.empty());
    for (int i = 0; i < 5; i++) {
      assertThat(ask(HttpMethod.GET, "/proxies", bearer("wrong" + i)).status).isEqualTo(401);
    }

    Answer late = ask(HttpMethod.GET, "/proxies", bearer(TOKEN));
    Answer form = login(TOKEN, Map.of());

    assertThat(late.status).isEqualTo(429);
    assertThat(Integer.parseInt(late.headers.get("retry-after"))).isBetween(1, 12);
    assertThat(form.status).isEqualTo(429);
    assertThat(form.headers).doesNotContainKey("set-cookie");
  }

  @Test
  void whoLoggedInHasACookieThatNoScriptReadsAndNoOtherPageSends() throws Exception {
    open(Optional.of(folder.resolve("token")), Optional.empty());

    Answer in = login(TOKEN, Map.of("origin", "https://127.0.0.1:" + port));
    String cookie = in.headers.get("set-cookie");
    Map<String, String> session = Map.of("cookie", cookie.split(";", 2)[0]);

    assertThat(in.status).isEqualTo(303);
    assertThat(in.headers).containsEntry("location", "/dashboard/");
    assertThat(cookie)
        .startsWith("__Host-weft=")
        .doesNotContain(TOKEN)
        .contains("Path=/", "Secure", "HTTPOnly", "SameSite=Strict");
    assertThat(ask(HttpMethod.GET, "/proxies", session).body).isEqualTo("shown");
    assertThat(ask(HttpMethod.POST, "/change", session).status)
        .as("without the header that a form cannot send")
        .isEqualTo(403);
    assertThat(ask(HttpMethod.POST, "/logout", with(session, "x-weft-admin", "1")).status)
        .isEqualTo(303);
    assertThat(ask(HttpMethod.GET, "/proxies", session).status).isEqualTo(401);
  }

  @Test
  void anotherPageGetsNowhere() throws Exception {
    open(Optional.of(folder.resolve("token")), Optional.empty());
    String evil = "https://evil.example";

    Answer in = login(TOKEN, Map.of("origin", evil));
    Answer read = ask(HttpMethod.GET, "/proxies", with(bearer(TOKEN), "origin", evil));

    assertThat(in.status).isEqualTo(403);
    assertThat(in.headers).doesNotContainKey("set-cookie");
    assertThat(read.status).isEqualTo(403);
  }

  @Test
  void aClientsCertificateLetsIn() throws Exception {
    open(Optional.empty(), Optional.of(folder.resolve("clients.pem")));

    assertThatThrownBy(() -> ask(HttpMethod.GET, "/proxies", Map.of()))
        .as("without one")
        .isInstanceOf(Exception.class);
    show(own);
    assertThat(ask(HttpMethod.GET, "/proxies", Map.of()).body).isEqualTo("shown");
    show(other);
    assertThatThrownBy(() -> ask(HttpMethod.GET, "/proxies", Map.of()))
        .as("of another authority")
        .isInstanceOf(Exception.class);
  }

  @Test
  void whereBothLetInEitherDoes() throws Exception {
    open(Optional.of(folder.resolve("token")), Optional.of(folder.resolve("clients.pem")));

    assertThat(ask(HttpMethod.GET, "/proxies", Map.of()).status).isEqualTo(401);
    assertThat(ask(HttpMethod.GET, "/proxies", bearer(TOKEN)).body).isEqualTo("shown");
    show(own);
    assertThat(ask(HttpMethod.GET, "/proxies", Map.of()).body).isEqualTo("shown");
  }

  @Test
  void itIsKnownWhoAsksAndWhoMayLookAloneChangesNothing() throws Exception {
    String looks = "f".repeat(32);
    Path other = Files.writeString(folder.resolve("bob"), looks);
    Files.setPosixFilePermissions(other, PosixFilePermissions.fromString("rw-------"));
    open(
        List.of(new Named("alice", folder.resolve("token")), new Named("bob", other)),
        Optional.of(folder.resolve("clients.pem")),
        Set.of("alice"));
    String sent = login(looks, Map.of()).headers.get("set-cookie");
    Map<String, String> session = Map.of("cookie", sent.split(";", 2)[0], "x-weft-admin", "1");

    Answer alice = ask(HttpMethod.POST, "/change", with(bearer(TOKEN), "x-weft-admin", "1"));
    Answer bob = ask(HttpMethod.POST, "/change", with(bearer(looks), "x-weft-admin", "1"));
    Answer late = ask(HttpMethod.POST, "/change", session);

    assertThat(alice.body).isEqualTo("changed by token alice from 127.0.0.1");
    assertThat(bob.status).isEqualTo(403);
    assertThat(bob.body).contains("token bob may look, and change nothing");
    assertThat(ask(HttpMethod.GET, "/who", session).body).isEqualTo("by token bob from 127.0.0.1");
    assertThat(late.status).as("of his session, too").isEqualTo(403);
    assertThat(ask(HttpMethod.POST, "/logout", session).status).isEqualTo(303);
    show(own);
    Answer certified = ask(HttpMethod.GET, "/who", Map.of());
    assertThat(certified.body).startsWith("by ").contains("=").endsWith(" from 127.0.0.1");
    assertThat(ask(HttpMethod.POST, "/change", Map.of("x-weft-admin", "1")).status)
        .as("a certificate that --dashboard-editor does not name")
        .isEqualTo(403);
  }

  @Test
  void filesThatCannotBeUsedAreToldAtTheStart() throws IOException {
    Files.setPosixFilePermissions(
        folder.resolve("token"), PosixFilePermissions.fromString("rw-r--r--"));

    assertThatThrownBy(() -> open(Optional.of(folder.resolve("token")), Optional.empty()))
        .hasMessageContaining("is open to others");
  }

  private void open(Optional<Path> token, Optional<Path> clients) throws Exception {
    open(token.stream().map(file -> new Named("alice", file)).toList(), clients, Set.of());
  }

  private void open(List<Named> tokens, Optional<Path> clients, Set<String> editors)
      throws Exception {
    AccessSettings settings =
        new AccessSettings(
            new HostPort("127.0.0.1", 0), Optional.of(folder), tokens, clients, editors);
    port =
        get(
            new AccessPort(vertx, settings, ticker)
                .open(
                    router -> {
                      router.get("/proxies").handler(context -> context.end("shown"));
                      router.get("/who").handler(context -> context.end(who(context)));
                      router
                          .post("/change")
                          .handler(context -> context.end("changed " + who(context)));
                    }));
  }

  private static String who(RoutingContext context) {
    return Asker.of(context).toString();
  }

  private void show(TestCertificates signer) {
    Leaf leaf = signer.good("spiffe://cluster.local/ns/people/sa/operator");
    client.setKeyCertOptions(
        new PemKeyCertOptions()
            .addCertValue(Buffer.buffer(leaf.certificate()))
            .addKeyValue(Buffer.buffer(leaf.key())));
  }

  private Answer login(String token, Map<String, String> headers) throws Exception {
    return ask(
        HttpMethod.POST,
        "/login",
        with(headers, "content-type", "application/x-www-form-urlencoded"),
        "token=" + token);
  }

  private static Map<String, String> bearer(String token) {
    return Map.of("authorization", "Bearer " + token);
  }

  private static Map<String, String> with(Map<String, String> headers, String name, String value) {
    Map<String, String> all = new HashMap<>(headers);
    all.put(name, value);
    return all;
  }

  private Answer ask(HttpMethod method, String path, Map<String, String> headers) throws Exception {
    return ask(method, path, headers, "");
  }

  private Answer ask(HttpMethod method, String path, Map<String, String> headers, String body)
      throws Exception {
    RequestOptions options =
        new RequestOptions().setHost("127.0.0.1").setPort(port).setMethod(method).setURI(path);
    headers.forEach(options::putHeader);
    HttpClient asking = vertx.createHttpClient(client);
    clients.add(asking); // one that nobody holds is closed
    return get(
        asking
            .request(options)
            .compose(request -> request.send(Buffer.buffer(body)))
            .compose(AccessPortIT::answer));
  }

  private static Future<Answer> answer(HttpClientResponse response) {
    Map<String, String> headers = new HashMap<>();
    response
        .headers()
        .forEach(
            header -> headers.put(header.getKey().toLowerCase(Locale.ROOT), header.getValue()));
    return response.body().map(body -> new Answer(response.statusCode(), headers, body.toString()));
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }
}
