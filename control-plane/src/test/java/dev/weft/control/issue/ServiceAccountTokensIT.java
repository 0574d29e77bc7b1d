package dev.weft.control.issue;

import static dev.weft.control.issue.IssuingServer.LONG;
import static dev.weft.control.issue.IssuingServer.MESH;
import static dev.weft.control.issue.IssuingServer.done;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.control.Accounts;
import dev.weft.control.ca.CertificateAuthority;
import dev.weft.control.ca.Signing;
import dev.weft.kubernetes.KubernetesApi;
import dev.weft.kubernetes.trust.TokenReviews;
import dev.weft.routing.clock.SystemTicker;
import dev.weft.routing.clock.Timers;
import dev.weft.routing.clock.VertxTimers;
import dev.weft.routing.identity.IdentityStore;
import dev.weft.routing.identity.MeshTls;
import dev.weft.routing.identity.Pem;
import dev.weft.routing.identity.SigningRequest;
import dev.weft.routing.identity.SpiffeId;
import dev.weft.routing.identity.WorkloadIdentity;
import dev.weft.routing.identity.join.ControlPlaneIdentity;
import dev.weft.routing.identity.join.JoinFiles;
import dev.weft.testkit.Requests;
import dev.weft.testkit.Tools;
import dev.weft.testkit.kube.KubeApiServer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.ClientSSLOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** Workloads join with the tokens of their ServiceAccounts; a real API server vouches for them. */
@Timeout(180)
@EnabledIf(value = "canStart", disabledReason = "needs the built API server, or go and curl")
final class ServiceAccountTokensIT {

  private static final SpiffeId SEARCH = new SpiffeId(MESH, "shop", "search");

  private static KubeApiServer kube;
  private static KubernetesApi api;
  private static Vertx vertx;
  private static Accounts search;
  private static Accounts basket;

  private final SystemTicker ticker = new SystemTicker();
  private final BlockingQueue<Duration> waits = new LinkedBlockingQueue<>();
  private final BlockingQueue<Runnable> renewals = new LinkedBlockingQueue<>(); // none comes alone
  private final IdentityStore store = new IdentityStore();
  private final BlockingQueue<WorkloadIdentity> published = new LinkedBlockingQueue<>();
  private final Timers telling =
      (delay, task) -> {
        waits.add(delay);
        if (delay.compareTo(Duration.ofHours(1)) > 0) {
          renewals.add(task);
          return () -> renewals.remove(task);
        }
        return new VertxTimers(vertx).after(delay, task);
      };
  private final List<ControlPlaneIdentity> open = new ArrayList<>();
  private HttpClient client; // a client that nobody holds closes itself
  private IssuingServer server;

  @TempDir private Path folder;

  static boolean canStart() {
    return Tools.there(KubeApiServer.missing().stream());
  }

  @BeforeAll
  static void up() {
    kube = KubeApiServer.start();
    vertx = Vertx.vertx();
    api = KubernetesApi.connect(vertx, kube.kubeconfig());
    search = new Accounts(kube, "shop", "search");
    search.pod("kept");
    basket = new Accounts(kube, "other", "basket");
    basket.pod("basket");
  }

  @AfterAll
  static void down() throws Exception {
    if (kube != null) {
      api.close();
      done(vertx.close());
      kube.close();
    }
  }

  @BeforeEach
  void open() throws Exception {
    client = vertx.createHttpClient();
    store.onChange(published::add);
    server =
        new IssuingServer(vertx, folder.resolve("ca"), ticker, Optional.of(new TokenReviews(api)));
    server.open(LONG);
    Files.writeString(folder.resolve("roots"), Pem.certificates(List.of(root())));
  }

  @AfterEach
  void close() {
    open.forEach(ControlPlaneIdentity::close);
  }

  @Test
  void theTokenOfAPodGivesTheIdentityOfItsAccount() throws Exception {
    WorkloadIdentity own = done(joining(search.token("weft", "kept")).start());

    assertThat(own.id()).isEqualTo(SEARCH);
    assertThat(own.roots()).containsExactly(root());
  }

  @Test
  void aTokenIsGoodForEachPodOfItsAccountAgainAndAgain() throws Exception {
    String token = search.token("weft", "kept");

    assertThat(post(token).status()).isEqualTo(200);
    assertThat(post(token).status()).isEqualTo(200);
  }

