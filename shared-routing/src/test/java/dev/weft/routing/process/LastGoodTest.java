package dev.weft.routing.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.ConfigDocument;
import dev.weft.testkit.LogLines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is kept on disk, and what is made of a file that is not what was written. */
final class LastGoodTest {

  private static final Map<String, Map<String, List<ConfigDocument>>> KEPT =
      Map.of(
          "dir:/mesh",
          Map.of(
              "a.yaml",
              List.of(
                  new ConfigDocument(
                      "a.yaml", "a.yaml", "kind: Gateway\n# \u00fc\n", Optional.of("shop")))));

  @TempDir private Path folder;

  @Test
  void whatIsWrittenIsReadAndNobodyElseMay() throws IOException {
    Path state = folder.resolve("state");
    new LastGood(Optional.of(state)).write(KEPT);

    assertThat(new LastGood(Optional.of(state)).read()).isEqualTo(KEPT);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file(state))))
        .isEqualTo("rw-------");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(state)))
        .isEqualTo("rwx------");
  }

  @ParameterizedTest
  @ValueSource(strings = {"another letter", "cut", "no sum", "more", "empty"})
  void aFileThatIsNotWhatWasWrittenIsNotServed(String fault) throws IOException {
    new LastGood(Optional.of(folder)).write(KEPT);
    String text = Files.readString(file(folder));
    Files.writeString(
        file(folder),
        switch (fault) {
          case "another letter" -> text.replace("Gateway", "Gatewax");
          case "cut" -> text.substring(0, text.length() - 3);
          case "no sum" -> text.substring(0, text.indexOf('\n'));
          case "more" -> text + "{}";
          default -> "";
        });

    try (LogLines said = new LogLines(LastGood.class)) {
      assertThat(new LastGood(Optional.of(folder)).read()).isEmpty();
      assertThat(said.lines()).singleElement().asString().contains("units.json", "checksum");
    }
  }

  private static Path file(Path state) {
    return state.resolve("units.json");
  }
}
