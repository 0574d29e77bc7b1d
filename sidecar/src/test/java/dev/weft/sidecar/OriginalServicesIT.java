package dev.weft.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** ServiceEntries of {@code resolution: NONE}: services that are wherever their callers go. */
@EnabledIf(value = "possible", disabledReason = "needs root, ip and iptables with IPv6")
final class OriginalServicesIT extends PodsFixture {

  private static final String ENTRIES =
      """
      apiVersion: networking.istio.io/v1
      kind: ServiceEntry
      metadata: {name: inside}
      spec:
        hosts: [inside.test]
        location: MESH_INTERNAL
        addresses: [10.77.0.0/24]
        subjectAltNames: [spiffe://cluster.local/ns/default/sa/shop]
        ports: [{number: 7000, name: tcp, protocol: TCP}, {number: 8000, name: http, protocol: HTTP}]
      ---
      apiVersion: networking.istio.io/v1
      kind: ServiceEntry
      metadata: {name: impostor}
      spec:
        hosts: [impostor.test]
        location: MESH_INTERNAL
        addresses: [10.77.0.2]
        subjectAltNames: [spiffe://cluster.local/ns/default/sa/another]
        ports: [{number: 7005, name: tcp, protocol: TCP}]
      ---
      apiVersion: networking.istio.io/v1
      kind: ServiceEntry
      metadata: {name: wide}
      spec:
        hosts: ["*.wide.test"]
        ports: [{number: 9000, name: http, protocol: HTTP}, {number: 9443, name: tls, protocol: TLS}]
      ---
      apiVersion: networking.istio.io/v1
      kind: ServiceEntry
      metadata: {name: port}
      spec:
        hosts: [port.test]
        ports: [{number: 9700, name: tcp, protocol: TCP}]
      """;

  @Test
  void theyAreReachedWhereTheCallerWasGoingUnderTheirOwnPolicies() throws Exception {
    other.serve("tcp", "10.77.0.2", "7000", "echo");
    other.serve("tcp", "10.77.0.2", "7005", "echo");
    other.serve("web", "10.77.0.2", "8000", "inside");
    other.serve("web", "10.77.0.2", "9000", "outside");
    other.serve("tcp", "10.77.0.2", "9443", "name", "tls");
    other.serve("tcp", "fd77::2", "9700", "echo");
    pods.meshed(ENTRIES + REGISTRY_ONLY, "--exclude-inbound-ports", "9000,9443,9700");

    assertThat(own.run("say", "10.77.0.2", "7000", "whole", "1048576")).isEqualTo("same");
    assertThat(own.curl("http://10.77.0.2:8000/a")).startsWith("200 inside /a ");
    assertThat(other.admin("/metrics"))
        .as("both over mTLS, with who called")
        .containsPattern("istio_tcp_connections_opened_total\\{.*sa/caller")
        .containsPattern("istio_requests_total\\{.*sa/caller");
    assertThat(own.run("say", "10.77.0.2", "7005", "whole", "32")).isEqualTo("broken");
    assertThat(own.refused("unreachable")).as("who answers is somebody else").isEqualTo(1);

    assertThat(own.curl("--resolve", "a.wide.test:9000:10.77.0.2", "http://a.wide.test:9000/b"))
        .isEqualTo("200 outside /b host=a.wide.test:9000 peer=10.77.0.1");
    assertThat(own.curl("http://10.77.0.2:9000/")).as("no host of any service").startsWith("404 ");
    assertThat(own.run("say", "10.77.0.2", "9443", "hello", "a.wide.test"))
        .matches("tls (\\d+) \\1");
    assertThat(own.run("say", "10.77.0.2", "9443", "hello", "other.test")).isEqualTo("broken");
    assertThat(own.run("say", "fd77::2", "9700", "whole", "32")).isEqualTo("same");
    assertThat(own.refused("unknown_destination")).isEqualTo(1);

    assertThat(own.admin("/metrics"))
        .containsPattern("istio_requests_total\\{.*destination_service=\"inside.test\"")
        .containsPattern("istio_requests_total\\{.*destination_service=\"\\*.wide.test\"")
        .containsPattern("connections_opened_total\\{.*destination_service=\"\\*.wide.test\"")
        .containsPattern("connections_opened_total\\{.*destination_service=\"port.test\"");
    assertThat(own.admin("/clusters")).contains("10.77.0.2:7000").contains("[fd77::2]:9700");
    assertThat(own.admin("/explain?method=TCP&url=10.77.0.9:7000&output=text"))
        .contains("10.77.0.9:7000 is the address of outbound|7000||inside.test")
        .contains("where the connection was going (resolution NONE)");
  }
}
