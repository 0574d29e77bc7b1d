package dev.weft.control.issue;

import static dev.weft.control.issue.IssuingServer.LONG;
import static dev.weft.control.issue.IssuingServer.MESH;
import static dev.weft.control.issue.IssuingServer.done;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.control.TurnedTicker;
import dev.weft.control.ca.CertificateAuthority;
import dev.weft.routing.identity.IdentityStore;
import dev.weft.routing.identity.IdentityStore.TrustTold;
import dev.weft.routing.identity.MeshTls;
import dev.weft.routing.identity.Pem;
import dev.weft.routing.identity.SigningRequest;
import dev.weft.routing.identity.SpiffeId;
import dev.weft.routing.identity.WorkloadIdentity;
import dev.weft.routing.identity.certificate.Revocations;
import dev.weft.routing.identity.join.ControlPlaneIdentity.Turns;
import dev.weft.testkit.Requests;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.ClientSSLOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A workload joins, and restarts, over the real wire. */
@Timeout(60)
final class JoiningIT extends JoiningFixture {

  @Test
  void aTokenGivesTheIdentityThatItIsBoundTo() throws Exception {
    server.open(LONG);

    WorkloadIdentity own = done(joining(server.token()).start());

    assertThat(own.id()).isEqualTo(SEARCH);
    assertThat(store.current()).contains(own);
    assertThat(own.roots()).containsExactly(server.authority(LONG).root());
  }

  @Test
  void whatIsRevokedIsKnownFromJoiningOnAndAfterARestart() throws Exception {
    server.open(LONG);
    WorkloadIdentity bad = server.authority(LONG).own(SEARCH);
    server.revoke(bad);
    WorkloadIdentity own = done(joining(server.token()).start());
    WorkloadIdentity again =
        done(workload(Optional.empty(), new IdentityStore(), Turns.of(vertx, ticker)).start());

    assertThat(own.revoked().revoked(bad.leaf())).isTrue();
    assertThat(own.revoked().revoked(own.leaf())).isFalse();
    assertThat(again.leaf()).isEqualTo(own.leaf());
    assertThat(again.revoked()).isEqualTo(own.revoked());
  }

  @Test
  void whatTheControlPlaneTellsOfRevokedOnesIsPublishedAtOnce() throws Exception {
    server.open(LONG);
    WorkloadIdentity own = done(joining(server.token()).start());
    published.clear();
    server.revoke(own);
    String lists = Files.readString(folder.resolve("ca").resolve("ca-crl.pem"));
    Revocations told = Revocations.told(lists, own.roots());

    store.told(new TrustTold(own.roots(), own.roots().get(0), Optional.of(told)));
    WorkloadIdentity less = published.poll(20, SECONDS);
    store.told(new TrustTold(own.roots(), own.roots().get(0), Optional.empty())); // cannot be read
    store.told(new TrustTold(own.roots(), own.roots().get(0), Optional.of(Revocations.NONE)));
    WorkloadIdentity last = published.poll(20, SECONDS);

    assertThat(less.revoked()).isEqualTo(told);
    assertThat(less.leaf()).isEqualTo(own.leaf());
    assertThat(last.revoked()).isEqualTo(Revocations.NONE);
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

  private static String mode(Path path) throws Exception {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
