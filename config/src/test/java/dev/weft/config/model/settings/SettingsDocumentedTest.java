package dev.weft.config.model.settings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.model.settings.edge.EdgePolicy;
import dev.weft.config.model.telemetry.TraceSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A setting that no page tells of is one that nobody finds when he needs it. */
final class SettingsDocumentedTest {

  /** Whose components are named as their fields are written. */
  private static final Map<String, Class<? extends Record>> BLOCKS =
      Map.of(
          "limits", Limits.class,
          "overload", Overload.class,
          "breaker", Breaker.class,
          "edge", Edge.class,
          "redis", Redis.class,
          "tracing", TraceSettings.class,
          "log", Log.class);

  @Test
  void eachFieldStandsOnThePageOfSettings() throws Exception {
    String page = Files.readString(Path.of("../docs/resilience.md"));

    List<String> missing = new ArrayList<>();
    BLOCKS.forEach(
        (block, fields) ->
            written(fields)
                .map(field -> block + "." + field)
                .filter(name -> !page.contains("`" + name + "`"))
                .forEach(missing::add));

    assertThat(missing).isEmpty();
  }

  /**
   * What an edge asks of its callers is written beside its other fields; what is logged of which
   * side is written in Telemetry.
   */
  private static Stream<String> written(Class<?> fields) {
    return Arrays.stream(fields.getRecordComponents())
        .filter(field -> !field.getType().equals(Log.Side.class))
        .flatMap(
            field ->
                field.getType().equals(EdgePolicy.class)
                    ? written(EdgePolicy.class)
                    : Stream.of(field.getName()));
  }

  @Test
  void soDoesEachBlock() throws Exception {
    String page = Files.readString(Path.of("../docs/resilience.md"));

    List<String> missing = new ArrayList<>();
    Arrays.stream(Blocks.class.getRecordComponents())
        .map(block -> block.getName())
        .filter(name -> !page.matches("(?s).*[` ]" + name + "[`.:].*"))
        .forEach(missing::add);

    assertThat(missing).isEmpty();
  }
}
