package dev.weft.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.model.VirtualService;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class ConfigUnitsTest {

  private static final String ONE = "configmap:prod";
  private static final String TWO = "dir:more";

  private final ConfigUnits units = new ConfigUnits(List.of(ONE));

  @Test
  void aBrokenUnitKeepsItsLastGoodVersionWhileOthersApply() {
    change(Map.of("a", rule("a", "first"), "b", rule("b", "first")));

    ConfigUnits.Outcome outcome = change(Map.of("a", broken("a"), "b", rule("b", "second")));

    assertThat(outcome.refused()).isTrue();
    assertThat(outcome.problems()).isNotEmpty();
    assertThat(hosts(outcome)).containsExactlyInAnyOrder("first.test", "second.test");
  }

  @Test
  void whereNothingElseChangedNothingIsServedAnew() {
    change(Map.of("a", rule("a", "first")));

    ConfigUnits.Outcome outcome = change(Map.of("a", broken("a")));

    assertThat(outcome.config()).isEmpty();
    assertThat(outcome.refused()).isTrue();
  }

  @Test
  void aUnitThatIsMendedApplies() {
    change(Map.of("a", rule("a", "first")));
    change(Map.of("a", broken("a")));

    ConfigUnits.Outcome outcome = change(Map.of("a", rule("a", "second")));

    assertThat(outcome.refused()).isFalse();
    assertThat(hosts(outcome)).containsExactly("second.test");
  }

  @Test
  void aUnitThatIsGoneIsGone() {
    change(Map.of("a", rule("a", "first"), "b", rule("b", "other")));

    assertThat(hosts(change(Map.of("a", List.of())))).containsExactly("other.test");
  }

  @Test
  void afterARestartABrokenUnitFindsWhatWasGood() {
    units.remember(Map.of(ONE, Map.of("a", rule("a", "first"))));

    ConfigUnits.Outcome outcome = change(Map.of("a", broken("a")));

    assertThat(hosts(outcome)).containsExactly("first.test");
    assertThat(outcome.refused()).isTrue();
  }

  @Test
  void whatWasGoodServesUntilItsSourceTells() {
    units.remember(Map.of(ONE, Map.of("a", rule("a", "first"), "gone", rule("b", "gone"))));

    assertThat(hosts(units.restored(ONE))).containsExactlyInAnyOrder("first.test", "gone.test");
    assertThat(hosts(change(Map.of("a", rule("a", "second"))))).containsExactly("second.test");

    assertThat(units.restored(ONE).config()).isEmpty();
  }

  @Test
  void nothingServesBeforeEverySourceHasTold() {
    ConfigUnits both = new ConfigUnits(List.of(ONE, TWO));

    ConfigUnits.Outcome half = both.change(ONE, Map.of("a", rule("a", "first")));
    assertThat(half.config()).isEmpty();
    assertThat(half.refused()).isFalse();
    assertThat(both.waits()).isTrue();

    ConfigUnits.Outcome whole = both.change(TWO, Map.of());
    assertThat(hosts(whole)).containsExactly("first.test");
    assertThat(both.waits()).isFalse();
  }

  @Test
  void aSourceOfBeforeStandsBesideWhatTheOthersSayNow() {
    ConfigUnits both = new ConfigUnits(List.of(ONE, TWO));
    both.remember(
        Map.of(
            ONE,
            Map.of("a", rule("a", "first")),
            TWO,
            Map.of("b", rule("b", "old")),
            "dir:no-more",
            Map.of("c", rule("c", "no-more"))));

    assertThat(both.restored("dir:no-more").config()).isEmpty();
    assertThat(both.change(TWO, Map.of("b", rule("b", "new"))).config()).isEmpty();
    assertThat(hosts(both.restored(ONE))).containsExactlyInAnyOrder("first.test", "new.test");
    assertThat(both.good()).containsOnlyKeys(ONE, TWO);
    assertThat(hosts(both.change(ONE, Map.of("a", rule("a", "second")))))
        .containsExactlyInAnyOrder("second.test", "new.test");
  }

  @Test
  void whatTwoSourcesSelectIsThereAsLongAsOneDoes() {
    ConfigUnits both = new ConfigUnits(List.of(ONE, TWO));
    both.change(ONE, Map.of("a", rule("a", "first")));

    assertThat(hosts(both.change(TWO, Map.of("a", rule("a", "first")))))
        .containsExactly("first.test");
    assertThat(hosts(both.change(ONE, Map.of("a", List.of())))).containsExactly("first.test");
  }

  @Test
  void whatIsNotKnownOfANamespacesPoliciesClosesItWhenServingBegins() {
    ConfigUnits.Outcome outcome =
        change(Map.of("a", policy("prod", "{action: DENI}"), "b", rule("b", "other")));

    assertThat(hosts(outcome)).containsExactly("other.test");
    assertThat(outcome.refused()).isTrue();
    assertThat(policies(outcome)).containsExactly("prod/refused-00000061 []");

    assertThat(policies(change(Map.of("a", policy("prod", "{action: DENIED}"))))).isEmpty();
    assertThat(policies(change(Map.of("b", rule("b", "third")))))
        .containsExactly("prod/refused-00000061 []");
    assertThat(policies(change(Map.of("a", policy("prod", "{action: DENY, rules: [{}]}")))))
        .containsExactly("prod/p [1]");
  }

  @Test
  void whereItMayBeOfAnyNamespaceNothingServesBeforeItIsMended() {
    List<ConfigDocument> unbound =
        policy("prod", "{action: DENI}").stream()
            .map(one -> new ConfigDocument(one.unit(), one.name(), one.text()))
            .toList();

    ConfigUnits.Outcome outcome = change(Map.of("a", unbound, "b", rule("b", "other")));

    assertThat(outcome.config()).isEmpty();
    assertThat(outcome.refused()).isTrue();
    assertThat(hosts(change(Map.of("a", policy("prod", "{}"))))).containsExactly("other.test");
  }

  @Test
  void whatServesGoesOnWithoutANewUnitThatHasErrors() {
    change(Map.of("b", rule("b", "other")));

    ConfigUnits.Outcome outcome =
        change(Map.of("a", policy("prod", "{action: DENI}"), "b", rule("b", "third")));

    assertThat(hosts(outcome)).containsExactly("third.test");
    assertThat(policies(outcome)).isEmpty();
  }

  @Test
  void policiesThatWereGoodBeforeARestartHoldAfterIt() {
    units.remember(Map.of(ONE, Map.of("a", policy("prod", "{action: DENY, rules: [{}]}"))));

    ConfigUnits.Outcome outcome =
        change(Map.of("a", policy("prod", "{action: DENI}"), "b", rule("b", "other")));

    assertThat(policies(outcome)).containsExactly("prod/p [1]");
  }

  @Test
  void atAStartTheEarlierSourceHasANameWhoeverTellsFirst() {
    for (List<String> telling : List.of(List.of(ONE, TWO), List.of(TWO, ONE))) {
      ConfigUnits both = new ConfigUnits(List.of(ONE, TWO));
      both.change(telling.get(0), Map.of(telling.get(0), named(telling.get(0), "n")));

      ConfigUnits.Outcome whole =
          both.change(telling.get(1), Map.of(telling.get(1), named(telling.get(1), "n")));

      assertThat(names(whole)).containsExactly("n of " + ONE);
      assertThat(whole.problems())
          .singleElement()
          .satisfies(
              one -> {
                assertThat(one.place().file()).isEqualTo(TWO);
                assertThat(one.message()).contains("a second time (first at " + ONE + ":");
              });
    }
  }

  @Test
  void whoServesKeepsItsNameAndAllElseGoesOnBesideTheClash() {
    ConfigUnits both = new ConfigUnits(List.of(ONE, TWO));
    both.change(ONE, Map.of("o", named("o", "other")));
    both.change(TWO, Map.of("a", named("a", "n")));

    ConfigUnits.Outcome clash = both.change(ONE, Map.of("b", named("b", "n")));
    assertThat(clash.refused()).isTrue();
    assertThat(clash.problems()).extracting(one -> one.place().file()).containsExactly("b");
    assertThat(names(both.change(ONE, Map.of("o", named("o", "moved")))))
        .containsExactly("moved of o", "n of a");
    assertThat(names(both.change(TWO, Map.of("c", named("c", "more")))))
        .containsExactly("more of c", "moved of o", "n of a");

    assertThat(names(both.change(TWO, Map.of("a", List.of()))))
        .containsExactly("more of c", "moved of o", "n of b");
  }

  @Test
  void whatServesUnderANameThatAnotherUnitTakesCanStillBeChanged() {
    ConfigUnits both = new ConfigUnits(List.of(ONE, TWO));
    both.change(ONE, Map.of("b", named("b", "own")));
    both.change(TWO, Map.of("a", named("a", "n")));
    both.change(ONE, Map.of("b", named("b", "own", "n")));

    ConfigUnits.Outcome changed = both.change(TWO, Map.of("a", named("a", "n", "new")));

    assertThat(names(changed)).containsExactly("n of a", "new of a", "own of b");
    assertThat(changed.problems()).extracting(one -> one.place().file()).containsExactly("b");
  }

  @Test
  void whatABrokenUnitStillServesIsNotTakenByAnother() {
    change(Map.of("a", named("a", "n"), "b", named("b", "own")));

    ConfigUnits.Outcome outcome =
        change(Map.of("a", broken("a"), "b", named("b", "own", "n"), "c", named("c", "more")));

    assertThat(names(outcome)).containsExactly("more of c", "n of a", "own of b");
    assertThat(outcome.problems())
        .filteredOn(one -> one.place().file().equals("b"))
        .singleElement()
        .satisfies(one -> assertThat(one.message()).contains("first at a:"));
  }

  private static List<ConfigDocument> named(String unit, String... names) {
    StringBuilder text = new StringBuilder();
    for (String name : names) {
      text.append(
          """
          ---
          apiVersion: v1
          kind: Service
          metadata: {name: %s, annotations: {weft.dev/identities: pods}}
          spec: {clusterIP: None, ports: [{name: http, port: 80}]}
          """
              .formatted(name));
    }
    return List.of(new ConfigDocument(unit, unit, text.toString()));
  }

  private static List<String> names(ConfigUnits.Outcome outcome) {
    return outcome.config().orElseThrow().services().stream()
        .map(one -> one.meta().name() + " of " + one.meta().place().file())
        .sorted()
        .toList();
  }

  private static List<String> policies(ConfigUnits.Outcome outcome) {
    return outcome.config().stream()
        .flatMap(config -> config.authorizationPolicies().stream())
        .map(one -> one.meta().qualifiedName() + " " + List.of(one.rules().size()))
        .map(told -> told.replace("[0]", "[]"))
        .toList();
  }

  private static List<ConfigDocument> policy(String namespace, String spec) {
    String text =
        """
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: p}
        spec: %s
        """
            .formatted(spec);
    return List.of(new ConfigDocument("a", "a.yaml", text, Optional.of(namespace)));
  }

  private ConfigUnits.Outcome change(Map<String, List<ConfigDocument>> changes) {
    return units.change(ONE, changes);
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
