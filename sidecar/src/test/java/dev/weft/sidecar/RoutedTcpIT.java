package dev.weft.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** Rules for what is not HTTP; programs know nothing of them. */
@EnabledIf(value = "possible", disabledReason = "needs root, ip and iptables with IPv6")
final class RoutedTcpIT extends PodsFixture {

  private static final String RULES =
      """
      apiVersion: networking.istio.io/v1
      kind: ServiceEntry
      metadata: {name: db}
      spec:
        hosts: [db.test]
        resolution: STATIC
        addresses: [10.96.0.20]
        ports: [{number: 7000, name: tcp-db, protocol: TCP}, {number: 7009, name: tcp-more, protocol: TCP}]
        endpoints:
        - {address: 10.77.0.2, ports: {tcp-db: 7001, tcp-more: 7001}, labels: {version: v1}}
        - {address: 10.77.0.2, ports: {tcp-db: 7002, tcp-more: 7002}, labels: {version: v2}}
      ---
      apiVersion: networking.istio.io/v1
      kind: DestinationRule
      metadata: {name: db}
      spec:
        host: db.test
        subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]
      ---
      apiVersion: networking.istio.io/v1
      kind: VirtualService
      metadata: {name: db}
      spec:
        hosts: [db.test]
        tcp:
        - match: [{port: 7009, destinationSubnets: [10.96.0.0/16]}]
          route: [{destination: {host: db.test, subset: v2, port: {number: 7000}}}]
        - route:
          - {destination: {host: db.test, subset: v1}, weight: 50}
          - {destination: {host: db.test, subset: v2}, weight: 50}
      ---
      apiVersion: networking.istio.io/v1
      kind: ServiceEntry
      metadata: {name: outside}
      spec:
        hosts: [outside.test]
        resolution: STATIC
        ports: [{number: 443, name: tls, protocol: TLS}]
        endpoints: [{address: 10.77.0.2, ports: {tls: 7003}}]
      ---
      apiVersion: networking.istio.io/v1
      kind: VirtualService
      metadata: {name: wide}
      spec:
        hosts: ["*.wide.test"]
        tls:
        - match: [{sniHosts: ["*.wide.test"]}]
          route: [{destination: {host: db.test, subset: v1, port: {number: 7000}}}]
      """;

  @Test
  void connectionsGoByTheAddressOfTheirServiceAndTheNameOfTheirHandshake() throws Exception {
    pods.other().serve("tcp", "10.77.0.2", "7001", "name", "v1");
    pods.other().serve("tcp", "10.77.0.2", "7002", "name", "v2");
    pods.other().serve("tcp", "10.77.0.2", "7003", "name", "outside");
    own.install();
    own.sidecar("--config", pods.config(RULES), "--outbound-traffic-policy", "REGISTRY_ONLY");
    Set<String> heard = new HashSet<>();
    for (int i = 0; i < 60 && heard.size() < 2; i++) {
      heard.add(own.run("say", "10.96.0.20", "7000", "slow", "x"));
    }

    assertThat(heard)
        .as("one of two for each connection")
        .containsExactlyInAnyOrder("v1 1", "v2 1");
    assertThat(own.run("say", "10.96.0.20", "7009", "slow", "x")).isEqualTo("v2 1");
    assertThat(own.run("say", "10.77.0.2", "7001", "slow", "x"))
        .as("an instance that was chosen itself")
        .isEqualTo("v1 1");
    assertThat(own.run("say", "192.0.2.1", "443", "hello", "outside.test"))
        .as("nobody is at that address, and the service is elsewhere")
        .matches("outside (\\d+) \\1");
    assertThat(own.run("say", "192.0.2.1", "443", "hello", "any.wide.test"))
        .matches("v1 (\\d+) \\1");
    assertThat(own.run("say", "192.0.2.1", "443", "hello", "unknown.test")).isEqualTo("broken");
    assertThat(own.refused("unknown_destination")).isEqualTo(1);
    assertThat(own.admin("/explain?method=TCP&url=10.96.0.20:7009&output=text"))
        .contains("10.96.0.20:7009 is the address of outbound|7009||db.test")
        .contains("YES default/db#tcp[0]")
        .contains("100 %  outbound|7000|v2|db.test")
        .contains("10.77.0.2:7002 [version=v2]  plaintext");
    assertThat(own.admin("/explain?method=TLS&url=192.0.2.1:443&sni=unknown.test&output=text"))
        .contains("reset (unknown_destination), since outboundTrafficPolicy is REGISTRY_ONLY");
  }
}
