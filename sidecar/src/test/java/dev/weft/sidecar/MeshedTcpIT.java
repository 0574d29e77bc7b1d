package dev.weft.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.Tools;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** What is not HTTP, between two sidecars that intercept; programs know nothing of them. */
@EnabledIf(value = "possible", disabledReason = "needs root, ip and iptables with IPv6")
final class MeshedTcpIT extends PodsFixture {

  private static final String SECRET = "sesame-open"; // what must not be on the wire
  private static final String LINES =
      """
      apiVersion: networking.istio.io/v1
      kind: ServiceEntry
      metadata: {name: lines}
      spec:
        hosts: [lines.test]
        resolution: STATIC
        location: MESH_INTERNAL
        addresses: [10.96.0.9]
        ports:
        - {number: 7000, name: tcp-echo, protocol: TCP}
        - {number: 7001, name: tcp-banner, protocol: TCP}
        - {number: 7002, name: tcp-lazy, protocol: TCP}
        - {number: 6379, name: redis, protocol: REDIS}
        - {number: 80, name: http, protocol: HTTP, targetPort: 8000}
        endpoints: [{address: 10.77.0.2, serviceAccount: %s, labels: {app: lines}}]
      """;

  @Test
  void betweenTwoSidecarsAnythingGoesInsideMutualTlsAndEndsOneSideAtATime() throws Exception {
    other.serve("tcp", "10.77.0.2", "7000", "echo");
    other.serve("tcp", "10.77.0.2", "7001", "banner");
    pods.meshed(LINES.formatted("shop"));
    Path wire = own.serve("capture", "eth0", "you said QUIT", "220 ready");

    assertThat(own.run("say", "10.96.0.9", "7001", "listen", "QUIT"))
        .as("by the service's address")
        .isEqualTo("220 ready|you said QUIT");
    assertThat(own.run("say", "10.77.0.2", "7001", "listen", "QUIT"))
        .as("by the instance's")
        .isEqualTo("220 ready|you said QUIT");
    assertThat(own.run("say", "10.77.0.2", "7000", "whole", "16777216")).isEqualTo("same");
    assertThat(own.run("say", "10.77.0.2", "7000", "whole", "0")).isEqualTo("same");
    assertThat(own.run("say", "10.77.0.2", "7000", "slow", "GET /no HTTP"))
        .isEqualTo("GET /no HTTP");
    assertThat(own.run("say", "10.77.0.2", "7002", "whole", "32"))
        .as("nobody listens there, and the caller hears of it")
        .isEqualTo("broken");
    assertThat(other.refused("unreachable")).isEqualTo(1);
    assertThat(Files.readString(wire)).as("in plaintext").isEqualTo("listening\n");
    assertThat(own.metric("istio_tcp_connections_opened_total{")).isEqualTo(6);
    assertThat(own.metric("istio_tcp_received_bytes_total{")).isGreaterThan(16_777_216);
    assertThat(other.admin("/metrics"))
        .containsPattern(
            "istio_tcp_sent_bytes_total\\{[^}]*connection_security_policy=\"mutual_tls\"[^}]*"
                + "source_principal=\"spiffe://cluster.local/ns/default/sa/caller\"");
  }

  @Test
  void whoDoesNotReadStopsWhoWritesThroughTwoSidecarsToo() throws Exception {
    Path go = folder.resolve("go");
    other.serve("tcp", "10.77.0.2", "7002", "lazy", go.toString());
    pods.meshed(LINES.formatted("shop"));

    String[] counts = own.run("say", "10.77.0.2", "7002", "fill", go.toString()).split(" ", -1);

    assertThat(Long.parseLong(counts[0])).isBetween(1L << 16, 1L << 26);
    assertThat(counts[1]).as("all of it arrived").isEqualTo(counts[0]);
  }

