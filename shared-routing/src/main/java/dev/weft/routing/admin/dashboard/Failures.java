package dev.weft.routing.admin.dashboard;

import dev.weft.routing.admin.dashboard.asset.AssetFiles;
import dev.weft.routing.telemetry.rule.FailureCounts.Failed;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Why requests failed here, with what each cause means and what to do: as the documents say. */
final class Failures {

  private static final Pattern LINE =
      Pattern.compile("\\| `([a-z_]+)` \\| \\d{3} [^|]*\\| ([^|]*) \\| ([^|]*) \\|");
  private static final Pattern LINK = Pattern.compile("\\[([^\\]]*)]\\([^)]*\\)");

  private Failures() {}

  /** What was counted, the last first. */
  static JsonObject counted(List<Failed> all) {
    JsonArray failures = new JsonArray();
    all.stream()
        .sorted((one, other) -> Long.compare(other.lastMillis(), one.lastMillis()))
        .forEach(
            one ->
                failures.add(
                    new JsonObject()
                        .put("rule", one.rule())
                        .put("service", one.service())
                        .put("cause", one.cause().word())
                        .put("requests", one.requests())
                        .put("last", one.lastMillis())
                        .put("detail", one.detail())));
    return new JsonObject().put("failures", failures);
  }

  /** {@code {cause: {means, do}}}, of {@code docs/causes.md}, which lies in the jar. Blocks. */
  static JsonObject meanings() {
    JsonObject all = new JsonObject();
    try (InputStream file = Failures.class.getResourceAsStream(AssetFiles.FOLDER + "causes.md")) {
      if (file == null) {
        throw new IllegalStateException("causes.md: not in the jar");
      }
      String text = new String(file.readAllBytes(), StandardCharsets.UTF_8);
      text.lines()
          .map(LINE::matcher)
          .filter(Matcher::matches)
          .forEach(
              line ->
                  all.put(
                      line.group(1),
                      new JsonObject()
                          .put("means", plain(line.group(2)))
                          .put("do", plain(line.group(3)))));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return all;
  }

  /** Without what a page of text has beside words. */
  private static String plain(String markdown) {
    return LINK.matcher(markdown).replaceAll("$1").replace("`", "");
  }
}
