package dev.weft.control.issue;

import static dev.weft.control.issue.IssuingServer.LONG;
import static dev.weft.control.issue.IssuingServer.MESH;
import static dev.weft.control.issue.IssuingServer.done;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.control.TurnedTicker;
import dev.weft.control.ca.CertificateAuthority;
import dev.weft.control.ca.JoinTokens;
import dev.weft.routing.clock.Timers;
import dev.weft.routing.identity.IdentityStore;
import dev.weft.routing.identity.MeshTls;
import dev.weft.routing.identity.Pem;
import dev.weft.routing.identity.SigningRequest;
import dev.weft.routing.identity.SpiffeId;
import dev.weft.routing.identity.WorkloadIdentity;
import dev.weft.routing.identity.join.ControlPlaneIdentity;
import dev.weft.routing.identity.join.ControlPlaneIdentity.Turns;
import dev.weft.routing.identity.join.JoinFiles;
import dev.weft.testkit.Requests;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.ClientSSLOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A workload joins, renews, restarts, over the real wire. */
@Timeout(60)
final class JoiningIT {

  private static final SpiffeId SEARCH = new SpiffeId(MESH, "prod", "search");
  // dated back by five minutes, so it is past its half life when it is issued: renewed at once
  private static final Duration SHORT = Duration.ofMinutes(2);

  private static final Duration DAY = Duration.ofHours(24);

  private final TurnedTicker ticker = new TurnedTicker();
  private final IdentityStore store = new IdentityStore();
  private final BlockingQueue<WorkloadIdentity> published = new LinkedBlockingQueue<>();
  private Vertx vertx;
  private HttpClient client; // a client that nobody holds closes itself
  private IssuingServer server;

  @TempDir private Path folder;

  @BeforeEach
  void open() throws Exception {
    vertx = Vertx.vertx();
    client = vertx.createHttpClient();
    store.onChange(published::add);
    server = new IssuingServer(vertx, folder.resolve("ca"), ticker);
  }

  @AfterEach
  void close() throws Exception {
    done(vertx.close());
  }

  @Test
  void aTokenGivesTheIdentityThatItIsBoundTo() throws Exception {
    server.open(LONG);

    WorkloadIdentity own = done(joining(server.token()).start());

    assertThat(own.id()).isEqualTo(SEARCH);
    assertThat(store.current()).contains(own);
    assertThat(own.roots()).containsExactly(server.authority(LONG).root());
  }

  @Test
  void aTokenIsGoodOnce() throws Exception {
    server.open(LONG);
    String token = server.token();
    done(joining(token).start());
    Files.delete(folder.resolve("state").resolve("identity.pem"));

    Future<WorkloadIdentity> again = joining(token).start();

    assertThatThrownBy(() -> done(again))
        .hasRootCauseMessage(
            "the control plane refused: the join token is not known or was used already");
  }

  @Test
  void nothingIsSentToAServerUnderAnotherRoot() throws Exception {
    server.open(LONG);
    X509Certificate other =
        CertificateAuthority.open(folder.resolve("other"), MESH, LONG, ticker).root();
    String token =
        server.tokens().create("prod/search", Duration.ofHours(1), Pem.fingerprint(other));

    Future<HttpClientResponse> sent =
        post(
            MeshTls.joining(Set.of(Pem.fingerprint(other)), SpiffeId.control(MESH), ticker),
            new JsonObject().put("token", token).toBuffer());

    assertThatThrownBy(() -> done(sent))
        .hasStackTraceContaining("its root is not one that is to be trusted for joining");
    assertThat(server.requests()).isZero();
    assertThat(server.tokens().redeem(token, SigningRequest.create().keys().getPublic()))
        .isEqualTo("prod/search");
  }

  @Test
  void anotherRootThanTheTokensIsFinalAtTheStart() throws Exception {
    server.open(LONG);
    X509Certificate other =
        CertificateAuthority.open(folder.resolve("other"), MESH, LONG, ticker).root();
    String token =
        server.tokens().create("prod/search", Duration.ofHours(1), Pem.fingerprint(other));

    Future<WorkloadIdentity> refused = joining(token).start();

    assertThatThrownBy(() -> done(refused))
        .hasRootCauseMessage(
            "the control plane at 127.0.0.1:"
                + server.port()
                + " has another root than the one that the join token names"
                + " (./weft token --ca-dir of that control plane makes one)");
    assertThat(server.requests()).isZero();
  }

