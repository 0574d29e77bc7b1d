package dev.weft.routing.admin.control;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.routing.admin.history.Asker;
import dev.weft.routing.clock.SystemTicker;
import dev.weft.routing.identity.IdentityStore;
import dev.weft.routing.identity.MeshTls;
import dev.weft.routing.identity.Pem;
import dev.weft.routing.identity.SpiffeId;
import dev.weft.routing.identity.WorkloadIdentity;
import dev.weft.routing.identity.certificate.Revocations;
import dev.weft.testkit.RawHttp;
import dev.weft.testkit.TestCertificates;
import dev.weft.testkit.TestCertificates.Leaf;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpConnectOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.ext.web.Router;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who may use the admin port that is open to others. */
@Timeout(60)
final class ControlAdminIT {

  private static final SpiffeId SEARCH = new SpiffeId("cluster.local", "prod", "search");
  private static final SpiffeId SHOP = new SpiffeId("cluster.local", "prod", "shop");
  private static final SpiffeId CONTROL = SpiffeId.control("cluster.local");
  private static final String HOST = "127.0.0.1";

  private final SystemTicker ticker = new SystemTicker();
  private final Vertx vertx = Vertx.vertx();
  private final HttpClientAgent client = vertx.createHttpClient();
  private final IdentityStore identities = new IdentityStore();
  private final ControlAdmin admin = new ControlAdmin(identities, ticker);
  private final Router pages = Router.router(vertx);
  private final TestCertificates mesh = new TestCertificates(now());
  private final TestCertificates other = new TestCertificates(now());

  private Instant now() {
    return Instant.ofEpochMilli(ticker.epochMillis());
  }

  @BeforeEach
  void open() throws Exception {
    identities.publish(identity(SEARCH, mesh));
    pages.get("/config").handler(context -> context.end("told to " + context.request().path()));
    pages.get("/who").handler(context -> context.end("asked for " + Asker.of(context)));
    get(admin.open(vertx, HOST, 0, pages));
  }

  @AfterEach
  void close() throws Exception {
    get(vertx.close());
  }

  @Test
  void theControlPlaneIsAnswered() throws Exception {
    assertThat(ask(identity(CONTROL, mesh), SEARCH)).isEqualTo("200 told to /config");
  }

  @Test
  void forWhomTheControlPlaneAsksIsBelievedOfItAlone() throws Exception {
    Asker alice = new Asker(Optional.of("CN=älice, O=shop"), "10.1.2.3", true);
    RequestOptions asking = new RequestOptions().setURI("/who");
    alice.tell(asking.addHeader("x-weft-asked-by", "mallory").getHeaders());
    ClientSSLOptions control = MeshTls.to(identity(CONTROL, mesh), SEARCH, ticker);

    String told = get(connect(control).compose(to -> asked(to, asking)));
    String silent =
        get(connect(control).compose(to -> asked(to, new RequestOptions().setURI("/who"))));
    HttpServer plain = get(vertx.createHttpServer().requestHandler(pages).listen(0, HOST));
    String spoofed =
        get(
            client
                .connect(new HttpConnectOptions().setHost(HOST).setPort(plain.actualPort()))
                .compose(to -> asked(to, asking)));

    assertThat(told)
        .isEqualTo("200 asked for by CN=älice, O=shop from 10.1.2.3 through the control plane");
    assertThat(silent).isEqualTo("200 asked for from 127.0.0.1");
    assertThat(spoofed).isEqualTo("200 asked for from 127.0.0.1");
  }

