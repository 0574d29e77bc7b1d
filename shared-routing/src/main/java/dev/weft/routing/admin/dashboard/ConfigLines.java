package dev.weft.routing.admin.dashboard;

import dev.weft.config.problem.Place;
import dev.weft.config.problem.Problem;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The lines of configuration that problems stand in, with those around them. Only files that a
 * problem names are read, and nothing is shown of one that holds a key or a Secret, whatever the
 * problem's line. Blocks.
 */
final class ConfigLines {

  private static final int AROUND = 3;
  private static final long MOST_BYTES = 1 << 20;
  private static final int MOST_LENGTH = 300;
  private static final int MOST_PROBLEMS = 200;

  private ConfigLines() {}

  /** {@code [{file, line, first, lines}]}, one for each problem that has lines to show. */
  static JsonObject of(List<Problem> problems) {
    JsonArray all = new JsonArray();
    Map<String, List<String>> texts = new HashMap<>();
    problems.stream()
        .map(Problem::place)
        .distinct()
        .limit(MOST_PROBLEMS)
        .forEach(place -> around(place, texts, all));
    return new JsonObject().put("excerpts", all);
  }

  private static void around(Place place, Map<String, List<String>> texts, JsonArray all) {
    List<String> lines = texts.computeIfAbsent(place.file(), ConfigLines::lines);
    if (place.line() < 1 || place.line() > lines.size()) {
      return;
    }
    int first = Math.max(1, place.line() - AROUND);
    int last = Math.min(lines.size(), place.line() + AROUND);
    JsonArray shown = new JsonArray();
    lines.subList(first - 1, last).forEach(line -> shown.add(shortened(line)));
    all.add(
        new JsonObject()
            .put("file", place.file())
            .put("line", place.line())
            .put("first", first)
            .put("lines", shown));
  }

  private static String shortened(String line) {
    return line.length() > MOST_LENGTH ? line.substring(0, MOST_LENGTH) + "…" : line;
  }

  private static List<String> lines(String file) {
    try {
      Path path = Path.of(file);
      if (!Files.isRegularFile(path) || Files.size(path) > MOST_BYTES) {
        return List.of();
      }
      String text = new String(Files.readAllBytes(path), StandardCharsets.UTF_8);
      boolean secret = text.contains("Secret") || text.contains("PRIVATE KEY");
      return secret ? List.of() : text.lines().toList();
    } catch (IOException | RuntimeException e) {
      return List.of(); // a ConfigMap's name is no path, and a file may be gone
    }
  }
}