  @Test
  void anAnswerThatWasLostIsGivenAgain() throws Exception {
    server.open(LONG);
    server.lose(1);

    WorkloadIdentity own = done(joining(server.token()).start());

    assertThat(own.id()).isEqualTo(SEARCH);
    assertThat(server.requests()).isEqualTo(2);
  }

  @Test
  void aTokenOfAnotherRootSetsTheOldIdentityAside() throws Exception {
    server.open(LONG);
    WorkloadIdentity old = done(joining(server.token()).start());
    server = new IssuingServer(vertx, folder.resolve("second"), ticker);
    server.open(LONG);

    WorkloadIdentity own = done(joining(server.token()).start());

    assertThat(own.roots()).containsExactly(server.authority(LONG).root());
    assertThat(own.roots()).isNotEqualTo(old.roots());
    assertThat(folder.resolve("state").resolve("identity.pem.old"))
        .content()
        .startsWith(Pem.certificates(old.chain()));
    assertThat(mode(folder.resolve("state").resolve("identity.pem.old"))).isEqualTo("rw-------");
  }

  @Test
  void aTokenOfTheSameRootLeavesTheIdentityThatIsKept() throws Exception {
    server.open(LONG);
    WorkloadIdentity before = done(joining(server.token()).start());

    WorkloadIdentity after = done(joining(server.token()).start());

    assertThat(after).isEqualTo(before);
    assertThat(server.requests()).isEqualTo(1);
  }

  @Test
  void aRestartFindsKeyAndCertificateAndNeedsNoToken() throws Exception {
    server.open(LONG);
    WorkloadIdentity before = done(joining(server.token()).start());
    IdentityStore fresh = new IdentityStore();

    WorkloadIdentity after =
        done(workload(Optional.empty(), fresh, Turns.of(vertx, ticker)).start());

    assertThat(after).isEqualTo(before);
    assertThat(server.requests()).isEqualTo(1);
    Path kept = folder.resolve("state");
    assertThat(mode(kept)).isEqualTo("rwx------");
    assertThat(mode(kept.resolve("identity.pem"))).isEqualTo("rw-------");
  }

  @Test
  void aCertificateRenewsItselfWithTheOneBeforeIt() throws Exception {
    server.open(SHORT);
    done(joining(server.token()).start());

    WorkloadIdentity first = next();
    WorkloadIdentity second = next();

    assertThat(second.id()).isEqualTo(first.id());
    assertThat(second.key()).isNotEqualTo(first.key());
    assertThat(second.leaf().getSerialNumber()).isNotEqualTo(first.leaf().getSerialNumber());
  }

  @Test
  void itIsRenewedAtHalfOfItsLifeAndNotBefore() throws Exception {
    server.open(DAY);
    BlockingQueue<Duration> waits = new LinkedBlockingQueue<>();
    BlockingQueue<Runnable> due = new LinkedBlockingQueue<>();
    Timers turned = waiting(waits, due);
    done(joining(server.token(), new Turns(ticker, turned, middle -> middle / 2)).start());
    WorkloadIdentity first = next();

    Duration wait = waits.poll(20, SECONDS);
    ticker.turn(wait);
    due.poll(20, SECONDS).run();
    WorkloadIdentity second = next();

    Duration life = DAY.plusMinutes(5); // dated back
    assertThat(wait).isCloseTo(life.dividedBy(2).minusMinutes(5), Duration.ofSeconds(2));
    assertThat(second.notAfter()).isAfter(first.notAfter().plus(Duration.ofHours(11)));
    assertThat(server.requests()).isEqualTo(2);
  }

  @Test
  void manyWorkloadsDoNotRenewAtOnce() throws Exception {
    server.open(DAY);
    BlockingQueue<Duration> waits = new LinkedBlockingQueue<>();
    Timers turned = waiting(waits, new LinkedBlockingQueue<>());

    done(joining(server.token(), new Turns(ticker, turned, least -> 0)).start());
    Files.delete(folder.resolve("state").resolve("identity.pem"));
    done(joining(server.token(), new Turns(ticker, turned, most -> most - 1)).start());

    Duration half = DAY.plusMinutes(5).dividedBy(2);
    Duration earliest = waits.poll(20, SECONDS);
    Duration latest = waits.poll(20, SECONDS);
    assertThat(latest.minus(earliest)).isCloseTo(half.dividedBy(50), Duration.ofSeconds(2));
  }

