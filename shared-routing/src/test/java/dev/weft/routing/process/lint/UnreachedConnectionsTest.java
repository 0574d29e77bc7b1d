package dev.weft.routing.process.lint;

import static dev.weft.routing.process.lint.LintFixture.messages;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Of rules that others take all connections of one is shown, where one could come in. */
final class UnreachedConnectionsTest {

  private static final String TAKEN = "WF122 no connection gets here: ";

  private static final String ENTRY =
      """
      ---
      apiVersion: networking.istio.io/v1
      kind: ServiceEntry
      metadata: {name: d}
      spec:
        hosts: [d.test]
        addresses: [10.9.8.7]
        ports: [{number: 443, name: tls, protocol: TLS}, {number: 90, name: tcp, protocol: TCP}]
        resolution: STATIC
        endpoints: [{address: 127.0.0.1}]
      """;

  private static String rules(String head, String rules) {
    return """
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: a, namespace: shop}
        spec:
        """
        + head.indent(2)
        + rules.indent(2).replace("TO", "route: [{destination: {host: d.test}}]")
        + ENTRY;
  }

  private static String gateway(int port, String protocol) {
    return """
        ---
        apiVersion: networking.istio.io/v1
        kind: Gateway
        metadata: {name: edge, namespace: shop}
        spec:
          selector: {app: edge}
          servers:
          - port: {number: %d, name: any, protocol: %s}
            tls: %s
            hosts: ["*"]
        """
        .formatted(port, protocol, protocol.equals("TLS") ? "{mode: PASSTHROUGH}" : "null")
        .replace("    tls: null\n", "");
  }

  private static final String CLOSER =
      """
      tls:
      - match: [{sniHosts: ["*.a.test"]}]
        TO
      - match: [{sniHosts: [any.a.test]}, {sniHosts: ["*.a.test"]}]
        TO
      """;

  @Test
  void aNameThatAnotherMatchHasNoCloserOneOfIsAskedFor() {
    assertThat(messages(rules("hosts: ['*.a.test']\nexportTo: ['.']", CLOSER)))
        .containsExactly(
            TAKEN
                + "tls[0] takes them; e.g. TLS 192.0.2.1:443 --sni another-any.a.test --from"
                + " shop/default goes to shop/a#tls[0]");
  }

  @Test
  void atAGatewayItIsAPortThatIsOpen() {
    String head = "hosts: ['*.a.test']\ngateways: [edge]";

    assertThat(messages(rules(head, CLOSER) + gateway(8443, "TLS")))
        .containsExactly(
            TAKEN
                + "tls[0] takes them; e.g. TLS 192.0.2.1:8443 --sni another-any.a.test --gateway"
                + " goes to shop/a#tls[0]");
    assertThat(messages(rules(head, CLOSER)))
        .contains(TAKEN + "tls[0] takes them"); // nothing comes in anywhere
  }

  @Test
  void inTheMeshAServiceIsKnownByItsAddress() {
    String tcp = "tcp:\n- match: [{port: 90}]\n  TO\n- match: [{port: 90}]\n  TO\n";

    assertThat(messages(rules("hosts: [d.test]", tcp)))
        .containsExactly(TAKEN + "tcp[0] takes them; e.g. TCP d.test:90 goes to shop/a#tcp[0]");
    assertThat(messages(rules("hosts: [d.test]", tcp).replace("addresses: [10.9.8.7]", "")))
        .containsExactly(TAKEN + "tcp[0] takes them");
  }

  @Test
  void whoAsksIsToldWhereItMatters() {
    String tcp =
        """
        tcp:
        - match: [{port: 90, sourceLabels: {app: web}}]
          TO
        - match: [{port: 90, sourceLabels: {app: web, tier: one}, sourceNamespace: front}]
          TO
        """;

    assertThat(messages(rules("hosts: [d.test]", tcp)))
        .containsExactly(
            TAKEN
                + "tcp[0] takes them; e.g. TCP d.test:90 --from front/default --labels"
                + " app=web,tier=one goes to shop/a#tcp[0]");
  }

  @Test
  void aDestinationThatIsNotThereIsShownToo() {
    String tcp =
        """
        tcp:
        - match: [{port: 90}]
          route:
          - {destination: {host: gone.test}, weight: 50}
          - {destination: {host: d.test, port: {number: 1}}, weight: 50}
          - {destination: {host: d.test, subset: none}, weight: 0}
        """;

    assertThat(messages(rules("hosts: [d.test]", tcp)))
        .containsExactly(
            "WF120 no service 'gone.test' (there are: d.test); e.g. TCP d.test:90 goes to"
                + " shop/a#tcp[0]",
            "WF132 port 1 of d.test (there are: 90, 443); e.g. TCP d.test:90 goes to shop/a#tcp[0]",
            "WF121 subset 'none' is not defined: no DestinationRule for d.test");
  }
}
