package dev.weft.control.stream;

import static dev.weft.control.MeshServer.done;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.control.RevokedBy;
import dev.weft.control.TurnedTicker;
import dev.weft.control.ca.CertificateAuthority;
import dev.weft.control.ca.Signing;
import dev.weft.control.issue.Callers;
import dev.weft.control.issue.JsonErrors;
import dev.weft.routing.identity.MeshTls;
import dev.weft.routing.identity.SpiffeId;
import dev.weft.routing.identity.WorkloadIdentity;
import dev.weft.routing.identity.join.ControlClient;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.Router;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Streams that are open while their certificates lose their worth. */
@Timeout(60)
final class StreamTrustIT extends StreamFixture {

  private final TurnedTicker time = new TurnedTicker(); // the control plane's
  private ControlClient client;
  private ConfigStreams streams;
  private HttpServer server;

  @BeforeEach
  void serve() throws Exception {
    client = new ControlClient(vertx, Duration.ofSeconds(5), Duration.ofSeconds(30));
    Router router = JsonErrors.router(vertx);
    streams =
        new ConfigStreams(
            vertx,
            new Callers(authority::roots, authority::revoked, MESH, time),
            new Viewers(vertx, Optional.empty(), Duration.ZERO),
            time);
    streams.mount(router);
    server = server(router);
  }

  @AfterEach
  void end() {
    client.close();
  }

  @Test
  void aStreamEndsWithTheRootThatItsCertificateIsUnder() throws Exception {
    X509Certificate before = authority.root();
    Future<Void> old = ended(listening(workload("prod", "old")));
    WorkloadIdentity late = workload("prod", "late");
    Signing next = CertificateAuthority.found(ticker);

    trust(new Signing(next.key(), next.chain(), List.of(before, next.root())));
    Future<Void> renewed = ended(listening(workload("prod", "renewed")));
    Future<Void> last = ended(listening(trusting(late, authority.roots())));
    assertThat(old.isComplete()).isFalse();
    trust(next);

    done(old);
    done(last); // after the renewed one was looked at
    onLoop(() -> assertThat(streams.subscribers()).isEqualTo(1));
    assertThat(renewed.isComplete()).isFalse();
  }

  @Test
  void aStreamEndsWithItsCertificate() throws Exception {
    List<Future<Void>> all =
        IntStream.range(0, 3).mapToObj(i -> listening("search-" + i)).map(this::ended).toList();

    time.turn(Duration.ofDays(2));
    onLoop(() -> streams.trust(authority.roots(), authority.signer()));

    for (Future<Void> one : all) {
      done(one);
    }
    onLoop(() -> assertThat(streams.subscribers()).isZero());
  }

  @Test
  void aStreamEndsWithItsCertificateWhereThatIsRevoked() throws Exception {
    WorkloadIdentity bad = workload("prod", "bad");
    Future<Void> revoked = ended(listening(bad));
    Future<Void> other = ended(listening("good"));

    RevokedBy.folder(folder, authority, ticker, bad);
    WorkloadIdentity own = authority.own(SpiffeId.control(MESH));
    done(server.updateSSLOptions(MeshTls.control(own, ticker)));
    onLoop(() -> streams.trust(authority.roots(), authority.signers(), authority.revoked()));

    done(revoked);
    assertThat(other.isComplete()).isFalse();
    assertThatThrownBy(() -> listening(bad)).isNotNull();
    listening("another");
  }

  /** As the control plane does once its Secret says so. */
  private void trust(Signing signing) throws Exception {
    authority.replace(signing);
    WorkloadIdentity own = authority.own(SpiffeId.control(MESH));
    done(server.updateSSLOptions(MeshTls.control(own, ticker)));
    onLoop(() -> streams.trust(authority.roots(), authority.signer()));
  }

  private static WorkloadIdentity trusting(WorkloadIdentity own, List<X509Certificate> roots) {
    return new WorkloadIdentity(own.id(), own.key(), own.chain(), roots);
  }

  private void onLoop(Runnable work) throws Exception {
    Promise<Void> over = Promise.promise();
    vertx.runOnContext(
        now -> {
          try {
            work.run();
            over.complete();
          } catch (AssertionError wrong) {
            over.fail(wrong);
          }
        });
    done(over.future());
  }

  private Future<Void> ended(HttpClientResponse response) {
    Promise<Void> ended = Promise.promise();
    response.exceptionHandler(cause -> ended.tryComplete());
    response.endHandler(end -> ended.tryComplete());
    response.resume();
    return ended.future();
  }

  private HttpClientResponse listening(String account) {
    try {
      return listening(workload("prod", account));
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private HttpClientResponse listening(WorkloadIdentity own) throws Exception {
    return done(
        client
            .connect(
                SocketAddress.inetSocketAddress(server.actualPort(), "127.0.0.1"),
                "control",
                MeshTls.toControl(own, ticker))
            .compose(
                connection ->
                    connection.request(
                        new RequestOptions().setMethod(HttpMethod.GET).setURI("/v1/config")))
            .compose(request -> request.send())
            .onSuccess(HttpClientResponse::pause));
  }
}
