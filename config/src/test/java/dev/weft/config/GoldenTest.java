package dev.weft.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.problem.Problem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Every fault of a configuration and what is told of it: one file each, the input above {@code
 * ---expect}, the problems below. Adding a case is adding a file.
 */
final class GoldenTest {

  private static final Path FOLDER = Path.of("src/test/resources/golden");
  private static final String EXPECT = "---expect\n";

  @TestFactory
  Stream<DynamicTest> eachFaultIsToldAsItsFileSays() throws IOException {
    return cases().stream()
        .map(file -> DynamicTest.dynamicTest(file.getFileName().toString(), () -> check(file)));
  }

  @Test
  void thereIsACaseForEveryKindOfFault() throws IOException {
    assertThat(cases()).hasSizeGreaterThanOrEqualTo(80);
  }

  private static List<Path> cases() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files.sorted().toList();
    }
  }

  private static void check(Path file) {
    String text = read(file);
    int expect = text.indexOf(EXPECT);
    String input = text.substring(0, expect);

    LoadResult result = ConfigLoader.load(List.of(new ConfigDocument("golden", "a.yaml", input)));

    String told =
        result.problems().stream()
            .map(problem -> problem + " [" + problem.code() + "]\n")
            .collect(Collectors.joining());
    assertThat(told).isEqualTo(text.substring(expect + EXPECT.length()));
    assertThat(result.accepted()).isEqualTo(result.problems().stream().noneMatch(Problem::error));
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
