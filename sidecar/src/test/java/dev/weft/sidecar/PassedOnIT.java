package dev.weft.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which port a request is for, and how long a connection may be idle of which no rule says so. */
@EnabledIf(value = "possible", disabledReason = "needs root, ip and iptables with IPv6")
final class PassedOnIT extends PodsFixture {

  private static final String TWO_PORTS =
      """
      apiVersion: networking.istio.io/v1
      kind: ServiceEntry
      metadata: {name: two}
      spec:
        hosts: [two.test]
        resolution: STATIC
        addresses: [10.96.0.7]
        ports:
        - {number: 80, name: http-a, protocol: HTTP, targetPort: 8000}
        - {number: 8080, name: http-b, protocol: HTTP, targetPort: 8001}
        endpoints: [{address: 10.77.0.2}]
      ---
      apiVersion: networking.istio.io/v1
      kind: VirtualService
      metadata: {name: two}
      spec:
        hosts: [two.test]
        http:
        - match: [{authority: {exact: "two.test:9999"}}]
          rewrite: {uri: /told}
          route: [{destination: {host: two.test, port: {number: 80}}}]
        - match: [{port: 8080}]
          route: [{destination: {host: two.test, port: {number: 8080}}}]
        - route: [{destination: {host: two.test, port: {number: 80}}}]
      """;

  private static final String ECHO =
      """
      ---
      apiVersion: networking.istio.io/v1
      kind: ServiceEntry
      metadata: {name: echo}
      spec:
        hosts: [echo.test]
        resolution: STATIC
        addresses: [10.96.0.8]
        ports: [{number: 7000, name: tcp, protocol: TCP, targetPort: 7001}]
        endpoints: [{address: 10.77.0.2}]
      """;

  @Test
  void thePortOfAConnectionCountsAndThatOfAHostIsOnlyTold() throws Exception {
    other.serve("web", "10.77.0.2", "8000", "first");
    other.serve("web", "10.77.0.2", "8001", "second");
    own.install();
    own.sidecar("--config", pods.config(TWO_PORTS + REGISTRY_ONLY));

    assertThat(own.curl("http://10.96.0.7/a")).isEqualTo(told("first", "/a", "10.96.0.7"));
    assertThat(own.curl("-H", "Host: two.test", "http://10.96.0.7:8080/b"))
        .isEqualTo(told("second", "/b", "two.test"));
    assertThat(own.curl("-H", "Host: two.test:80", "http://10.96.0.7:8080/c"))
        .as("a host with the other port")
        .isEqualTo(told("second", "/c", "two.test:80"));
    assertThat(own.curl("-H", "Host: two.test:8080", "http://10.96.0.7/d"))
        .isEqualTo(told("first", "/d", "two.test:8080"));
    assertThat(own.curl("-H", "Host: TWO.test:7", "http://192.0.2.9:8080/e"))
        .as("and a port that is nobody's, at an address where nobody is")
        .isEqualTo(told("second", "/e", "TWO.test:7"));
    assertThat(own.curl("-H", "Host: two.test:9999", "http://10.96.0.7:8080/f"))
        .as("unless a rule asks for the authority as it was said")
        .isEqualTo(told("first", "/told", "two.test:9999"));
  }

  private static String told(String who, String path, String host) {
    return "200 " + who + " " + path + " host=" + host + " peer=10.77.0.1";
  }

  @Test
  void thePortOfAConnectionCountsWhereNoRuleIsForTheService() throws Exception {
    other.serve("web", "10.77.0.2", "8000", "first");
    other.serve("web", "10.77.0.2", "8001", "second");
    own.install();
    own.sidecar("--config", pods.config(TWO_PORTS.split("---\n", -1)[0] + REGISTRY_ONLY));

    for (String host : List.of("two.test", "two.test:80", "two.test:8080", "two.test:7")) {
      assertThat(own.curl("-H", "Host: " + host, "http://10.96.0.7/a"))
          .isEqualTo(told("first", "/a", host));
      assertThat(own.curl("-H", "Host: " + host, "http://192.0.2.9:8080/b"))
          .isEqualTo(told("second", "/b", host));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"10.77.0.2", "10.96.0.8"})
  void whatNoRuleHasALimitForIsEndedOnceNothingMoves(String address) throws Exception {
    String idle =
        """
        ---
        apiVersion: weft.dev/v1
        kind: ProxySettings
        metadata: {name: default}
        spec: {limits: {idleTimeout: 2s}}
        """;
    other.serve("tcp", "10.77.0.2", "7000", "echo");
    other.serve("tcp", "10.77.0.2", "7001", "echo");
    own.install();
    own.sidecar("--config", pods.config(TWO_PORTS + ECHO + idle));

    assertThat(own.run("say", address, "7000", "hold", "!")).isEqualTo("ended ended");
    assertThat(own.metric("istio_tcp_connections_closed_total{")).isEqualTo(2);
    assertThat(own.run("say", address, "7000", "slow", "x".repeat(60)))
        .as("three seconds, in which something moves")
        .isEqualTo("x".repeat(60));
  }
}