  @Test
  void joinTokensGoOnWorking() throws Exception {
    WorkloadIdentity own = done(joining(server.token()).start());

    assertThat(own.id()).isEqualTo(new SpiffeId(MESH, "prod", "search"));
  }

  @Test
  void aTokenForAnotherAudienceIsRefused() throws Exception {
    Answer answer = post(search.token("vault", "kept"));

    assertThat(answer.status()).isEqualTo(403);
    assertThat(answer.error()).contains("is for another audience than weft");
  }

  @Test
  void theTokenOfAPodThatIsGoneIsRefused() throws Exception {
    search.pod("gone");
    assertThat(post(search.token("weft", "gone")).status()).isEqualTo(200);
    String token = search.token("weft", "gone"); // the API server keeps what it said of one

    kube.kubectl("delete", "-n", "shop", "pod", "gone", "--now");

    assertThat(post(token).status()).isEqualTo(403);
  }

  @Test
  void whatNobodySignedIsRefused() throws Exception {
    String[] parts = search.token("weft", "kept").split("\\.", -1);
    String forged = parts[0] + "." + parts[1] + "." + parts[2].replaceAll("[A-Z]", "a");

    assertThat(post(forged).status()).isEqualTo(403);
    assertThat(post("a.b.c").status()).isEqualTo(403);
    assertThat(post("").status()).isEqualTo(403);
  }

  @Test
  void aBadTokenIsTriedAgainUntilAGoodOneIsThere() throws Exception {
    Future<WorkloadIdentity> joined = joining(search.token("vault", "kept")).start();
    failedOnce();

    Files.writeString(folder.resolve("token"), search.token("weft", "kept"));

    assertThat(done(joined).id()).isEqualTo(SEARCH);
  }

  @Test
  void rootsMayComeLater() throws Exception {
    Files.delete(folder.resolve("roots"));
    Future<WorkloadIdentity> joined = joining(search.token("weft", "kept")).start();

    failedOnce();
    assertThat(server.requests()).isZero();
    Files.writeString(folder.resolve("roots"), Pem.certificates(List.of(root())));

    assertThat(done(joined).id()).isEqualTo(SEARCH);
  }

  @Test
  void nothingIsSentToAServerUnderAnotherRoot() throws Exception {
    X509Certificate other =
        CertificateAuthority.open(folder.resolve("other"), MESH, LONG, ticker).root();
    Files.writeString(folder.resolve("roots"), Pem.certificates(List.of(other)));
    Future<WorkloadIdentity> joined = joining(search.token("weft", "kept")).start();
    failedOnce();

    assertThat(server.requests()).isZero();
    Files.writeString(folder.resolve("roots"), Pem.certificates(List.of(other, root())));

    assertThat(done(joined).id()).isEqualTo(SEARCH);
  }

  @Test
  void whileTheApiServerIsAwayNobodyIsRefusedForGood() throws Exception {
    String token = search.token("weft", "kept");
    Future<Void> restarted =
        vertx.executeBlocking(
            () -> {
              kube.restart(Duration.ofSeconds(3));
              return null;
            });
    Answer answer = post(token);
    while (answer.status() == 200) {
      answer = post(token);
    }
    assertThat(answer.status()).isEqualTo(503);
    assertThat(answer.error()).startsWith("TokenReview: ");
    assertThat(answer.retryAfter()).isEqualTo("2");

    WorkloadIdentity own = done(joining(token).start());

    assertThat(own.id()).isEqualTo(SEARCH);
    done(restarted);
  }

  @Test
  void aCertificateIsRenewedWithATokenOfItsAccountOnly() throws Exception {
    WorkloadIdentity own = done(joining(search.token("weft", "kept")).start());
    ClientSSLOptions shown = MeshTls.toControl(own, ticker);

    Answer without = post(shown, Optional.empty());
    Answer another = post(shown, Optional.of(basket.token("weft", "basket")));
    Answer right = post(shown, Optional.of(search.token("weft", "kept")));

    assertThat(without)
        .isEqualTo(
            new Answer(403, SEARCH + " is renewed with the token of its ServiceAccount only", ""));
    assertThat(another)
        .isEqualTo(
            new Answer(
                403,
                "the token is of spiffe://cluster.local/ns/other/sa/basket, but the certificate of "
                    + SEARCH,
                ""));
    assertThat(right.status()).isEqualTo(200);
  }

