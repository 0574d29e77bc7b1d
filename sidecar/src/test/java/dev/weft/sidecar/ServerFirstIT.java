package dev.weft.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/**
 * Servers that speak first. The wait for a caller's first bytes is longer than the caller's
 * patience, so that who gets an answer was not waited for.
 */
@EnabledIf(value = "possible", disabledReason = "needs root, ip and iptables with IPv6")
final class ServerFirstIT extends PodsFixture {

  private static final String LONG = "60000"; // milliseconds, as long as say.py waits
  private static final List<String> PORTS =
      List.of("2121", "3306", "21", "25", "7010", "7011", "7012");
  private static final String SERVICES =
      """
      apiVersion: v1
      kind: Service
      metadata:
        name: mixed
        annotations:
          alpha.istio.io/kubernetes-serviceaccounts: shop
          config.linkerd.io/opaque-ports: "7012,7100-7200"
      spec:
        clusterIP: 10.96.0.9
        ports:
        - {name: ftp, port: 2121}
        - {name: any, port: 3306}
        - {name: more, port: 21}
        - {name: others, port: 25}
        - {name: redis-push, port: 7010}
        - {name: db, port: 7011, appProtocol: mysql}
        - {name: annotated, port: 7012}
      ---
      apiVersion: discovery.k8s.io/v1
      kind: EndpointSlice
      metadata: {name: mixed-1, labels: {kubernetes.io/service-name: mixed}}
      ports:
      - {name: ftp, port: 2121}
      - {name: any, port: 3306}
      - {name: more, port: 21}
      - {name: others, port: 25}
      - {name: redis-push, port: 7010}
      - {name: db, port: 7011}
      - {name: annotated, port: 7012}
      endpoints: [{addresses: [10.77.0.2]}]
      """;

  @Test
  void areNotWaitedForWhereTheirPortTellsThatTheyDo() throws Exception {
    String config = pods.config(SERVICES);
    for (String port : PORTS) {
      other.serve("tcp", "10.77.0.2", port, "banner");
    }
    other.install();
    other.sidecar(pods.as("default/shop", "--config", config, "--detection-wait", LONG));
    own.install();
    own.sidecar(pods.as("default/caller", "--config", config, "--detection-wait", LONG));

    for (String port : PORTS) {
      assertThat(own.run("say", "10.96.0.9", port, "listen", "QUIT"))
          .as(port)
          .isEqualTo("220 ready|you said QUIT");
    }
    assertThat(other.admin("/metrics"))
        .containsPattern(
            "istio_tcp_connections_opened_total\\{[^}]*connection_security_policy=\"mutual_tls\"");
  }
}
