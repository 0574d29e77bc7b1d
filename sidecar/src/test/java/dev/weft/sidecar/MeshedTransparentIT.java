package dev.weft.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** An application that sees its callers' addresses behind mTLS, through two sidecars. */
@EnabledIf(value = "possible", disabledReason = "needs root, ip and iptables with IPv6")
final class MeshedTransparentIT extends PodsFixture {

  private static final String SHOP =
      """
      apiVersion: networking.istio.io/v1
      kind: ServiceEntry
      metadata: {name: shop}
      spec:
        hosts: [shop.test]
        resolution: STATIC
        location: MESH_INTERNAL
        ports:
        - {number: 8000, name: http, protocol: HTTP}
        - {number: 7000, name: tcp, protocol: TCP}
        endpoints:
        - {address: 10.77.0.2, serviceAccount: shop}
        - {address: "fd77::2", serviceAccount: shop}
      """;

  @Test
  void theAddressOfTheCallersPodIsThatOfItsSidecarAndGoesOn() throws Exception {
    String source = pods.config(SHOP);
    other.serve("web", "10.77.0.2", "8000", "four");
    other.serve("web", "fd77::2", "8000", "six");
    other.serve("tcp", "10.77.0.2", "7000", "peer");
    other.serve("tcp", "fd77::2", "7000", "peer");
    other.install("--interception-mode", "TPROXY");
    other.sidecar(pods.as("default/shop", "--interception-mode", "TPROXY", "--config", source));
    String plain = own.curl("http://10.77.0.2:8000/");
    own.install();
    own.sidecar(pods.as("default/caller", "--config", source));

    assertThat(plain).as("mTLS alone is taken").startsWith("000 ");
    for (int i = 0; i < 3; i++) {
      assertThat(own.curl("http://10.77.0.2:8000/"))
          .isEqualTo("200 four / host=10.77.0.2:8000 peer=10.77.0.1");
      assertThat(own.curl("http://[fd77::2]:8000/"))
          .isEqualTo("200 six / host=[fd77::2]:8000 peer=fd77::1");
      assertThat(own.run("say", "10.77.0.2", "7000", "listen", "")).isEqualTo("10.77.0.1");
      assertThat(own.run("say", "fd77::2", "7000", "listen", "")).isEqualTo("fd77::1");
    }
    assertThat(other.admin("/metrics"))
        .contains("source_principal=\"spiffe://cluster.local/ns/default/sa/caller\"");
    assertThat(other.refused("loop")).isZero();
  }
}