  @Test
  void aProxyThatIsRenewedShowsItsTokenWhereItIsThere() throws Exception {
    done(joining(search.token("weft", "kept")).start());
    WorkloadIdentity joined = next();
    Runnable renewal = renewals.poll(20, SECONDS);

    renewal.run();

    WorkloadIdentity renewed = next();
    assertThat(renewed.id()).isEqualTo(SEARCH);
    assertThat(renewed.leaf()).isNotEqualTo(joined.leaf());
    assertThat(server.requests()).isEqualTo(2);
  }

  @Test
  void aCertificateOfAJoinTokenIsRenewedByItself() throws Exception {
    WorkloadIdentity own = done(joining(server.token()).start());

    assertThat(post(MeshTls.toControl(own, ticker), Optional.empty()).status()).isEqualTo(200);
  }

  @Test
  void aProxyThatMissedAChangeOfRootsJoinsAgain() throws Exception {
    done(joining(search.token("weft", "kept")).start());
    next();
    Runnable renewal = renewals.poll(20, SECONDS);

    Signing changed = server.changeRoot();
    Files.writeString(folder.resolve("roots"), Pem.certificates(changed.roots()));
    renewal.run();

    assertThat(next().roots()).isEqualTo(changed.roots());
  }

  @Test
  void aProxyThatWasDownWhileRootsChangedRenewsAtOnce() throws Exception {
    Path state = folder.resolve("state");
    ControlPlaneIdentity down = joining(search.token("weft", "kept"), state);
    WorkloadIdentity before = done(down.start());
    down.close(); // one that runs would see the other root and renew what is kept
    Signing changed = server.changeRoot();
    List<X509Certificate> both = List.of(before.roots().get(0), changed.root());
    Files.writeString(folder.resolve("roots"), Pem.certificates(both));

    WorkloadIdentity kept = done(joining(search.token("weft", "kept"), state).start());

    assertThat(kept).isEqualTo(before);
    assertThat(next()).isEqualTo(before);
    assertThat(next()).isEqualTo(kept);
    assertThat(next().roots()).isEqualTo(changed.roots());
  }

  private WorkloadIdentity next() throws InterruptedException {
    WorkloadIdentity one = published.poll(20, SECONDS);
    assertThat(one).isNotNull();
    return one;
  }

  private ControlPlaneIdentity joining(String token) throws Exception {
    return joining(token, folder.resolve("state"));
  }

  private ControlPlaneIdentity joining(String token, Path state) throws Exception {
    Path file = Files.writeString(folder.resolve("token"), token);
    ControlPlaneIdentity joining =
        new ControlPlaneIdentity(
            vertx,
            new ControlPlaneIdentity.Address("127.0.0.1", server.port(), MESH),
            new JoinFiles(Optional.of(file), Optional.of(folder.resolve("roots"))),
            Optional.of(state),
            store,
            new ControlPlaneIdentity.Turns(ticker, telling, bound -> 0));
    open.add(joining);
    return joining;
  }

  /** A try failed, and another one comes. */
  private void failedOnce() throws InterruptedException {
    assertThat(waits.poll(20, SECONDS)).isEqualTo(Duration.ofSeconds(1));
  }

  private record Answer(int status, String error, String retryAfter) {}

  private Answer post(String token) throws Exception {
    return post(
        MeshTls.joining(Set.of(Pem.fingerprint(root())), SpiffeId.control(MESH), ticker),
        Optional.of(token));
  }

  private Answer post(ClientSSLOptions tls, Optional<String> token) throws Exception {
    JsonObject body = new JsonObject().put("csr", SigningRequest.create().pem());
    token.ifPresent(shown -> body.put("token", shown));
    RequestOptions options =
        new RequestOptions()
            .setMethod(HttpMethod.POST)
            .setHost("127.0.0.1")
            .setPort(server.port())
            .setURI("/v1/certificates")
            .setSsl(true)
            .setSslOptions(tls);
    return done(
        client
            .request(options)
            .compose(request -> Requests.sent(request, body.toBuffer()))
            .compose(
                response ->
                    response
                        .body()
                        .map(
                            text ->
                                new Answer(
                                    response.statusCode(),
                                    text.toJsonObject().getString("error", ""),
                                    String.valueOf(response.headers().get("retry-after"))
                                        .replace("null", "")))));
  }

  private X509Certificate root() throws Exception {
    return server.authority(LONG).root();
  }
}
