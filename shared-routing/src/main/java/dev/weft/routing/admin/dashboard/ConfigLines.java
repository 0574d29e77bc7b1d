package dev.weft.routing.admin.dashboard;

import dev.weft.config.ConfigDocument;
import dev.weft.config.problem.Place;
import dev.weft.config.problem.Problem;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The lines of configuration that problems stand in, with those around them: of a file, or of one
 * key of a ConfigMap. Nothing is shown of a text that holds a key or a Secret, whatever the
 * problem's line, and none of what is a single long line, as resources of an API server are.
 */
final class ConfigLines {

  private static final int AROUND = 3;
  private static final int MOST_CHARACTERS = 1 << 20;
  private static final int MOST_LENGTH = 300;
  private static final int MOST_PROBLEMS = 200;

  private ConfigLines() {}

  /**
   * {@code [{file, line, first, lines}]}, one for each problem that has lines to show.
   *
   * @param texts that problems name; of several with one name the first is meant
   */
  static JsonObject of(List<Problem> problems, List<ConfigDocument> texts) {
    List<Place> places =
        problems.stream().map(Problem::place).distinct().limit(MOST_PROBLEMS).toList();
    Set<String> named = places.stream().map(Place::file).collect(Collectors.toSet());
    Map<String, List<String>> known = new HashMap<>();
    for (ConfigDocument text : texts) {
      if (named.contains(text.name())) {
        known.computeIfAbsent(text.name(), first -> lines(text.text()));
      }
    }
    JsonArray all = new JsonArray();
    places.forEach(place -> around(place, known.getOrDefault(place.file(), List.of()), all));
    return new JsonObject().put("excerpts", all);
  }

  private static void around(Place place, List<String> lines, JsonArray all) {
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

  private static List<String> lines(String text) {
    boolean secret = text.contains("Secret") || text.contains("PRIVATE KEY");
    if (secret || text.length() > MOST_CHARACTERS) {
      return List.of();
    }
    List<String> lines = text.lines().toList();
    return lines.size() == 1 && text.length() > MOST_LENGTH ? List.of() : lines;
  }
}
