package dev.weft.routing.process.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.ConfigDocument;
import dev.weft.config.ConfigLoader;
import dev.weft.config.model.Gateway;
import dev.weft.config.model.MeshConfig;
import dev.weft.routing.discovery.standing.Standing;
import dev.weft.routing.discovery.standing.Standing.Ports;
import dev.weft.routing.discovery.standing.Standing.Trouble;
import dev.weft.routing.identity.CertificateFaults.Fault;
import dev.weft.routing.identity.CertificateFaults.Kind;
import dev.weft.routing.snapshot.Plan;
import dev.weft.routing.snapshot.PortServers;
import dev.weft.routing.snapshot.PortServers.Owned;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class GatewayStandingTest {

  private static final String TAKEN = "cannot listen on 0.0.0.0:443: Address already in use";
  private static final MeshConfig CONFIG =
      ConfigLoader.load(
              List.of(
                  new ConfigDocument(
                      "t",
                      "edge.yaml",
                      """
                      apiVersion: networking.istio.io/v1
                      kind: Gateway
                      metadata: {name: web, namespace: edge}
                      spec:
                        servers:
                        - {port: {number: 80, name: http, protocol: HTTP}, hosts: ['*']}
                        - port: {number: 443, name: https, protocol: HTTPS}
                          hosts: [shop.test]
                          tls: {mode: SIMPLE, credentialName: shop}
                      ---
                      apiVersion: networking.istio.io/v1
                      kind: Gateway
                      metadata: {name: api, namespace: edge}
                      spec:
                        servers:
                        - port: {number: 443, name: https, protocol: HTTPS}
                          hosts: [api.test]
                          tls: {mode: SIMPLE, credentialName: api}
                      """)))
          .config();

  @Test
  void aPortThatIsClosedIsToldOfEachGatewayThatWantsIt() {
    Standing standing =
        GatewayStanding.of(true, ports(), Map.of("gateway 0.0.0.0:443", TAKEN), List.of());

    assertThat(standing)
        .isEqualTo(
            new Standing(
                "gateway",
                List.of(
                    new Trouble("Gateway", "edge", "api", 443, TAKEN),
                    new Trouble("Gateway", "edge", "web", 443, TAKEN)),
                List.of(
                    new Ports("edge", "api", List.of(), List.of(443)),
                    new Ports("edge", "web", List.of(80), List.of(443)))));
  }

  @Test
  void aCertificateIsToldOfTheGatewayWhoseItIs() {
    List<Fault> faults =
        List.of(
            new Fault(Kind.SERVER, server(443, "edge/api"), "there is no Secret edge/api"),
            new Fault(Kind.ACME, "shop", "the authority does not answer"));

    Standing standing = GatewayStanding.of(true, ports(), Map.of(), faults);

    assertThat(standing.troubles())
        .containsExactlyInAnyOrder(
            new Trouble(
                "Gateway",
                "edge",
                "web",
                443,
                "obtains no certificate for port 443: the authority does not answer"),
            new Trouble(
                "Gateway",
                "edge",
                "api",
                443,
                "has a certificate on port 443 that cannot be read or used: there is no Secret"
                    + " edge/api"));
    assertThat(standing.gateways()).allSatisfy(one -> assertThat(one.waiting()).isEmpty());
  }

  @Test
  void whatNoGatewayAskedForIsAListener() {
    assertThat(GatewayStanding.of(false, List.of(), Map.of("inbound", TAKEN), List.of()))
        .isEqualTo(
            new Standing(
                "sidecar", List.of(new Trouble("Listener", "", "inbound", 0, TAKEN)), List.of()));
  }

  private static String server(int port, String gateway) {
    return owned(port)
        .filter(one -> one.gateway().equals(gateway))
        .findFirst()
        .orElseThrow()
        .server()
        .place()
        .toString();
  }

  private static Stream<Owned> owned(int port) {
    return CONFIG.gateways().stream()
        .flatMap(
            (Gateway all) ->
                all.servers().stream()
                    .filter(one -> one.port() == port)
                    .map(one -> new Owned(all.meta().qualifiedName(), one)));
  }

  private static List<Plan.Port> ports() {
    return Stream.of(80, 443)
        .map(port -> new Plan.Port("", port, new PortServers(owned(port).toList())))
        .toList();
  }
}
