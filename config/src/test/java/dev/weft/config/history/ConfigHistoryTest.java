package dev.weft.config.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.ConfigDocument;
import dev.weft.config.history.ConfigHistory.Entry;
import dev.weft.config.history.ConfigHistory.Traffic;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ConfigHistoryTest {

  private static final Instant WHEN = Instant.EPOCH;

  private Traffic traffic = Traffic.NONE;

  private static ConfigDocument rules(String name, int weight) {
    return new ConfigDocument(
        "dir:mesh",
        "mesh/" + name + ".yaml",
        """
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: %s, namespace: prod}
        spec: {http: [{route: [{weight: %d}, {weight: %d}]}]}
        """
            .formatted(name, weight, 100 - weight));
  }

  private static Map<String, Map<String, List<ConfigDocument>>> units(ConfigDocument... all) {
    return Map.of("dir:mesh", Map.of("dir:mesh", List.of(all)));
  }

  private ConfigHistory history(long most) {
    ConfigHistory history = new ConfigHistory(most);
    history.counting(() -> traffic);
    return history;
  }

  @Test
  void eachVersionTellsWhatItChangedAndWhatCame() {
    ConfigHistory history = history(1 << 20);
    history.applied(1, WHEN, "dir:mesh", units(rules("a", 95), rules("b", 50)));
    traffic = new Traffic(100, 0);
    history.applied(2, WHEN, "dir:mesh", units(rules("a", 90), rules("c", 50)));
    traffic = new Traffic(150, 20);

    List<Entry> entries = history.entries();

    assertThat(entries).extracting(one -> one.applied().version()).containsExactly(2L, 1L);
    assertThat(entries.get(0).changes())
        .extracting(ConfigChange::summary)
        .containsExactly(
            "VirtualService prod/a: spec.http[0].route[0].weight 95 → 90 and 1 more",
            "VirtualService prod/b removed",
            "VirtualService prod/c added");
    assertThat(entries.get(0).served()).isEqualTo(new Traffic(50, 20));
    assertThat(entries.get(0).before()).isEqualTo(new Traffic(100, 0));
    assertThat(entries.get(1).served()).isEqualTo(new Traffic(100, 0));
    assertThat(entries.get(1).changes()).isEmpty();
  }

  @Test
  void theVersionThatServesMayHaveOtherTextsAndStaysOne() {
    ConfigHistory history = history(1 << 20);
    history.applied(1, WHEN, "first", units(rules("a", 95)));
    history.applied(1, WHEN.plusSeconds(9), "second", units(rules("a", 94)));

    assertThat(history.entries()).hasSize(1);
    assertThat(history.current())
        .hasValueSatisfying(
            one -> {
              assertThat(one.cause()).isEqualTo("first");
              assertThat(one.at()).isEqualTo(WHEN);
              assertThat(one.units()).isEqualTo(units(rules("a", 94)));
            });
    assertThat(history.previous()).isEmpty();
  }

  @Test
  void textsThatDidNotChangeAreKeptOnce() {
    ConfigHistory history = history(1 << 20);
    ConfigDocument first = rules("a", 95);
    history.applied(1, WHEN, "dir:mesh", units(first));
    history.applied(2, WHEN, "dir:mesh", units(rules("a", 95), rules("b", 1)));

    List<ConfigDocument> now =
        history.current().orElseThrow().units().get("dir:mesh").get("dir:mesh");

    assertThat(now.get(0)).isSameAs(first);
    assertThat(history.current().orElseThrow().fresh()).isEqualTo(rules("b", 1).text().length());
  }

  @Test
  void itIsBoundedInNumberAndInSizeAndKeepsTheNewest() {
    ConfigHistory history = history(1000);
    for (int i = 1; i <= 3 * ConfigHistory.MOST; i++) {
      history.applied(i, WHEN, "dir:mesh", units());
    }
    assertThat(history.entries()).hasSize(ConfigHistory.MOST);
    assertThat(history.find(1)).isEmpty();

    ConfigDocument large = new ConfigDocument("u", "u/large.yaml", "x".repeat(5000));
    history.applied(1000, WHEN, "dir:mesh", units(large));

    assertThat(history.entries()).extracting(one -> one.applied().version()).containsExactly(1000L);
  }
}
