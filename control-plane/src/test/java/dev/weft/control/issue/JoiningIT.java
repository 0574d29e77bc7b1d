package dev.weft.control.issue;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.control.ca.CertificateAuthority;
import dev.weft.control.ca.JoinTokens;
import dev.weft.routing.identity.ControlPlaneIdentity;
import dev.weft.routing.identity.IdentityStore;
import dev.weft.routing.identity.MeshTls;
import dev.weft.routing.identity.Pem;
import dev.weft.routing.identity.SpiffeId;
import dev.weft.routing.identity.WorkloadIdentity;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.ServerSSLOptions;
import io.vertx.ext.web.Router;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A workload joins, renews, restarts, over the real wire. */
@Timeout(60)
final class JoiningIT {

  private static final String MESH = "cluster.local";
  private static final SpiffeId SEARCH = new SpiffeId(MESH, "prod", "search");
  private static final Duration LONG = Duration.ofDays(10);
  // dated back by five minutes, so it is past its half life when it is issued: renewed at once
  private static final Duration SHORT = Duration.ofMinutes(2);

  private final TurnedTicker ticker = new TurnedTicker();
  private final IdentityStore store = new IdentityStore();
  private final BlockingQueue<WorkloadIdentity> published = new LinkedBlockingQueue<>();
  private final AtomicInteger requests = new AtomicInteger();
  private Vertx vertx;
  private HttpClient client; // a client that nobody holds closes itself
  private JoinTokens tokens;
  private int port;

  @TempDir private Path folder;

  @BeforeEach
  void open() throws Exception {
    vertx = Vertx.vertx();
    client = vertx.createHttpClient();
    store.onChange(published::add);
    tokens = new JoinTokens(folder.resolve("ca"), ticker);
  }

  @AfterEach
  void close() throws Exception {
    done(vertx.close());
  }

  @Test
  void aTokenGivesTheIdentityThatItIsBoundTo() throws Exception {
    serve(LONG);

    WorkloadIdentity own = done(joining(token()).start());

    assertThat(own.id()).isEqualTo(SEARCH);
    assertThat(store.current()).contains(own);
    assertThat(own.roots()).containsExactly(authority(LONG).root());
  }

  @Test
  void aTokenIsGoodOnce() throws Exception {
    serve(LONG);
    String token = token();
    done(joining(token).start());
    Files.delete(folder.resolve("state").resolve("identity.pem"));

    Future<WorkloadIdentity> again = joining(token).start();

    assertThatThrownBy(() -> done(again))
        .hasRootCauseMessage(
            "the control plane refused: the join token is not known or was used already");
  }

  @Test
  void nothingIsSentToAServerUnderAnotherRoot() throws Exception {
    serve(LONG);
    X509Certificate other =
        CertificateAuthority.open(folder.resolve("other"), MESH, LONG, ticker).root();
    String token = tokens.create("prod/search", Duration.ofHours(1), Pem.fingerprint(other));

    Future<HttpClientResponse> sent =
        post(
            MeshTls.joining(Pem.fingerprint(other), SpiffeId.control(MESH), ticker),
            new JsonObject().put("token", token).toBuffer());

    assertThatThrownBy(() -> done(sent))
        .hasStackTraceContaining("its root is not the one that the token names");
    assertThat(requests).hasValue(0);
    assertThat(tokens.redeem(token)).isEqualTo("prod/search");
  }

  @Test
  void aRestartFindsKeyAndCertificateAndNeedsNoToken() throws Exception {
    serve(LONG);
    WorkloadIdentity before = done(joining(token()).start());
    IdentityStore fresh = new IdentityStore();

    WorkloadIdentity after = done(workload(Optional.empty(), fresh).start());

    assertThat(after).isEqualTo(before);
    assertThat(requests).hasValue(1);
    Path kept = folder.resolve("state");
    assertThat(mode(kept)).isEqualTo("rwx------");
    assertThat(mode(kept.resolve("identity.pem"))).isEqualTo("rw-------");
  }

