package dev.weft.routing.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.exchange.ProxyFailure.Cause;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Who is told a cause finds what it means and what to do, with what else there is to see of it. */
final class CausesTest {

  @ParameterizedTest
  @EnumSource(Cause.class)
  void everyCauseHasALine(Cause cause) throws IOException {
    String begins =
        "| `%s` | %d `%s` `%s` | "
            .formatted(
                cause.name().toLowerCase(Locale.ROOT),
                cause.status(),
                cause.flag(),
                cause.errorType());
    try (Stream<String> lines = Files.lines(Path.of("../docs/causes.md"))) {
      assertThat(lines.filter(line -> line.startsWith(begins))).hasSize(1);
    }
  }
}
