package dev.weft.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/**
 * Bytes that never repeat, both ways at once: each arrives in its place, whoever ends first, and
 * whatever the proxies on the way took the connection for.
 */
@EnabledIf(value = "possible", disabledReason = "needs root, ip and iptables with IPv6")
final class ByteOrderIT extends PodsFixture {

  private static final int BYTES = 6 << 20; // by who ends first; the other one sends twice as many
  private static final String ONCE = BYTES + " in their places";
  private static final String TWICE = 2 * BYTES + " in their places";
  private static final List<String> ADDRESSES = List.of("10.77.0.2", "fd77::2");
  private static final String SERVICES =
      """
      apiVersion: networking.istio.io/v1
      kind: ServiceEntry
      metadata: {name: flow}
      spec:
        hosts: [flow.test]
        resolution: STATIC
        location: MESH_INTERNAL
        addresses: [10.96.0.9]
        ports: [%s]
        endpoints: [%s]
      """;
  private static final String FOUR = "{address: 10.77.0.2, serviceAccount: shop}";
  private static final String BOTH = FOUR + ", {address: 'fd77::2', serviceAccount: shop}";
  private static final String TCP =
      "{number: 7000, name: tcp-a, protocol: TCP}, {number: 7001, name: tcp-b, protocol: TCP}";
  private static final String UNSAID = "{number: 7000, name: a}, {number: 7001, name: b}";
  private static final String EDGE =
      """
      ---
      apiVersion: networking.istio.io/v1
      kind: Gateway
      metadata: {name: edge}
      spec:
        servers:
        - {port: {number: 17000, name: tcp-a, protocol: TCP}, hosts: ["*"]}
        - {port: {number: 17001, name: tcp-b, protocol: TCP}, hosts: ["*"]}
      ---
      apiVersion: networking.istio.io/v1
      kind: VirtualService
      metadata: {name: flow}
      spec:
        hosts: [flow.test]
        gateways: [edge]
        tcp:
        - match: [{port: 17000}]
          route: [{destination: {host: flow.test, port: {number: 7000}}}]
        - match: [{port: 17001}]
          route: [{destination: {host: flow.test, port: {number: 7001}}}]
      """;

  /** At port 7000 the caller ends first, at 7001 the server. */
  private void exchanged(String from, String to, String callerFirst, String serverFirst)
      throws Exception {
    Path first = serve(to, "7000", "call");
    assertThat(call(from, callerFirst, "call")).as("by the caller, first").isEqualTo(TWICE);
    until(first, ONCE);
    Path second = serve(to, "7001", "serve");
    assertThat(call(from, serverFirst, "serve")).as("by the server, first").isEqualTo(ONCE);
    until(second, TWICE);
  }

  private Path serve(String address, String port, String first) throws Exception {
    return other.serve("flow", "serve", address, port, first, Integer.toString(BYTES));
  }

  private String call(String address, String port, String first) throws Exception {
    return own.run("flow", "call", address, port, first, Integer.toString(BYTES));
  }

  @Test
  void betweenTwoSidecarsThatKnowThatItIsTcp() throws Exception {
    pods.meshed(SERVICES.formatted(TCP, BOTH));

    for (String address : ADDRESSES) {
      exchanged(address, address, "7000", "7001");
    }

    assertThat(other.admin("/metrics"))
        .containsPattern(
            "istio_tcp_connections_opened_total\\{[^}]*connection_security_policy=\"mutual_tls\"");
  }

  @Test
  void betweenTwoSidecarsThatHaveToFindOut() throws Exception {
    pods.meshed(SERVICES.formatted(UNSAID, BOTH));

    for (String address : ADDRESSES) {
      exchanged(address, address, "7000", "7001");
    }
  }

  @Test
  void throughOneThatKnowsNothingOfWhereItGoes() throws Exception {
    own.install();
    own.sidecar("--config", pods.config(PERMISSIVE));

    for (String address : ADDRESSES) {
      exchanged(address, address, "7000", "7001");
    }
  }

  @Test
  void throughAGatewayAndASidecar() throws Exception {
    String config = pods.config(SERVICES.formatted(TCP, FOUR) + EDGE);
    other.install();
    other.sidecar(pods.as("default/shop", "--config", config));
    own.gateway(pods.as("edge/gateway", "--config", config));

    exchanged("10.77.0.1", "10.77.0.2", "17000", "17001");
  }
}