  @Test
  void aCertificateRenewsItselfWithTheOneBeforeIt() throws Exception {
    serve(SHORT);
    done(joining(token()).start());

    WorkloadIdentity first = next();
    WorkloadIdentity second = next();

    assertThat(second.id()).isEqualTo(first.id());
    assertThat(second.key()).isNotEqualTo(first.key());
    assertThat(second.leaf().getSerialNumber()).isNotEqualTo(first.leaf().getSerialNumber());
  }

  @Test
  void aCertificateThatHasEndedIsReplacedByANewToken() throws Exception {
    serve(SHORT);
    String another = token();
    // on the thread that publishes, before the renewal is planned
    store.onChange(
        first -> {
          if (published.size() == 1) {
            replaceToken(another);
            ticker.turn(Duration.ofHours(1));
          }
        });

    WorkloadIdentity first = done(joining(token()).start());
    next();
    WorkloadIdentity second = next();

    assertThat(second.notAfter()).isAfter(first.notAfter().plus(Duration.ofMinutes(30)));
    assertThatThrownBy(() -> tokens.redeem(another)).isInstanceOf(JoinTokens.Refused.class);
  }

  private Future<HttpClientResponse> post(ClientSSLOptions tls, Buffer body) {
    RequestOptions options =
        new RequestOptions()
            .setMethod(HttpMethod.POST)
            .setHost("127.0.0.1")
            .setPort(port)
            .setURI("/v1/certificates")
            .setSsl(true)
            .setSslOptions(tls);
    return client
        .request(options)
        .compose(request -> request.send(body))
        .compose(response -> response.body().map(response));
  }

  private String token() throws Exception {
    return tokens.create(
        "prod/search", Duration.ofHours(2), Pem.fingerprint(authority(LONG).root()));
  }

  private void replaceToken(String token) {
    try {
      Files.writeString(folder.resolve("token"), token);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private ControlPlaneIdentity joining(String token) throws Exception {
    return workload(Optional.of(Files.writeString(folder.resolve("token"), token)), store);
  }

  private ControlPlaneIdentity workload(Optional<Path> tokenFile, IdentityStore to) {
    return new ControlPlaneIdentity(
        vertx,
        new ControlPlaneIdentity.Address("127.0.0.1", port, MESH),
        tokenFile,
        Optional.of(folder.resolve("state")),
        to,
        ticker);
  }

  private CertificateAuthority authority(Duration life) throws Exception {
    return CertificateAuthority.open(folder.resolve("ca"), MESH, life, ticker);
  }

  private void serve(Duration life) throws Exception {
    WorkloadIdentity own = authority(LONG).own(SpiffeId.control(MESH));
    ServerSSLOptions tls = MeshTls.control(own, ticker);
    Router router = Router.router(vertx);
    router
        .route()
        .handler(
            context -> {
              requests.incrementAndGet();
              context.next();
            });
    new IssuanceRoutes(vertx, authority(life), tokens).mount(router);
    HttpServerOptions options =
        new HttpServerOptions()
            .setHost("127.0.0.1")
            .setPort(0)
            .setSsl(true)
            .setUseAlpn(true)
            .setKeyCertOptions(tls.getKeyCertOptions())
            .setTrustOptions(tls.getTrustOptions())
            .setClientAuth(tls.getClientAuth());
    options.setEnabledSecureTransportProtocols(tls.getEnabledSecureTransportProtocols());
    port = done(vertx.createHttpServer(options).requestHandler(router).listen()).actualPort();
  }

  private WorkloadIdentity next() throws InterruptedException {
    WorkloadIdentity one = published.poll(20, SECONDS);
    assertThat(one).isNotNull();
    return one;
  }

  private static String mode(Path path) throws Exception {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  private static <T> T done(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(20, SECONDS);
  }
}
