package dev.weft.routing.admin.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.problem.Place;
import dev.weft.config.problem.Problem;
import io.vertx.core.json.JsonArray;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ConfigLinesTest {

  @TempDir Path folder;

  @Test
  void theLinesAroundAProblemAreShown() throws IOException {
    String file = written("a: 1\nb: 2\nc: 3\nd: 4\ne: 5\nf: 6\ng: 7\nh: 8\n");

    JsonArray shown = shown(file, 5);

    assertThat(shown.encode())
        .isEqualTo(
            "[{\"file\":\""
                + file
                + "\",\"line\":5,\"first\":2,\"lines\":[\"b: 2\",\"c: 3\",\"d: 4\",\"e: 5\","
                + "\"f: 6\",\"g: 7\",\"h: 8\"]}]");
  }

  @Test
  void nothingIsShownOfAFileThatHoldsASecret() throws IOException {
    String secret = written("weight: -5\n---\nkind: Secret\ndata: {tls.key: aGVsbG8=}\n");
    String key = written("weight: -5\n# -----BEGIN PRIVATE KEY-----\n");

    assertThat(shown(secret, 1)).isEmpty();
    assertThat(shown(key, 1)).isEmpty();
  }

  @Test
  void whatIsNoFileHasNoLines() {
    assertThat(shown("configmap:prod/routes#search.yaml", 3)).isEmpty();
    assertThat(shown(folder.resolve("gone.yaml").toString(), 3)).isEmpty();
    assertThat(shown(folder.toString(), 1)).isEmpty();
  }

  private static JsonArray shown(String file, int line) {
    Problem problem =
        new Problem(
            Problem.Severity.WARNING, "WF121", new Place(file, line, 1), "spec", "wrong", "");
    return ConfigLines.of(List.of(problem)).getJsonArray("excerpts");
  }

  private String written(String text) throws IOException {
    return Files.writeString(Files.createTempFile(folder, "rules", ".yaml"), text).toString();
  }
}
