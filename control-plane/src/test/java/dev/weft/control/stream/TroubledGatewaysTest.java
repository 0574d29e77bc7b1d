package dev.weft.control.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.model.MeshConfig;
import dev.weft.control.stream.TroubledGateways.Teller;
import dev.weft.routing.discovery.standing.Standing;
import dev.weft.routing.discovery.standing.Standing.Ports;
import dev.weft.routing.discovery.standing.Standing.Trouble;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class TroubledGatewaysTest {

  private static final String GATEWAY =
      """
      apiVersion: networking.istio.io/v1
      kind: Gateway
      metadata: {name: web, namespace: edge}
      spec:
        selector: {app: gateway}
        servers: [{port: {number: 443, name: tcp, protocol: TCP}, hosts: ['*']}]
      """;
  private static final MeshConfig CONFIG = StreamFixture.config(GATEWAY);
  private static final String UNIT = CONFIG.gateways().get(0).servers().get(0).place().file();
  private static final Optional<Map<String, String>> LABELS = Optional.of(Map.of("app", "gateway"));
  private static final Trouble TAKEN = new Trouble("Gateway", "edge", "web", 443, "is taken");

  @Test
  void theSameOfManyIsToldOnceAndCounted() {
    assertThat(told(gateway(LABELS, TAKEN), gateway(LABELS), gateway(LABELS, TAKEN)))
        .containsExactly(Map.entry(UNIT, List.of(trouble("is taken", 2, 3))));
    assertThat(trouble("is taken", 2, 3))
        .hasToString("Gateway edge/web, on 2 of 3 gateways, is taken");
    assertThat(trouble("is taken", 1, 1)).hasToString("Gateway edge/web is taken");
  }

  @Test
  void whatSeveralControlPlanesHearIsAddedUp() {
    GatewayReport here = report(gateway(LABELS), gateway(LABELS, TAKEN));
    GatewayReport there = report(gateway(LABELS, TAKEN), gateway(LABELS, TAKEN));
    GatewayReport read = GatewayReport.read(there.json());

    assertThat(read).isEqualTo(there);
    assertThat(TroubledGateways.of(CONFIG, List.of(here, read), Map.of()))
        .containsExactly(Map.entry(UNIT, List.of(trouble("is taken", 3, 4))));
  }

  @Test
  void whatWasToldStaysWhileNobodySpeaksOfIt() {
    Map<String, List<GatewayTrouble>> before = Map.of(UNIT, List.of(trouble("is taken", 1, 1)));

    assertThat(TroubledGateways.of(CONFIG, List.of(report()), before)).isEqualTo(before);
    assertThat(TroubledGateways.of(CONFIG, List.of(report(gateway(LABELS))), before)).isEmpty();
  }

  @Test
  void whoseLabelsAreNotKnownIsBelieved() {
    assertThat(told(gateway(Optional.empty(), TAKEN))).hasSize(1);
  }

  @Test
  void nobodyIsBelievedOfAGatewayThatIsNotItsOwn() {
    Standing honest = standing("gateway", TAKEN);
    Standing sidecar = standing("sidecar", TAKEN);
    Standing without = new Standing("gateway", List.of(TAKEN), List.of());

    assertThat(told(new Teller(viewer(Optional.of(Map.of("app", "shop"))), honest))).isEmpty();
    assertThat(told(new Teller(viewer(LABELS), sidecar))).isEmpty();
    assertThat(told(new Teller(viewer(LABELS), without))).isEmpty();
  }

  @Test
  void whatIsAboutNothingThatThereIsIsLeftOut() {
    assertThat(told(gateway(LABELS, new Trouble("Gateway", "edge", "web", 80, "is taken"))))
        .isEmpty();
    assertThat(told(gateway(LABELS, new Trouble("Gateway", "edge", "api", 443, "is taken"))))
        .isEmpty();
    assertThat(told(gateway(LABELS, new Trouble("Listener", "", "--listen", 0, "is taken"))))
        .isEmpty();
  }

  private static Map<String, List<GatewayTrouble>> told(Teller... tellers) {
    return TroubledGateways.of(CONFIG, List.of(report(tellers)), Map.of());
  }

  private static GatewayReport report(Teller... tellers) {
    return TroubledGateways.report(CONFIG, List.of(tellers));
  }

  private static Teller gateway(Optional<Map<String, String>> labels, Trouble... troubles) {
    return new Teller(viewer(labels), standing("gateway", troubles));
  }

  private static Viewer viewer(Optional<Map<String, String>> labels) {
    return new Viewer("edge", labels);
  }

  private static Standing standing(String kind, Trouble... troubles) {
    return new Standing(
        kind, List.of(troubles), List.of(new Ports("edge", "web", List.of(), List.of(443))));
  }

  private static GatewayTrouble trouble(String words, int on, int of) {
    return new GatewayTrouble("edge", "web", words, on, of);
  }
}