  @Test
  void aRenewalThatFailsIsTriedAgainEverLaterWithJitter() throws Exception {
    server.open(DAY);
    BlockingQueue<Duration> waits = new LinkedBlockingQueue<>();
    BlockingQueue<Runnable> due = new LinkedBlockingQueue<>();
    done(joining(server.token(), new Turns(ticker, waiting(waits, due), most -> most - 1)).start());
    waits.poll(20, SECONDS);
    server.lose(9);

    List<Long> pauses = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      due.poll(20, SECONDS).run();
      pauses.add(waits.poll(20, SECONDS).toMillis());
    }

    assertThat(pauses).containsExactly(1200L, 2400L, 4800L, 9600L, 19200L, 38400L, 72000L, 72000L);
  }

  @Test
  void aClockThatIsALittleBehindJoinsAndOneThatIsFarBehindIsToldWhy() throws Exception {
    server.open(LONG);
    TurnedTicker behind = new TurnedTicker();
    behind.turn(Duration.ofMinutes(-4));
    TurnedTicker farBehind = new TurnedTicker();
    farBehind.turn(Duration.ofMinutes(-10));

    WorkloadIdentity own = done(joining(server.token(), Turns.of(vertx, behind)).start());
    Files.delete(folder.resolve("state").resolve("identity.pem"));
    WorkloadIdentity control = server.authority(LONG).own(SpiffeId.control(MESH));
    Future<HttpClientResponse> refused =
        post(
            MeshTls.joining(
                Set.of(Pem.fingerprint(control.roots().get(0))), SpiffeId.control(MESH), farBehind),
            Buffer.buffer("{}"));

    assertThat(own.id()).isEqualTo(SEARCH);
    assertThatThrownBy(() -> done(refused)).hasStackTraceContaining("NotBefore");
  }

  @Test
  void aCertificateThatHasEndedIsReplacedByANewToken() throws Exception {
    server.open(SHORT);
    String another = server.token();
    // on the thread that publishes, before the renewal is planned
    store.onChange(
        first -> {
          if (published.size() == 1) {
            replaceToken(another);
            ticker.turn(Duration.ofHours(1));
          }
        });

    WorkloadIdentity first = done(joining(server.token()).start());
    next();
    WorkloadIdentity second = next();

    assertThat(second.notAfter()).isAfter(first.notAfter().plus(Duration.ofMinutes(30)));
    assertThatThrownBy(
            () -> server.tokens().redeem(another, SigningRequest.create().keys().getPublic()))
        .isInstanceOf(JoinTokens.Refused.class);
  }

  private Future<HttpClientResponse> post(ClientSSLOptions tls, Buffer body) {
    RequestOptions options =
        new RequestOptions()
            .setMethod(HttpMethod.POST)
            .setHost("127.0.0.1")
            .setPort(server.port())
            .setURI("/v1/certificates")
            .setSsl(true)
            .setSslOptions(tls);
    return client
        .request(options)
        .compose(request -> Requests.sent(request, body))
        .compose(response -> response.body().map(response));
  }

  private void replaceToken(String token) {
    try {
      Files.writeString(folder.resolve("token"), token);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Timers waiting(BlockingQueue<Duration> waits, BlockingQueue<Runnable> due) {
    return (delay, task) -> {
      due.add(task);
      waits.add(delay);
      return () -> due.remove(task);
    };
  }

  private ControlPlaneIdentity joining(String token) throws Exception {
    return joining(token, Turns.of(vertx, ticker));
  }

  private ControlPlaneIdentity joining(String token, Turns turns) throws Exception {
    Path file = Files.writeString(folder.resolve("token"), token);
    return workload(Optional.of(file), store, turns);
  }

  private ControlPlaneIdentity workload(Optional<Path> tokenFile, IdentityStore to, Turns turns) {
    return new ControlPlaneIdentity(
        vertx,
        new ControlPlaneIdentity.Address("127.0.0.1", server.port(), MESH),
        new JoinFiles(tokenFile, Optional.empty()),
        Optional.of(folder.resolve("state")),
        to,
        turns);
  }

  private WorkloadIdentity next() throws InterruptedException {
    WorkloadIdentity one = published.poll(20, SECONDS);
    assertThat(one).isNotNull();
    return one;
  }

  private static String mode(Path path) throws Exception {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
