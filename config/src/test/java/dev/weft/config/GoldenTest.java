package dev.weft.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.problem.Codes;
import dev.weft.config.problem.Problem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Every fault of a configuration and what is told of it: one file each, the input above {@code
 * ---expect}, the problems below. Adding a case is adding a file. One that begins with {@code #
 * within: NAMESPACE} stands in a ConfigMap of that namespace. Below {@code ---check} stands what
 * {@code weft check} makes of it, where that is more: what is found by asking for requests.
 */
final class GoldenTest {

  private static final Path FOLDER = Path.of("src/test/resources/golden");
  private static final String EXPECT = "---expect\n";
  private static final String CHECK = "---check\n";
  private static final Pattern WITHIN = Pattern.compile("# within: (\\S+)\n");

  @TestFactory
  Stream<DynamicTest> eachFaultIsToldAsItsFileSays() throws IOException {
    return cases().stream()
        .map(file -> DynamicTest.dynamicTest(file.getFileName().toString(), () -> check(file)));
  }

  @Test
  void thereIsACaseForEveryCode() throws IOException, IllegalAccessException {
    String told =
        cases().stream()
            .map(GoldenTest::read)
            .map(text -> text.substring(text.indexOf(EXPECT)))
            .collect(Collectors.joining());

    assertThat(cases()).hasSizeGreaterThanOrEqualTo(80);
    for (Field code : Codes.class.getFields()) {
      assertThat(told).contains("[" + code.get(null) + "]\n");
    }
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

    Matcher within = WITHIN.matcher(input);
    Optional<String> bound = within.lookingAt() ? Optional.of(within.group(1)) : Optional.empty();

    LoadResult result =
        ConfigLoader.load(List.of(new ConfigDocument("golden", "a.yaml", input, bound)));

    String told =
        result.problems().stream()
            .map(problem -> problem + " [" + problem.code() + "]\n")
            .collect(Collectors.joining());
    String expected = text.substring(expect + EXPECT.length());
    int check = expected.indexOf(CHECK);
    assertThat(told).isEqualTo(check < 0 ? expected : expected.substring(0, check));
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
