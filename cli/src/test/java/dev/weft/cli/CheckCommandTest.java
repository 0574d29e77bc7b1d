package dev.weft.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

final class CheckCommandTest {

  private static final Path EXAMPLES = Path.of("../config/examples");

  private static final String CHECK = "---check\n";

  private final StringWriter out = new StringWriter();
  private final StringWriter problems = new StringWriter();

  @TempDir private Path folder;

  @ParameterizedTest
  @MethodSource("examples")
  void everyExampleIsAcceptedAndBeginsWithWhatToTry(Path example) throws IOException {
    assertThat(check(example.toString())).as("%s", out).isZero();

    try (Stream<Path> files = Files.list(example)) {
      assertThat(files.map(CheckCommandTest::read))
          .anySatisfy(text -> assertThat(text).startsWith("# ").contains("Try"));
    }
  }

  @ParameterizedTest
  @MethodSource("golden")
  void everyGoldenFaultIsToldInTextAndJsonAlike(Path file) throws IOException {
    String[] parts = read(file).split("---expect\n", -1);
    Path input = Files.writeString(folder.resolve("a.yaml"), parts[0]);
    String expected = parts[1].substring(parts[1].indexOf(CHECK) < 0 ? 0 : afterCheck(parts[1]));
    boolean error = expected.contains(": error: ");

    int code = check(input.toString());
    String text = out.toString();
    out.getBuffer().setLength(0);
    int again = check(input.toString(), "--output", "json");

    assertThat(text).isEqualTo(expected.replace("a.yaml", input.toString()));
    assertThat(List.of(code, again)).containsOnly(error ? 1 : 0);
    JsonArray told = new JsonArray(out.toString());
    long lines = expected.lines().filter(line -> line.startsWith("a.yaml")).count();
    assertThat((long) told.size()).isEqualTo(lines);
    for (int i = 0; i < told.size(); i++) {
      JsonObject one = told.getJsonObject(i);
      assertThat(one.fieldNames())
          .containsExactly("severity", "code", "file", "line", "column", "path", "message", "hint");
      assertThat(one.getString("file")).isEqualTo(input.toString());
      assertThat(one.getString("severity")).isIn("error", "warning");
    }
  }

  /** What the loader tells stands above it. */
  private static int afterCheck(String expected) {
    return expected.indexOf(CHECK) + CHECK.length();
  }

  @Test
  void whatIsNotThereIsSaidInASentence() {
    int code = check(folder.resolve("none").toString());

    assertThat(code).isEqualTo(1);
    assertThat(problems.toString()).contains("none: there is no such file or folder");
  }

  @Test
  void whatCannotBeMeantIsAUsageError() {
    assertThat(check()).isEqualTo(2);
    assertThat(check(folder.toString(), "--output", "xml")).isEqualTo(2);
    assertThat(check(folder.toString(), "--outputs", "json")).isEqualTo(2);
  }

  @Test
  void aFolderWithoutProblemsIsAnEmptyArray() {
    assertThat(check(folder.toString(), "--output", "json")).isZero();
    assertThat(new JsonArray(out.toString())).isEmpty();
  }

  static List<Path> examples() throws IOException {
    try (Stream<Path> all = Files.list(EXAMPLES)) {
      return all.filter(Files::isDirectory).sorted().toList();
    }
  }

  static List<Path> golden() throws IOException {
    return GoldenCases.inFolders();
  }

  static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private int check(String... arguments) {
    CommandLine line = new CommandLine(new CheckCommand());
    line.setOut(new PrintWriter(out, true));
    line.setErr(new PrintWriter(problems, true));
    return line.execute(arguments);
  }
}