  @Test
  void whoIsNotWhomTheCallerMeantGetsNothing() throws Exception {
    other.serve("tcp", "10.77.0.2", "7000", "echo");
    pods.meshed(LINES.formatted("somebody"));

    assertThat(own.run("say", "10.77.0.2", "7000", "whole", "32")).isEqualTo("broken");
    assertThat(own.refused("upstream_identity")).isEqualTo(1);
    assertThat(own.refused("unreachable")).isEqualTo(1);
  }

  @Test
  void limitsOfAServiceHoldForItsConnections() throws Exception {
    Path go = folder.resolve("go");
    other.serve("tcp", "10.77.0.2", "7000", "echo");
    other.serve("tcp", "10.77.0.2", "7002", "lazy", go.toString());
    pods.meshed(
        LINES.formatted("shop")
            + """
              ---
              apiVersion: networking.istio.io/v1
              kind: DestinationRule
              metadata: {name: lines}
              spec:
                host: lines.test
                trafficPolicy:
                  connectionPool: {tcp: {maxConnections: 1, idleTimeout: 1s}}
              """);

    assertThat(own.run("say", "10.77.0.2", "7002", "hold", "!"))
        .as("one is too many, and the other is cut when nothing moves")
        .isEqualTo("broken ended");
    assertThat(own.refused("connection_limit")).isEqualTo(1);
    assertThat(own.run("say", "10.77.0.2", "7000", "whole", "32")).isEqualTo("same");
  }

  @Test
  @EnabledIf(value = "redis", disabledReason = "needs redis-server, redis-cli and tcpdump")
  void redisSpeaksThroughTwoSidecars() throws Exception {
    other.start(
        "redis", "redis-server", "--bind", "10.77.0.2", "--save", "", "--protected-mode", "no");
    pods.meshed(LINES.formatted("shop"));

    assertThat(own.eventually("redis-cli", "-h", "10.96.0.9", "ping")).isEqualTo("PONG");
    Packets packets = new Packets();
    assertThat(own.program("redis-cli", "-h", "10.96.0.9", "set", "a", SECRET)).isEqualTo("OK");
    assertThat(own.program("redis-cli", "-h", "10.77.0.2", "get", "a")).isEqualTo(SECRET);
    packets.keepWithin(SECRET);
  }

  @Test
  @EnabledIf(value = "redis", disabledReason = "needs redis-server, redis-cli and tcpdump")
  void redisPushesWhatNobodyAskedForInThatMoment() throws Exception {
    other.start(
        "redis", "redis-server", "--bind", "10.77.0.2", "--save", "", "--protected-mode", "no");
    pods.meshed(LINES.formatted("shop"));
    own.eventually("redis-cli", "-h", "10.96.0.9", "ping");
    Path heard = own.start("redis-cli", "redis-cli", "-h", "10.96.0.9", "subscribe", "news");
    until(heard, "subscribe\nnews\n1\n");

    for (int i = 0; i < 3; i++) {
      assertThat(own.program("redis-cli", "-h", "10.77.0.2", "publish", "news", "piece " + i))
          .as("who heard of it")
          .isEqualTo("1");
      until(heard, "message\nnews\npiece " + i + "\n");
    }
  }

  @Test
  @EnabledIf(value = "websockets", disabledReason = "needs python3-websockets and tcpdump")
  void websocketsOfPythonSpeakThroughTwoSidecars() throws Exception {
    other.serve("ws", "serve", "10.77.0.2", "8000");
    pods.meshed(LINES.formatted("shop"));
    Packets packets = new Packets();

    assertThat(own.run("ws", "say", "10.96.0.9", "80").lines())
        .containsExactly("chat.v1 permessage-deflate", "one two three", "same", "4001 as you wish");
    packets.keepWithin("chat.v1", "Upgrade: websocket", "as you wish");
    assertThat(other.admin("/metrics"))
        .containsPattern("istio_requests_total\\{[^}]*response_code=\"101\"[^}]*sa/caller");
  }

  static boolean websockets() {
    return InterceptedPod.captures()
        && Tools.runs(InterceptedPod.PYTHON, "-c", "import websockets");
  }

  static boolean redis() {
    return InterceptedPod.captures() && Tools.installed("redis-server", "redis-cli");
  }
}
