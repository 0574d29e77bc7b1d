package dev.weft.routing.admin.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.ConfigDocument;
import dev.weft.config.problem.Place;
import dev.weft.config.problem.Problem;
import io.vertx.core.json.JsonArray;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ConfigLinesTest {

  private static final String FILE = "/etc/weft/rules.yaml";
  private static final String KEY = "configmap:prod/routes#search.yaml";
  private static final String TEXT = "a: 1\nb: 2\nc: 3\nd: 4\ne: 5\nf: 6\ng: 7\nh: 8\n";

  @Test
  void theLinesAroundAProblemAreShown() {
    String around = "\"b: 2\",\"c: 3\",\"d: 4\",\"e: 5\",\"f: 6\",\"g: 7\",\"h: 8\"";

    for (String name : List.of(FILE, KEY)) {
      assertThat(shown(name, 5, text(name, TEXT)).encode())
          .isEqualTo(
              "[{\"file\":\"" + name + "\",\"line\":5,\"first\":2,\"lines\":[" + around + "]}]");
    }
  }

  @Test
  void whatIsWantedIsShownAndNotWhatServesStill() {
    JsonArray shown = shown(KEY, 1, text(KEY, "weight: -5\n"), text(KEY, "weight: 5\n"));

    assertThat(shown.getJsonObject(0).getJsonArray("lines")).containsExactly("weight: -5");
  }

  @Test
  void nothingIsShownOfATextThatHoldsASecret() {
    String secret = "weight: -5\n---\nkind: Secret\ndata: {tls.key: aGVsbG8=}\n";
    String key = "weight: -5\n# -----BEGIN PRIVATE KEY-----\n";

    assertThat(shown(FILE, 1, text(FILE, secret))).isEmpty();
    assertThat(shown(KEY, 1, text(KEY, key))).isEmpty();
  }

  @Test
  void whatHasNoLinesShowsNone() {
    assertThat(shown(KEY, 3)).isEmpty();
    assertThat(shown(KEY, 3, text("configmap:prod/routes#other.yaml", TEXT))).isEmpty();
    assertThat(shown(KEY, 9, text(KEY, TEXT))).isEmpty();
    assertThat(shown(KEY, 0, text(KEY, TEXT))).isEmpty();
    assertThat(shown("virtualservice:prod/a", 1, text("virtualservice:prod/a", "{}".repeat(200))))
        .as("of an API server")
        .isEmpty();
  }

  private static ConfigDocument text(String name, String text) {
    return new ConfigDocument("unit", name, text);
  }

  private static JsonArray shown(String file, int line, ConfigDocument... texts) {
    Problem problem =
        new Problem(
            Problem.Severity.WARNING, "WF121", new Place(file, line, 1), "spec", "wrong", "");
    return ConfigLines.of(List.of(problem), List.of(texts)).getJsonArray("excerpts");
  }
}
