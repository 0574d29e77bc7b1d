package dev.weft.routing.identity;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.clock.SystemTicker;
import dev.weft.routing.clock.Ticker;
import dev.weft.testkit.TestCertificates;
import dev.weft.testkit.TestCertificates.Leaf;
import io.netty.handler.ssl.SslProvider;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.ConnectOptions;
import io.vertx.core.net.JdkSSLEngineOptions;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.OpenSSLEngineOptions;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Both ends of a handshake, BoringSSL and the JDK in all four pairs, over real sockets. */
@TestInstance(Lifecycle.PER_CLASS)
final class MeshTlsIT {

  private static final String ID = "spiffe://cluster.local/ns/prod/sa/search";
  private static final String OTHER = "spiffe://cluster.local/ns/prod/sa/cart";
  private static final SpiffeId SELF = new SpiffeId("cluster.local", "prod", "search");
  private static final List<SslProvider> ENGINES = List.of(SslProvider.OPENSSL, SslProvider.JDK);
  private static final String PASSED = "passed";

  private final Ticker ticker = new SystemTicker();
  private final TestCertificates mesh = new TestCertificates(now());
  private final TestCertificates foreign = new TestCertificates(now());
  private final Vertx vertx = Vertx.vertx();

  private Instant now() {
    return Instant.ofEpochMilli(ticker.epochMillis());
  }

  @AfterAll
  void close() throws Exception {
    get(vertx.close());
  }

  @Test
  void boringSslLoadsHere() {
    assertThat(MeshTls.boringSsl()).isTrue();
    assertThat(MeshTls.provider()).isEqualTo(SslProvider.OPENSSL);
  }

  @ParameterizedTest(name = "server {0}, client {1}, peer {2}: {3}")
  @MethodSource("matrix")
  void aServerTakesItsMeshAndNobodyElse(
      SslProvider server, SslProvider client, String peer, String expected) throws Exception {
    try (HandshakeServer open =
        new HandshakeServer(MeshTls.server(identity(mesh.good(ID)), ticker, server))) {
      ClientSSLOptions shown = MeshTls.client(caller(peer), ticker);
      if (peer.equals("none")) {
        shown.setKeyCertOptions(null);
      }

      connect(client, open.port(), shown).onSuccess(NetSocket::close);

      assertThat(open.outcome()).containsIgnoringCase(expected);
    }
  }

  @ParameterizedTest(name = "server {0}, client {1}, peer {2}: {3}")
  @MethodSource("servers")
  void aClientTakesItsMeshAndNobodyElse(
      SslProvider server, SslProvider client, String peer, String expected) throws Exception {
    try (HandshakeServer open = new HandshakeServer(MeshTls.server(caller(peer), ticker, server))) {
      ClientSSLOptions shown = MeshTls.client(identity(mesh.good(ID)), ticker);

      String seen = outcome(connect(client, open.port(), shown));

      assertThat(seen).containsIgnoringCase(expected);
    }
  }

  /** A server without a certificate is no server. */
  private static Stream<Arguments> servers() {
    return matrix().filter(row -> !"none".equals(row.get()[2]));
  }

  private static Stream<Arguments> matrix() {
    List<Arguments> peers =
        List.of(
            Arguments.of("good", PASSED),
            Arguments.of("none", "certificate"),
            Arguments.of("foreign root", "signed by no root of this mesh"),
            Arguments.of("expired", "NotAfter"),
            Arguments.of("not yet valid", "NotBefore"),
            Arguments.of("two URIs", "2 URI names (expected: exactly one)"),
            Arguments.of("authority", "the certificate of an authority"),
            Arguments.of("other trust domain", "trust domain other.local"));
    return ENGINES.stream()
        .flatMap(
            server ->
                ENGINES.stream()
                    .flatMap(
                        client ->
                            peers.stream()
                                .map(
                                    peer ->
                                        Arguments.of(
                                            server, client, peer.get()[0], peer.get()[1]))));
  }

