package dev.weft.routing.admin.canary;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.admin.AdminView.Route;
import dev.weft.routing.admin.AdminView.Share;
import dev.weft.routing.admin.canary.MeasuredShares.Since;
import dev.weft.routing.telemetry.rule.RuleCounts.Count;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

final class MeasuredSharesTest {

  private static final String RULE = "default/search#0";

  private final MeasuredShares measured = new MeasuredShares();

  private static List<Route> rules(int first, int second) {
    List<Share> shares = List.of(new Share("v1", first), new Share("v2", second));
    return List.of(new Route(List.of("search"), RULE, "every request", "", shares, "a.yaml:1:1"));
  }

  private static Map<String, Map<String, Count>> counts(long first, long second) {
    return Map.of(RULE, Map.of("v1", new Count(first, 0), "v2", new Count(second, 1)));
  }

  private Since looked(List<Route> rules, long first, long second, long now, boolean only) {
    return Objects.requireNonNull(
        measured.looked(rules, counts(first, second), now, only).get(RULE));
  }

  private static Count of(Since since, long second) {
    return since.of("v2", counts(0, second).get(RULE));
  }

  @Test
  void theFirstWeightsGotAllThatWasCounted() {
    Since since = looked(rules(80, 20), 8, 2, 1000, true);

    assertThat(of(since, 2)).isEqualTo(new Count(2, 1));
  }

  @Test
  void otherWeightsBeginAnew() {
    looked(rules(80, 20), 80, 20, 1000, true);
    Since same = looked(rules(80, 20), 90, 30, 2000, false);
    Since other = looked(rules(50, 50), 100, 40, 3000, false);
    Since still = looked(rules(50, 50), 150, 90, 4000, false);

    assertThat(of(same, 30)).isEqualTo(new Count(30, 1));
    assertThat(same.at()).isEqualTo(1000);
    assertThat(still).isEqualTo(other);
    assertThat(of(still, 90)).isEqualTo(new Count(50, 0));
    assertThat(still.at()).isEqualTo(3000);
  }

  @Test
  void whatWentAndCameBackBeginsAnew() {
    looked(rules(80, 20), 80, 20, 1000, true);
    measured.looked(List.of(), Map.of(), 2000, false);

    assertThat(of(looked(rules(80, 20), 90, 30, 3000, false), 35)).isEqualTo(new Count(5, 0));
  }
}
