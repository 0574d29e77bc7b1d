package dev.weft.cli.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.cli.live.RuleRates.Count;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class RuleRatesTest {

  @Test
  void routesAreToldByWhatCameSinceTheLastLookWhatFailsFirst() {
    Map<String, Count> gateway = told("{'a#0': [10, 0], 'b#0': [5, 5], '-': [1, 1]}");
    Map<String, Count> later = told("{'a#0': [40, 0], 'b#0': [15, 10], '-': [1, 1]}");
    Map<String, Count> sidecar = told("{'a#0': [900, 0]}");
    Map<String, Count> anew = told("{'a#0': [10, 1]}");

    Map<String, Count> since = RuleRates.since(List.of(gateway, sidecar), List.of(later, anew));

    assertThat(since).containsEntry("a#0", new Count(40, 1)).containsEntry("b#0", new Count(10, 5));
    assertThat(TopTable.rules(since, 2).lines().toList())
        .containsExactly("ROUTE  REQ/S  SUCCESS", "b#0    5.0    50.00%", "a#0    20.0   97.50%");
  }

  @Test
  void aProxyThatTellsNoRulesHasNone() {
    assertThat(RuleRates.of(new JsonObject())).isEmpty();
    assertThat(TopTable.rules(Map.of(), 2)).isEmpty();
  }

  private static Map<String, Count> told(String rules) {
    return RuleRates.of(new JsonObject().put("rules", new JsonObject(rules.replace('\'', '"'))));
  }
}