  @ParameterizedTest
  @MethodSource("engines")
  void onlyTheControlPlaneIsTakenForIt(SslProvider client) throws Exception {
    SpiffeId control = SpiffeId.control("cluster.local");
    ClientSSLOptions wanted = MeshTls.toControl(identity(mesh.good(ID)), ticker);

    String impostor = handshake(client, identity(mesh.good(OTHER)), wanted);
    String real = handshake(client, identity(mesh.good(control.toString())), wanted);

    assertThat(impostor).contains("it is " + OTHER + " (expected: " + control + ")");
    assertThat(real).isEqualTo(PASSED);
  }

  @ParameterizedTest
  @MethodSource("engines")
  void oneWhoJoinsTakesOnlyTheRootThatItsTokenNames(SslProvider client) throws Exception {
    SpiffeId control = SpiffeId.control("cluster.local");
    WorkloadIdentity server = withRoot(identity(mesh.good(control.toString())));
    String root = Pem.fingerprint(server.roots().get(0));
    String strange =
        Pem.fingerprint(WorkloadIdentity.certificates(foreign.rootPem(), "ca.crt").get(0));

    String right = handshake(client, server, MeshTls.joining(Set.of(root), control, ticker));
    String wrong = handshake(client, server, MeshTls.joining(Set.of(strange), control, ticker));

    assertThat(right).isEqualTo(PASSED);
    assertThat(wrong).contains("its root is not one that is to be trusted for joining");
  }

  private static Stream<SslProvider> engines() {
    return ENGINES.stream();
  }

  private WorkloadIdentity caller(String kind) throws GeneralSecurityException {
    return identity(
        switch (kind) {
          case "foreign root" -> foreign.good(ID);
          case "expired" -> mesh.expired(ID);
          case "not yet valid" -> mesh.notYetValid(ID);
          case "two URIs" -> mesh.twoUris(ID, OTHER);
          case "authority" -> mesh.authority(ID);
          case "other trust domain" -> mesh.good("spiffe://other.local/ns/prod/sa/search");
          default -> mesh.good(ID);
        });
  }

  /** Checks nothing, and trusts this mesh whoever signed it. */
  private WorkloadIdentity identity(Leaf leaf) throws GeneralSecurityException {
    return new WorkloadIdentity(
        SELF,
        Pem.privateKey(leaf.key(), "EC", "tls.key"),
        WorkloadIdentity.certificates(leaf.certificate(), "tls.crt"),
        WorkloadIdentity.certificates(mesh.rootPem(), "ca.crt"));
  }

  private static WorkloadIdentity withRoot(WorkloadIdentity one) {
    return new WorkloadIdentity(
        one.id(), one.key(), List.of(one.leaf(), one.roots().get(0)), one.roots());
  }

  private String handshake(SslProvider client, WorkloadIdentity server, ClientSSLOptions options)
      throws Exception {
    try (HandshakeServer open =
        new HandshakeServer(
            MeshTls.server(server, ticker, SslProvider.JDK),
            engine -> engine.setNeedClientAuth(false))) {
      return outcome(connect(client, open.port(), options));
    }
  }

  private Future<NetSocket> connect(SslProvider engine, int port, ClientSSLOptions options) {
    NetClientOptions settings = new NetClientOptions();
    settings.setSslEngineOptions(
        engine == SslProvider.JDK ? new JdkSSLEngineOptions() : new OpenSSLEngineOptions());
    NetClient client = vertx.createNetClient(settings);
    ConnectOptions target = new ConnectOptions().setHost("127.0.0.1").setPort(port).setSsl(true);
    return client.connect(target.setSslOptions(options));
  }

  private static String outcome(Future<NetSocket> connected) throws Exception {
    return get(
        connected
            .map(
                socket -> {
                  socket.close();
                  return PASSED;
                })
            .otherwise(HandshakeServer::reasons));
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(20, SECONDS);
  }
}
