package dev.weft.config.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.config.ConfigDocument;
import dev.weft.config.ConfigUnits;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class SourceEditTest {

  private static final String SOURCE = "dir:x";
  private static final ConfigDocument OTHER =
      new ConfigDocument(
          SOURCE,
          "entry.yaml",
          """
          apiVersion: networking.istio.io/v1
          kind: ServiceEntry
          metadata: {name: search}
          spec: {hosts: [search.test], resolution: STATIC, ports: [{number: 80, name: http}]}
          """);

  private final ConfigUnits units = new ConfigUnits(List.of(SOURCE));
  private final List<Map<String, List<ConfigDocument>>> written = new ArrayList<>();
  private final SourceWriter writer =
      (now, then) -> {
        written.add(now);
        written.add(then);
      };

  private static ConfigDocument rules(String weights) {
    return new ConfigDocument(
        SOURCE,
        "rules.yaml",
        """
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: search}
        spec:
          hosts: [search.test]
          http: [{route: [%s]}]
        """
            .formatted(weights));
  }

  private static ConfigDocument rules(int first, int second) {
    return rules(
        "{destination: {host: search.test, subset: v1}, weight: %d},".formatted(first)
            + " {destination: {host: search.test, subset: v2}, weight: %d}".formatted(second));
  }

  @BeforeEach
  void serving() {
    units.change(SOURCE, Map.of(SOURCE, List.of(OTHER, rules(80, 20))));
  }

  @Test
  void theSourceIsWrittenAndServes() throws IOException {
    ConfigUnits.Outcome outcome =
        new SourceEdit(SOURCE, rules(80, 20), rules(50, 50), writer).on(units);

    assertThat(outcome.refused()).isFalse();
    assertThat(outcome.config()).isPresent();
    assertThat(written)
        .containsExactly(
            Map.of(SOURCE, List.of(OTHER, rules(80, 20))),
            Map.of(SOURCE, List.of(OTHER, rules(50, 50))));
    assertThat(units.good()).containsEntry(SOURCE, Map.of(SOURCE, List.of(OTHER, rules(50, 50))));
  }

  @Test
  void whatSomebodyChangedMeanwhileIsLeftAlone() {
    units.change(SOURCE, Map.of(SOURCE, List.of(OTHER, rules(70, 30))));

    refused(rules(50, 50), "rules.yaml: it was changed meanwhile; look again");
  }

  @Test
  void whatHasErrorsIsNotWritten() {
    refused(
        rules(-5, 105),
        "not applied: rules.yaml:6:74: spec.http[0].route[0].weight: error: weight -5 (expected: 0 to"
            + " 1000000); hint: 0 sends nothing to subset 'v1'");
  }

  private void refused(ConfigDocument wanted, String why) {
    SourceEdit edit = new SourceEdit(SOURCE, rules(80, 20), wanted, writer);

    assertThatThrownBy(() -> edit.on(units))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(why);
    assertThat(written).isEmpty();
  }

  @Test
  void whatCannotBeWrittenDoesNotServe() {
    SourceWriter locked =
        (now, then) -> {
          throw new IOException("permission denied");
        };
    SourceEdit edit = new SourceEdit(SOURCE, rules(80, 20), rules(50, 50), locked);

    assertThatThrownBy(() -> edit.on(units)).isInstanceOf(IOException.class);
    assertThat(units.wanted()).containsEntry(SOURCE, Map.of(SOURCE, List.of(OTHER, rules(80, 20))));
  }
}
