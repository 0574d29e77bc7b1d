package dev.weft.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.Tools;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/**
 * Callers of the mesh through a gateway that passes their handshakes on, to a sidecar behind it.
 */
@EnabledIf(value = "installed", disabledReason = "needs root, ip, iptables with IPv6 and openssl")
final class AutoPassthroughIT extends PodsFixture {

  private static final String OPENSSL = "/usr/bin/openssl";
  private static final String NAME = "outbound_.80_._.shop.test";
  private static final String RULES =
      """
      apiVersion: networking.istio.io/v1
      kind: Gateway
      metadata: {name: edge}
      spec:
        servers:
        - {port: {number: 15443, name: tls, protocol: TLS}, hosts: ["*.test"], tls: {mode: AUTO_PASSTHROUGH}}
      ---
      apiVersion: networking.istio.io/v1
      kind: ServiceEntry
      metadata: {name: shop}
      spec:
        hosts: [shop.test]
        resolution: STATIC
        location: MESH_INTERNAL
        ports: [{number: 80, name: http, protocol: HTTP, targetPort: 8000}]
        endpoints: [{address: 10.77.0.2, serviceAccount: shop}]
      ---
      apiVersion: security.istio.io/v1
      kind: AuthorizationPolicy
      metadata: {name: caller-alone}
      spec: {rules: [{from: [{source: {serviceAccounts: [default/caller]}}]}]}
      """;

  static boolean installed() {
    return possible() && Tools.installed(OPENSSL);
  }

  @Test
  void theServiceKnowsItsCallerAndTheGatewayNothingOfWhatTheySay() throws Exception {
    String config = pods.config(RULES);
    pods.as("default/caller");
    pods.as("default/stranger");
    other.serve("web", "10.77.0.2", "8000", "shop");
    other.install();
    other.sidecar(pods.as("default/shop", "--config", config));
    own.gateway(pods.as("edge/gateway", "--config", config));

    String known = asked(NAME, "default-caller");
    String stranger = asked(NAME, "default-stranger");
    String nobody = asked(NAME, "");
    String nowhere = asked("outbound_.81_._.shop.test", "default-caller");

    assertThat(known)
        .contains("Verification: OK")
        .contains("ALPN protocol: http/1.1")
        .contains("HTTP/1.1 200 OK")
        .contains("shop /a host=shop.test peer=127.0.0.6");
    assertThat(stranger).as("whom a policy keeps away").contains("HTTP/1.1 403 ");
    assertThat(nobody).doesNotContain("HTTP/1.1");
    assertThat(nowhere).doesNotContain("HTTP/1.1");
    assertThat(other.refused("no_certificate")).isEqualTo(1);
    assertThat(own.refused("no_route")).isEqualTo(1);
    assertThat(other.admin("/metrics"))
        .containsPattern(
            "istio_requests_total\\{[^}]*connection_security_policy=\"mutual_tls\"[^}]*"
                + "response_code=\"200\"[^}]*sa/caller");
    assertThat(own.metric("istio_requests_total{")).as("the gateway saw no request").isZero();
    assertThat(own.metric("istio_tcp_connections_opened_total{")).isEqualTo(3);
  }

  /** What openssl tells of a handshake with a workload's certificate and of a request in it. */
  private String asked(String name, String who) throws Exception {
    List<String> line =
        new ArrayList<>(
            List.of(
                "sh",
                "-c",
                "printf 'GET /a HTTP/1.1\\r\\nHost: shop.test\\r\\nConnection: close\\r\\n\\r\\n'"
                    + " | timeout 30 \"$@\" 2>&1 || true",
                "sh",
                OPENSSL,
                "s_client",
                "-ign_eof",
                "-connect",
                "10.77.0.1:15443",
                "-servername",
                name,
                "-alpn",
                "http/1.1",
                "-verify_return_error",
                "-CAfile",
                folder.resolve("default-shop/ca.crt").toString()));
    if (!who.isEmpty()) {
      line.addAll(List.of("-cert", folder.resolve(who + "/tls.crt").toString()));
      line.addAll(List.of("-key", folder.resolve(who + "/tls.key").toString()));
    }
    return own.program(line.toArray(String[]::new));
  }
}
