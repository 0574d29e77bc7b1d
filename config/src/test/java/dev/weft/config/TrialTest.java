package dev.weft.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.problem.Problem;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class TrialTest {

  private final ConfigUnits units = new ConfigUnits(List.of("maps"));

  @Test
  void onNothingATextIsReadByItself() {
    assertThat(messages(units.trial(), "a", rule("one", 200))).isEmpty();
    assertThat(messages(units.trial(), "a", rule("one", 2))).containsExactly("a: status 2");
  }

  @Test
  void aTrialChangesNothing() {
    units.change("maps", Map.of("a", documents("a", rule("one", 200))));
    Trial trial = units.trial();

    assertThat(messages(trial, "a", rule("one", 2))).containsExactly("a: status 2");
    assertThat(messages(trial, "a", rule("one", 200))).isEmpty();
    assertThat(units.change("maps", Map.of()).problems()).isEmpty();
  }

  @Test
  void anErrorElsewhereCountsOnlyWhereTheEditBringsIt() {
    units.change(
        "maps", Map.of("a", documents("a", rule("one", 200)), "b", documents("b", rule("two", 2))));
    Trial trial = units.trial();

    assertThat(messages(trial, "c", rule("three", 200))).isEmpty();
    assertThat(messages(trial, "c", rule("one", 200)))
        .containsExactly("c: VirtualService default/one");
  }

  /** The unit, and the first two words of what is wrong. */
  private static List<String> messages(Trial trial, String unit, String text) {
    return trial.problems(unit, documents(unit, text)).stream()
        .filter(Problem::error)
        .map(one -> one.place().file() + ": " + words(one.message()))
        .toList();
  }

  private static String words(String message) {
    String[] words = message.split(" ", 3);
    return words[0] + " " + words[1];
  }

  private static List<ConfigDocument> documents(String unit, String text) {
    return List.of(new ConfigDocument(unit, unit, text));
  }

  private static String rule(String name, int status) {
    return """
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: %s}
        spec: {hosts: [%s.test], http: [{directResponse: {status: %d}}]}
        """
        .formatted(name, name, status);
  }
}
