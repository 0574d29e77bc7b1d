package dev.weft.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** A service whose callers choose among its pods themselves. */
@EnabledIf(value = "possible", disabledReason = "needs root, ip and iptables with IPv6")
final class HeadlessIT extends PodsFixture {

  private static final int ROUNDS = 10;
  private static final String SERVICES =
      """
      apiVersion: v1
      kind: Service
      metadata:
        name: each
        annotations: {alpha.istio.io/kubernetes-serviceaccounts: shop}
      spec:
        clusterIP: None
        ports: [{name: http, port: 8000}, {name: tcp-lines, port: 7000}]
      ---
      apiVersion: discovery.k8s.io/v1
      kind: EndpointSlice
      metadata: {name: each-1, labels: {kubernetes.io/service-name: each}}
      ports: [{name: http, port: 8000}, {name: tcp-lines, port: 7000}]
      endpoints: [{addresses: [10.77.0.2]}, {addresses: ["fd77::2"]}]
      """;

  @Test
  void exactlyThePodThatWasChosenIsReachedAndOverMutualTls() throws Exception {
    other.serve("web", "10.77.0.2", "8000", "first");
    other.serve("web", "fd77::2", "8000", "second");
    other.serve("tcp", "10.77.0.2", "7000", "name", "first");
    other.serve("tcp", "fd77::2", "7000", "name", "second");
    pods.meshed(SERVICES);

    for (int i = 0; i < ROUNDS; i++) {
      assertThat(own.curl("http://10.77.0.2:8000/")).startsWith("200 first ");
      assertThat(own.curl("-g", "http://[fd77::2]:8000/")).startsWith("200 second ");
      assertThat(own.curl("-g", "-H", "Host: each", "http://[fd77::2]:8000/"))
          .as("by its name, where the caller was going")
          .startsWith("200 second ");
    }
    assertThat(own.run("say", "10.77.0.2", "7000", "hello", "any")).startsWith("first ");
    assertThat(own.run("say", "fd77::2", "7000", "hello", "any")).startsWith("second ");

    String metrics = other.admin("/metrics");
    assertThat(metrics)
        .containsPattern("istio_requests_total\\{.*\"mutual_tls\".*sa/caller")
        .containsPattern("istio_tcp_connections_opened_total\\{.*\"mutual_tls\".*sa/caller")
        .doesNotContainPattern("istio_requests_total\\{.*security_policy=\"none\"");
  }
}
