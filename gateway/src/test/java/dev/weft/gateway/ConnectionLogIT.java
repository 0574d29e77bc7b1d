package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.testkit.FreePorts;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;

/** One line of the access log for each connection that is not HTTP, once it ended. */
@Timeout(120)
@EnabledIf(value = "possible", disabledReason = "needs Linux's epoll")
final class ConnectionLogIT extends ConnectionsFixture {

  private static final String TCP_RULE = "tcp: [{route: [{destination: {host: db.test}}]}]";

  private static final String TAP = "GET /tap?cluster=db.test HTTP/1.1\r\nHost: localhost\r\n\r\n";

  private Path lines;

  @BeforeEach
  void logged() throws IOException {
    admin = FreePorts.next();
    lines = state.resolve("access.log");
    accessLog = lines.toString();
  }

  private String server() {
    return "- {port: {number: %d, name: tcp, protocol: TCP}, bind: 127.0.0.1, hosts: ['*']}"
        .formatted(port);
  }

  private static String policy(String pool) {
    return """
    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: db}
    spec: {host: db.test, trafficPolicy: {connectionPool: {tcp: {%s}}}}
    """
        .formatted(pool);
  }

  /** All lines, once the gateway ended that writes them. */
  private List<JsonObject> written() throws Exception {
    restart();
    return Files.readAllLines(lines, StandardCharsets.US_ASCII).stream()
        .map(JsonObject::new)
        .toList();
  }

  @Test
  void whatWasCarriedIsToldWithItsBytesAndItsWay() throws Exception {
    int backend = echo("db");
    begin(
        server(), service("db", "TCP", endpoint(backend, "v1")), rules("db", "db.test", TCP_RULE));

    said("hello");
    said("x".repeat(100_000));

    List<JsonObject> all = written();
    assertThat(all).hasSize(2);
    JsonObject first = all.get(0);
    assertThat(first.containsKey("cause")).as(first.encode()).isFalse();
    assertThat(first.getString("protocol")).isEqualTo("tcp");
    assertThat(first.getString("destination")).isEqualTo("127.0.0.1:" + port);
    assertThat(first.getLong("bytes_in")).isEqualTo(5);
    assertThat(first.getLong("bytes_out")).isEqualTo(8);
    assertThat(first.getString("route")).isEqualTo("default/db#tcp[0]");
    assertThat(first.getString("cluster")).isEqualTo("outbound|90||db.test");
    assertThat(first.getString("endpoint")).isEqualTo("127.0.0.1:" + backend);
    assertThat(first.getInteger("attempts")).isEqualTo(1);
    assertThat(first.getString("source")).startsWith("127.0.0.1:");
    assertThat(all.get(1).getLong("bytes_in")).isEqualTo(100_000);
    assertThat(all.get(1).getLong("bytes_out")).isEqualTo(100_003);
  }

  @Test
  void whoTapsSeesItToo() throws Exception {
    int backend = echo("db");
    accessLog = "off";
    begin(
        server(), service("db", "TCP", endpoint(backend, "v1")), rules("db", "db.test", TCP_RULE));

    try (Socket reader = new Socket(InetAddress.getLoopbackAddress(), admin)) {
      reader.setSoTimeout((int) TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
      reader.getOutputStream().write(TAP.getBytes(StandardCharsets.US_ASCII));
      BufferedReader events =
          new BufferedReader(
              new InputStreamReader(reader.getInputStream(), StandardCharsets.US_ASCII));
      assertThat(next(events, ":")).as("it is heard of from here on").isEqualTo(":");
      said("hello");

      JsonObject line = new JsonObject(next(events, "data: ").substring("data: ".length()));
      assertThat(line.getString("protocol")).isEqualTo("tcp");
      assertThat(line.getString("cluster")).isEqualTo("outbound|90||db.test");
      assertThat(line.getLong("bytes_in")).isEqualTo(5);
    }
  }

  private static String next(BufferedReader events, String start) throws IOException {
    String line = events.readLine();
    while (line != null && !line.startsWith(start)) {
      line = events.readLine();
    }
    return String.valueOf(line);
  }

  @Test
  void whatBrokeIsToldByWhom() throws Exception {
    try (ServerSocket backend = listening()) {
      begin(server(), service(backend), rules("db", "db.test", TCP_RULE));

      try (Socket caller = connected()) {
        caller.getOutputStream().write('x');
        try (Socket far = backend.accept()) {
          assertThat(far.getInputStream().read()).isEqualTo('x');
          far.setSoLinger(true, 0);
        }
        assertThatThrownBy(() -> caller.getInputStream().read()).isInstanceOf(IOException.class);
      }
      try (Socket far = left(backend)) {
        assertThatThrownBy(() -> far.getInputStream().read()).isInstanceOf(IOException.class);
      }
    }

    List<JsonObject> all = written();
    assertThat(all)
        .extracting(line -> line.getString("cause"))
        .containsExactly("endpoint_reset", "caller_reset");
    assertThat(all.get(1).getLong("bytes_in")).isEqualTo(1);
  }

  /** With a gateway of its own: what is to break for another reason may stand still for a while. */
  @Test
  void whatStoodStillIsToldSo() throws Exception {
    try (ServerSocket backend = listening()) {
      begin(
          server(), service(backend), rules("db", "db.test", TCP_RULE), policy("idleTimeout: 1s"));

      try (Socket caller = connected();
          Socket far = backend.accept()) {
        assertThat(over(caller)).isTrue();
        assertThat(over(far)).isTrue();
      }
    }

    JsonObject line = written().get(0);
    assertThat(line.getString("cause")).isEqualTo("idle");
    assertThat(line.getDouble("duration_ms")).isGreaterThanOrEqualTo(1000);
  }

  private static ServerSocket listening() throws IOException {
    return new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  }

  private static String service(ServerSocket backend) {
    return service("db", "TCP", endpoint(backend.getLocalPort(), "v1"));
  }

  /** The far side of a connection that its caller resets. */
  private Socket left(ServerSocket backend) throws IOException {
    try (Socket caller = connected()) {
      Socket far = backend.accept();
      caller.getOutputStream().write('x');
      assertThat(far.getInputStream().read()).isEqualTo('x');
      caller.setSoLinger(true, 0);
      return far;
    }
  }

  /** Waits for the end, or for a reset. */
  private static boolean over(Socket socket) throws IOException {
    try {
      return socket.getInputStream().read() < 0;
    } catch (SocketException reset) {
      return true;
    }
  }

  @Test
  void whatWasNotCarriedIsToldWithItsCause() throws Exception {
    int nobody = FreePorts.next();
    begin(server(), service("db", "TCP", endpoint(nobody, "v1")), rules("db", "db.test", TCP_RULE));

    assertThat(said("x")).isEqualTo("broken");

    JsonObject refused = written().get(0);
    assertThat(refused.getString("cause")).isEqualTo("unreachable");
    assertThat(refused.getString("detail"))
        .startsWith("route default/db#tcp[0]: outbound|90||db.test: endpoint 127.0.0.1:" + nobody);
    assertThat(refused.getString("endpoint")).isEqualTo("-");
  }

  @Test
  void whereSettingsWantNoneThereIsNone() throws Exception {
    begin(
        server(),
        service("db", "TCP", endpoint(echo("db"), "v1")),
        rules("db", "db.test", TCP_RULE),
        """
        apiVersion: weft.dev/v1
        kind: ProxySettings
        metadata: {name: default}
        spec: {log: {access: "off"}}
        """);

    assertThat(said("hello")).isEqualTo("db:hello");
    restart(); // writes what is left

    assertThat(lines).isEmptyFile();
  }
}
