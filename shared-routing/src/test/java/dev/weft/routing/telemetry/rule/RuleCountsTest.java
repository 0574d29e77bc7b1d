package dev.weft.routing.telemetry.rule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.exchange.Decision;
import dev.weft.routing.exchange.Decision.Action;
import dev.weft.routing.exchange.Decision.Forward;
import dev.weft.routing.exchange.Decision.RouteId;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.telemetry.HandTicker;
import dev.weft.routing.telemetry.Histogram;
import dev.weft.routing.telemetry.rule.FailureCounts.Failed;
import dev.weft.routing.telemetry.rule.RuleCounts.Count;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

final class RuleCountsTest {

  private static final RouteId SEARCH = new RouteId("default/search#0", 0);

  private final RuleCounts counts = new RuleCounts();

  private static Decision decided(RouteId rule, Action action) {
    return new Decision(rule, action, "/", "search.test", Optional.empty(), List.of());
  }

  private static Decision sent(RouteId rule, String subset) {
    return decided(rule, new Forward(ClusterName.outbound("search.test", 80, subset), 0));
  }

  private Map<String, Count> asked() {
    return counts.requests().entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, one -> one.getValue().count()));
  }

  @Test
  void rulesOfTheSameNameAreToldTogether() {
    counts.count(sent(SEARCH, "v1"), false, 2_000_000);
    counts.count(sent(new RouteId("default/search#0", 3), "v1"), true, 2_000_000);
    counts.count(
        decided(RouteId.NONE, new Decision.Refuse(ProxyFailure.Cause.NO_ROUTE)), true, 2_000_000);

    assertThat(asked())
        .containsOnly(
            Map.entry("default/search#0", new Count(2, 1)), Map.entry("-", new Count(1, 1)));
    assertThat(counts.shares())
        .containsOnly(
            Map.entry("default/search#0", Map.of("outbound|80|v1|search.test", new Count(2, 1))));
    assertThat(counts.overflow().count()).isEqualTo(Count.NONE);
  }

  @Test
  void howLongRequestsTookIsToldByRule() {
    counts.count(sent(SEARCH, "v1"), false, 3_000_000);
    counts.count(sent(new RouteId("default/search#0", 3), "v2"), true, 700_000_000);

    assertThat(counts.requests()).containsOnlyKeys("default/search#0");
    Histogram search = counts.requests().get("default/search#0").millis();
    assertThat(search.sum()).as("milliseconds").isEqualTo(703);
    assertThat(search.quantile(0.5)).isEqualTo(5);
    assertThat(search.quantile(1)).isEqualTo(1000);
  }

  @Test
  void whatEachShareGotIsTold() {
    counts.count(sent(SEARCH, "v1"), false, 2_000_000);
    counts.count(sent(SEARCH, "v2"), true, 2_000_000);
    counts.count(sent(SEARCH, "v2"), false, 2_000_000);

    assertThat(counts.shares().get("default/search#0"))
        .containsOnly(
            Map.entry("outbound|80|v1|search.test", new Count(1, 0)),
            Map.entry("outbound|80|v2|search.test", new Count(2, 1)));
  }

  @Test
  void connectionsAreToldBesideRequestsAndNeverAsSuch() {
    ClusterName db = ClusterName.outbound("db.test", 5432, "v1");
    counts.count(sent(SEARCH, "v1"), false, 2_000_000);
    counts.connection("default/db#tcp[0]", db, false);
    counts.connection("default/db#tcp[0]", db, true);
    counts.connection("", db, false);

    assertThat(counts.requests()).containsOnlyKeys("default/search#0");
    assertThat(counts.connections()).containsOnly(Map.entry("default/db#tcp[0]", new Count(2, 1)));
    assertThat(counts.shares().get("default/db#tcp[0]"))
        .containsOnly(Map.entry("outbound|5432|v1|db.test", new Count(2, 1)));
  }

  @Test
  void whatWasCountedSinceIsNeverLessThanNothing() {
    assertThat(new Count(7, 2).since(new Count(5, 2))).isEqualTo(new Count(2, 0));
    assertThat(new Count(1, 0).since(new Count(5, 2))).isEqualTo(Count.NONE);
  }

  @Test
  void aRuleThatTheConfigurationDroppedIsToldForAnHourMore() {
    HandTicker time = new HandTicker();
    ClusterName db = ClusterName.outbound("db.test", 5432, "v1");
    counts.configured(Set.of("default/search#0", "default/db#tcp[0]", "default/kept#0"), time);
    counts.count(sent(SEARCH, "v1"), false, 2_000_000);
    counts.count(sent(new RouteId("default/kept#0", 1), "v1"), false, 2_000_000);
    counts.count(sent(RouteId.NONE, "v1"), true, 2_000_000);
    counts.count(sent(new RouteId("inbound:8080", 0), "v1"), false, 2_000_000);
    counts.connection("default/db#tcp[0]", db, false);
    ProxyFailure refused = new ProxyFailure(Cause.OVERFLOW, "so it was");
    counts.failures().count(SEARCH, "search.test", refused, 1);
    counts.failures().count(RouteId.NONE, "search.test", refused, 1);

    counts.configured(Set.of("default/kept#0"), time);
    time.turn(RuleCounts.KEPT.minusNanos(1));
    Set<String> before = counts.requests().keySet();
    int failuresBefore = counts.failures().counts().size();
    time.turn(Duration.ofNanos(1));

    assertThat(before).hasSize(4).contains("default/search#0");
    assertThat(failuresBefore).isEqualTo(2);
    assertThat(counts.requests()).containsOnlyKeys("default/kept#0", "-", "inbound:8080");
    assertThat(counts.connections()).isEmpty();
    assertThat(counts.shares()).doesNotContainKeys("default/search#0", "default/db#tcp[0]");
    assertThat(counts.failures().counts()).extracting(Failed::rule).containsOnly("-");
  }

  @Test
  void aRuleThatComesBackInTimeKeepsWhatItHad() {
    HandTicker time = new HandTicker();
    counts.configured(Set.of("default/search#0"), time);
    counts.count(sent(SEARCH, "v1"), false, 2_000_000);
    counts.configured(Set.of(), time);
    time.turn(RuleCounts.KEPT.minusMinutes(1));
    counts.configured(Set.of("default/search#0"), time);
    time.turn(RuleCounts.KEPT);

    assertThat(asked()).containsEntry("default/search#0", new Count(1, 0));
  }

  @Test
  void rulesThatComeAndGoTakeNoMoreMemoryThanSoMany() {
    HandTicker time = new HandTicker();
    for (int i = 0; i < 30_000; i += 1_000) {
      Set<String> names = new HashSet<>();
      for (int rule = i; rule < i + 1_000; rule++) {
        names.add("default/rule#" + rule);
      }
      counts.configured(names, time);
      names.forEach(one -> counts.count(sent(new RouteId(one, 0), "v1"), false, 2_000_000));
      time.turn(Duration.ofMinutes(12));
    }

    assertThat(counts.overflow().count()).as("all are told apart").isEqualTo(Count.NONE);
    assertThat(counts.requests())
        .as("of the last hour")
        .hasSize(5_000)
        .containsKey("default/rule#29999");
  }

  @Test
  void soManyRulesAndSharesAreCountedAndNoMore() {
    for (int i = 0; i < 20_000; i++) {
      counts.count(sent(new RouteId("default/rule#" + i, i), "v1"), false, 2_000_000);
      counts.count(sent(new RouteId("default/rule#0", 0), "v" + i), false, 2_000_000);
    }

    assertThat(counts.requests()).hasSize(10_000);
    assertThat(counts.shares().get("default/rule#0")).hasSize(200);
    assertThat(counts.overflow().count())
        .as("the others, together")
        .isEqualTo(new Count(10_000, 0));
    assertThat(counts.overflow().millis().count()).isEqualTo(10_000);
  }
}