  @Test
  void nobodyElseIs() throws Exception {
    assertRefused(identity(SHOP, mesh));
    assertRefused(identity(SEARCH, mesh));
    assertRefused(identity(new SpiffeId("other.local", "weft-system", "weft-control"), mesh));
    assertRefused(identity(CONTROL, other));
    ClientSSLOptions nobody = MeshTls.to(identity(CONTROL, mesh), SEARCH, ticker);
    nobody.setKeyCertOptions(null);
    assertThatThrownBy(() -> ask(nobody)).isInstanceOf(Exception.class);
    assertThat(RawHttp.exchange(admin.port(), "GET /config HTTP/1.1\r\nhost: localhost\r\n\r\n"))
        .as("in cleartext")
        .doesNotContain("told");
  }

  @Test
  void theControlPlaneAsksTheProxyThatItMeansAndNoOther() throws Exception {
    assertThatThrownBy(() -> ask(identity(CONTROL, mesh), SHOP))
        .hasStackTraceContaining("it is " + SEARCH + " (expected: " + SHOP + ")");
  }

  @Test
  void anotherIdentityIsShownAndAnotherRootTrustedOnceItIsThere() throws Exception {
    identities.publish(identity(SEARCH, other));

    String answer = "";
    long end = System.nanoTime() + SECONDS.toNanos(20);
    while (!answer.startsWith("200") && System.nanoTime() < end) { // renewed on another thread
      answer = ask(identity(CONTROL, other), SEARCH, "x");
    }
    assertThat(answer).startsWith("200");
    assertRefused(identity(CONTROL, mesh));
  }

  @Test
  void aConnectionEndsToBeGoodWithTheCertificateThatOpenedIt() throws Exception {
    Leaf leaf = mesh.good(CONTROL.toString());
    HttpClientConnection open =
        get(connect(MeshTls.to(identity(CONTROL, mesh, leaf), SEARCH, ticker)));
    String before = get(asked(open));

    List<java.security.cert.X509Certificate> roots =
        WorkloadIdentity.certificates(mesh.rootPem(), "roots");
    identities.publish(
        identity(SEARCH, mesh)
            .trusting(roots, Revocations.told(mesh.list(leaf.certificate()), roots)));

    assertThat(before).startsWith("200");
    assertThat(get(asked(open))).startsWith("403 ").contains("for the control plane alone");
  }

  private void assertRefused(WorkloadIdentity caller) {
    assertThatThrownBy(() -> ask(caller, SEARCH)).isInstanceOf(Exception.class);
  }

  private String ask(WorkloadIdentity caller, SpiffeId expected) throws Exception {
    return ask(MeshTls.to(caller, expected, ticker));
  }

  private String ask(WorkloadIdentity caller, SpiffeId expected, String otherwise) {
    try {
      return ask(caller, expected);
    } catch (Exception e) {
      return otherwise;
    }
  }

  private String ask(ClientSSLOptions shown) throws Exception {
    return get(connect(shown).compose(this::asked));
  }

  private Future<HttpClientConnection> connect(ClientSSLOptions shown) {
    return client.connect(
        new HttpConnectOptions()
            .setHost(HOST)
            .setPort(admin.port())
            .setSsl(true)
            .setSslOptions(shown));
  }

  private Future<String> asked(HttpClientConnection connection) {
    return asked(connection, new RequestOptions().setURI("/config"));
  }

  private Future<String> asked(HttpClientConnection connection, RequestOptions what) {
    return connection
        .request(what)
        .compose(HttpClientRequest::send)
        .compose(answer -> answer.body().map(body -> answer.statusCode() + " " + body));
  }

  private static WorkloadIdentity identity(SpiffeId id, TestCertificates signer)
      throws GeneralSecurityException {
    return identity(id, signer, signer.good(id.toString()));
  }

  private static WorkloadIdentity identity(SpiffeId id, TestCertificates signer, Leaf leaf)
      throws GeneralSecurityException {
    return new WorkloadIdentity(
        id,
        Pem.privateKey(leaf.key(), "EC", "tls.key"),
        WorkloadIdentity.certificates(leaf.certificate(), "tls.crt"),
        WorkloadIdentity.certificates(signer.rootPem(), "ca.crt"));
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(20, SECONDS);
  }
}
