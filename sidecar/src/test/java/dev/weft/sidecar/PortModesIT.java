package dev.weft.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** Ports of one workload that take mTLS alone, plaintext too, or plaintext alone. */
@EnabledIf(value = "possible", disabledReason = "needs root, ip and iptables with IPv6")
final class PortModesIT extends PodsFixture {

  private static final String MODES =
      "9001: {mode: PERMISSIVE}, 9002: {mode: DISABLE}, 7001: {mode: PERMISSIVE}";
  private static final String PORTS =
      "{number: 9000, name: http, protocol: HTTP},"
          + " {number: 9001, name: http-either, protocol: HTTP},"
          + " {number: 9002, name: http-plain, protocol: HTTP},"
          + " {number: 7000, name: tcp, protocol: TCP},"
          + " {number: 7001, name: tcp-either, protocol: TCP}";
  private static final String LIMITED =
      """
      ---
      apiVersion: networking.istio.io/v1
      kind: ServiceEntry
      metadata: {name: limited}
      spec:
        hosts: [limited.test]
        resolution: STATIC
        location: MESH_INTERNAL
        ports: [{number: 9003, name: http, protocol: HTTP}]
        endpoints: [{address: 10.77.0.2, serviceAccount: shop, labels: {app: shop}}]
      ---
      apiVersion: weft.dev/v1
      kind: ProxySettings
      metadata: {name: shop}
      spec:
        selector: {matchLabels: {app: shop}}
        routes: [{match: {host: limited.test}, rateLimit: {requests: 2, per: 1h}}]
      """;

  @Test
  void eachTakesWhatItsModeSaysFromStrangersAndFromTheMesh() throws Exception {
    String config = pods.config(strictBut(MODES) + shop(PORTS) + LIMITED);
    for (int port = 9000; port < 9004; port++) {
      other.serve("web", "10.77.0.2", Integer.toString(port), "at" + port);
    }
    other.serve("tcp", "10.77.0.2", "7000", "echo");
    other.serve("tcp", "10.77.0.2", "7001", "echo");
    other.install();
    other.sidecar(pods.as("default/shop", "--config", config, "--labels", "app=shop"));

    assertThat(own.curl("http://10.77.0.2:9000/")).as("STRICT").startsWith("000 ");
    assertThat(own.curl("http://10.77.0.2:9001/")).as("PERMISSIVE").startsWith("200 at9001 ");
    assertThat(own.curl("http://10.77.0.2:9002/")).as("DISABLE").startsWith("200 at9002 ");
    assertThat(own.run("say", "10.77.0.2", "7000", "whole", "32")).isIn("broken", "different");
    assertThat(own.run("say", "10.77.0.2", "7001", "whole", "32")).isEqualTo("same");
    assertThat(other.refused("plaintext") + other.refused("protocol")).isEqualTo(2);
    assertThat(arrived("none")).isEqualTo(2);
    assertThat(arrived("mutual_tls")).isZero();

    own.install();
    own.sidecar(pods.as("web/caller", "--config", config));

    assertThat(own.curl("http://10.77.0.2:9000/")).startsWith("200 at9000 ");
    assertThat(own.curl("http://10.77.0.2:9001/")).startsWith("200 at9001 ");
    assertThat(own.curl("http://10.77.0.2:9002/")).startsWith("200 at9002 ");
    assertThat(own.run("say", "10.77.0.2", "7000", "whole", "32")).isEqualTo("same");
    assertThat(own.run("say", "10.77.0.2", "7001", "whole", "32")).isEqualTo("same");
    assertThat(arrived("mutual_tls")).as("but for DISABLE").isEqualTo(2);
    assertThat(arrived("none")).isEqualTo(3);

    assertThat(own.curl("http://10.77.0.2:9003/")).startsWith("200 ");
    assertThat(own.curl("http://10.77.0.2:9003/")).startsWith("200 ");
    assertThat(own.curl("http://10.77.0.2:9003/"))
        .as("the limit of its service")
        .startsWith("429 ");
    assertThat(other.metric("weft_rate_limited_total{")).isEqualTo(1);
  }

  /** Requests that came so. */
  private double arrived(String security) throws IOException {
    return other
        .admin("/metrics")
        .lines()
        .filter(line -> line.startsWith("istio_requests_total{"))
        .filter(line -> line.contains("connection_security_policy=\"" + security + "\""))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }
}
