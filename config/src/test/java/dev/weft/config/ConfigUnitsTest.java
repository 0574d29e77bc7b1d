package dev.weft.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.model.VirtualService;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ConfigUnitsTest {

  private final ConfigUnits units = new ConfigUnits();

  @Test
  void aBrokenUnitKeepsItsLastGoodVersionWhileOthersApply() {
    units.change(Map.of("a", rule("a", "first"), "b", rule("b", "first")));

    ConfigUnits.Outcome outcome = units.change(Map.of("a", broken("a"), "b", rule("b", "second")));

    assertThat(outcome.refused()).isTrue();
    assertThat(outcome.problems()).isNotEmpty();
    assertThat(hosts(outcome)).containsExactlyInAnyOrder("first.test", "second.test");
  }

  @Test
  void whereNothingElseChangedNothingIsServedAnew() {
    units.change(Map.of("a", rule("a", "first")));

    ConfigUnits.Outcome outcome = units.change(Map.of("a", broken("a")));

    assertThat(outcome.config()).isEmpty();
    assertThat(outcome.refused()).isTrue();
  }

  @Test
  void aUnitThatIsMendedApplies() {
    units.change(Map.of("a", rule("a", "first")));
    units.change(Map.of("a", broken("a")));

    ConfigUnits.Outcome outcome = units.change(Map.of("a", rule("a", "second")));

    assertThat(outcome.refused()).isFalse();
    assertThat(hosts(outcome)).containsExactly("second.test");
  }

  @Test
  void aUnitThatIsGoneIsGone() {
    units.change(Map.of("a", rule("a", "first"), "b", rule("b", "other")));

    assertThat(hosts(units.change(Map.of("a", List.of())))).containsExactly("other.test");
  }

  @Test
  void afterARestartABrokenUnitFindsWhatWasGood() {
    units.remember(Map.of("a", rule("a", "first")));

    ConfigUnits.Outcome outcome = units.change(Map.of("a", broken("a")));

    assertThat(hosts(outcome)).containsExactly("first.test");
    assertThat(outcome.refused()).isTrue();
  }

  @Test
  void whatWasGoodServesUntilItsSourceTells() {
    units.remember(Map.of("a", rule("a", "first")));

    assertThat(hosts(units.restored())).containsExactly("first.test");
    units.change(Map.of("a", rule("a", "second")));

    assertThat(units.restored().config()).isEmpty();
  }

  @Test
  void oneUnitOfBeforeStandsBesideWhatTheOthersSayNow() {
    units.remember(Map.of("a", rule("a", "first"), "b", rule("b", "old")));

    assertThat(units.restored("c").config()).isEmpty();
    assertThat(hosts(units.restored("a"))).containsExactly("first.test");
    assertThat(hosts(units.change(Map.of("b", rule("b", "new")))))
        .containsExactlyInAnyOrder("first.test", "new.test");
    assertThat(hosts(units.change(Map.of("a", rule("a", "second")))))
        .containsExactlyInAnyOrder("second.test", "new.test");
  }

  private static List<ConfigDocument> rule(String unit, String host) {
    String text =
        """
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: %s}
        spec: {hosts: [%s.test], http: [{directResponse: {status: 200}}]}
        """
            .formatted(unit, host);
    return List.of(new ConfigDocument(unit, unit + ".yaml", text));
  }

  private static List<ConfigDocument> broken(String unit) {
    return List.of(new ConfigDocument(unit, unit + ".yaml", "kind: ["));
  }

  private static List<String> hosts(ConfigUnits.Outcome outcome) {
    return outcome.config().orElseThrow().virtualServices().stream()
        .map(VirtualService::hosts)
        .flatMap(List::stream)
        .toList();
  }
}
