package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.TestCertificates.Leaf;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections that a gateway carries end once nothing moves on them, and not before. */
@Timeout(120)
@EnabledIf(value = "possible", disabledReason = "needs Linux's epoll")
final class IdleConnectionsIT extends ConnectionsFixture {

  private static final int SAID = 20; // a line each 300 ms: longer than anything may be idle
  private static final String RULE =
      """
      apiVersion: networking.istio.io/v1
      kind: DestinationRule
      metadata: {name: db}
      spec: {host: db.test, trafficPolicy: {connectionPool: {tcp: {idleTimeout: 4s}}}}
      """;

  private void begin(boolean passes) throws Exception {
    String tls = passes ? ", tls: {mode: PASSTHROUGH}" : "";
    String rule = "route: [{destination: {host: db.test}}]";
    begin(
        "- {port: {number: %d, name: one, protocol: %s}, bind: 127.0.0.1, hosts: [db.test]%s}"
            .formatted(port, passes ? "TLS" : "TCP", tls),
        service("db", passes ? "TLS" : "TCP", endpoint(lines(passes), "v1")),
        rules(
            "db",
            "db.test",
            passes
                ? "tls: [{match: [{sniHosts: [db.test]}], " + rule + "}]"
                : "tcp: [{" + rule + "}]"),
        RULE);
  }

  /** Gives each line back. */
  private int lines(boolean tls) throws Exception {
    NetServerOptions options = new NetServerOptions();
    if (tls) {
      Leaf leaf = authority.ofName("db.test");
      options
          .setSsl(true)
          .setKeyCertOptions(
              new PemKeyCertOptions()
                  .addCertValue(Buffer.buffer(leaf.certificate()))
                  .addKeyValue(Buffer.buffer(leaf.key())));
    }
    NetServer server = kept(vertx.createNetServer(options)).exceptionHandler(refused -> {});
    server.connectHandler(socket -> socket.handler(socket::write).exceptionHandler(broken -> {}));
    return await(server.listen(0, "127.0.0.1")).actualPort();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void areEndedOnceNothingMoves(boolean passes) throws Exception {
    begin(passes);

    try (Socket socket = passes ? secured("db.test") : connected()) {
      for (int i = 0; i < SAID; i++) {
        socket.getOutputStream().write("line\n".getBytes(StandardCharsets.US_ASCII));
        assertThat(socket.getInputStream().readNBytes(5)).asString().isEqualTo("line\n");
        await(vertx.timer(300, TimeUnit.MILLISECONDS));
      }
      assertThat(ended(socket)).isTrue();
    }
    counted(1, "istio_tcp_connections_closed_total{");
  }

  private static boolean ended(Socket socket) throws IOException {
    try {
      return socket.getInputStream().read() < 0;
    } catch (SocketException | SSLException reset) {
      return true;
    }
  }
}
