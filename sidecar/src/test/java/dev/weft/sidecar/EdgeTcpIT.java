package dev.weft.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** TCP that a gateway takes from outside, to a workload behind a sidecar that intercepts. */
@EnabledIf(value = "possible", disabledReason = "needs root, ip and iptables with IPv6")
final class EdgeTcpIT extends PodsFixture {

  private static final int LOOKS = 20;

  private static final String RULES =
      """
      apiVersion: networking.istio.io/v1
      kind: Gateway
      metadata: {name: edge}
      spec:
        servers:
        - {port: {number: 15432, name: tcp-db, protocol: TCP}, hosts: ["*"]}
        - {port: {number: 15433, name: tcp-wrong, protocol: TCP}, hosts: ["*"]}
      ---
      apiVersion: networking.istio.io/v1
      kind: VirtualService
      metadata: {name: db}
      spec:
        hosts: [db.test]
        gateways: [edge]
        tcp:
        - match: [{port: 15432}]
          route: [{destination: {host: db.test}}]
        - match: [{port: 15433}]
          route: [{destination: {host: wrong.test}}]
      ---
      apiVersion: networking.istio.io/v1
      kind: ServiceEntry
      metadata: {name: db}
      spec:
        hosts: [db.test]
        resolution: STATIC
        location: MESH_INTERNAL
        ports: [{number: 7000, name: tcp, protocol: TCP}]
        endpoints: [{address: 10.77.0.2, serviceAccount: shop}]
      ---
      apiVersion: networking.istio.io/v1
      kind: ServiceEntry
      metadata: {name: wrong}
      spec:
        hosts: [wrong.test]
        resolution: STATIC
        location: MESH_INTERNAL
        ports: [{number: 7000, name: tcp, protocol: TCP}]
        endpoints: [{address: 10.77.0.2, serviceAccount: somebody}]
      ---
      apiVersion: security.istio.io/v1
      kind: AuthorizationPolicy
      metadata: {name: gateway-alone}
      spec: {rules: [{from: [{source: {serviceAccounts: [edge/gateway]}}]}]}
      """;

  @Test
  void itGoesInsideMutualTlsToWhomItWasMeantForAndNobodyElse() throws Exception {
    String config = pods.config(RULES);
    other.serve("tcp", "10.77.0.2", "7000", "echo");
    other.install();
    other.sidecar(pods.as("default/shop", "--config", config));
    own.gateway(pods.as("edge/gateway", "--config", config));
    Path wire = own.serve("capture", "eth0", "sesame-open");

    assertThat(own.run("say", "10.77.0.1", "15432", "slow", "sesame-open"))
        .isEqualTo("sesame-open");
    assertThat(own.run("say", "10.77.0.1", "15432", "whole", "1048576")).isEqualTo("same");
    assertThat(own.run("say", "10.77.0.1", "15433", "whole", "32"))
        .as("who answers is not the account that the endpoint names")
        .isEqualTo("broken");

    assertThat(Files.readString(wire)).as("in plaintext").isEqualTo("listening\n");
    assertThat(own.refused("upstream_identity")).isEqualTo(1);
    assertThat(other.admin("/metrics"))
        .containsPattern(
            "istio_tcp_sent_bytes_total\\{[^}]*connection_security_policy=\"mutual_tls\"[^}]*"
                + "source_principal=\"spiffe://cluster.local/ns/edge/sa/gateway\"");
    assertThat(other.refused("denied")).isZero();
    assertThat(own.run("say", "10.77.0.2", "7000", "whole", "32"))
        .as("who comes past the gateway")
        .isIn("broken", "different");
    assertThat(other.refused("plaintext") + other.refused("protocol")).isEqualTo(1);
  }

  @Test
  void aCallerOnItsMachineMayHaveThePortOfOneOfItsConnections() throws Exception {
    other.serve("tcp", "10.77.0.2", "7000", "echo");
    own.gateway(pods.as("edge/gateway", "--config", pods.config(leadingTo("10.77.0.2", 7000))));
    own.program("sh", "-c", "echo 40000 40000 > /proc/sys/net/ipv4/ip_local_port_range");

    assertThat(own.run("say", "10.77.0.1", "15434", "whole", "1048576")).isEqualTo("same");

    own.program("sh", "-c", "echo 32768 60999 > /proc/sys/net/ipv4/ip_local_port_range");
    assertThat(own.refused("loop")).isZero();
  }

  @Test
  void whatIsInFrontMaySendNothingAroundForEver() throws Exception {
    own.gateway(pods.as("edge/gateway", "--config", pods.config(leadingTo("10.77.0.2", 7001))));
    String back = "iptables -w -t nat -A OUTPUT -p tcp -d 10.77.0.2 --dport 7001 -j REDIRECT";
    own.program("sh", "-c", back + " --to-ports 15434");

    assertThat(own.run("say", "10.77.0.1", "15434", "whole", "32")).isEqualTo("broken");

    double before = 0;
    double refused = own.refused("loop");
    for (int i = 0; i < LOOKS && (refused == 0 || refused != before); i++) {
      own.program("sleep", "0.5");
      before = refused;
      refused = own.refused("loop");
    }
    assertThat(refused).as("what still goes around").isPositive().isEqualTo(before);
  }

  private static String leadingTo(String address, int port) {
    return """
        apiVersion: networking.istio.io/v1
        kind: Gateway
        metadata: {name: edge}
        spec: {servers: [{port: {number: 15434, name: tcp-there, protocol: TCP}, hosts: ["*"]}]}
        ---
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: there}
        spec:
          hosts: [there.test]
          gateways: [edge]
          tcp: [{route: [{destination: {host: there.test}}]}]
        ---
        apiVersion: networking.istio.io/v1
        kind: ServiceEntry
        metadata: {name: there}
        spec:
          hosts: [there.test]
          resolution: STATIC
          location: MESH_EXTERNAL
          ports: [{number: %2$d, name: tcp, protocol: TCP}]
          endpoints: [{address: %1$s}]
        """
        .formatted(address, port);
  }
}
