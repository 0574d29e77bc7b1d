package dev.weft.routing.telemetry.rule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.exchange.Decision.RouteId;
import dev.weft.routing.telemetry.rule.RuleCounts.Count;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class RuleCountsTest {

  private final RuleCounts counts = new RuleCounts();

  @Test
  void rulesOfTheSameNameAreToldTogether() {
    counts.count(new RouteId("default/search#0", 0), false);
    counts.count(new RouteId("default/search#0", 3), true);
    counts.count(RouteId.NONE, true);

    assertThat(counts.counts())
        .containsOnly(
            Map.entry("default/search#0", new Count(2, 1)), Map.entry("-", new Count(1, 1)));
  }

  @Test
  void soManyRulesAreCountedAndNoMore() {
    for (int i = 0; i < 20_000; i++) {
      counts.count(new RouteId("default/rule#" + i, i), false);
    }

    assertThat(counts.counts()).hasSize(10_000);
  }
}
