package dev.weft.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.problem.Problem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Whatever text comes, a load ends, and what is wrong has a place in that text. */
final class LoaderFuzzTest {

  private static final List<String> SEEDS = seeds();
  private static final String[] PIECES = {
    "\n",
    " ",
    "  ",
    ":",
    ": ",
    "- ",
    "{",
    "}",
    "[",
    "]",
    ",",
    "'",
    "\"",
    "|",
    ">",
    "&a ",
    "*a",
    "!!t ",
    "#",
    "---\n",
    "?",
    "%",
    "\t",
    "\u0000",
    "\u00e9",
    "0",
    "-1",
    "9999999999999",
    "1e9",
    "null",
    "true",
    "~",
    "weight",
    "route",
    "match",
    "host: ",
    "uri",
    "regex: '('",
    "\ud83d"
  };

  @Property(tries = 4000)
  void aMutatedDocumentIsEitherTakenOrTold(@ForAll long seed) {
    Random random = new Random(seed);
    StringBuilder text = new StringBuilder(SEEDS.get(random.nextInt(SEEDS.size())));
    int edits = 1 + random.nextInt(8);
    for (int i = 0; i < edits; i++) {
      edit(text, random);
    }

    LoadResult result =
        ConfigLoader.load(List.of(new ConfigDocument("fuzz", "a.yaml", text.toString())));

    assertThat(result.accepted()).isEqualTo(result.problems().stream().noneMatch(Problem::error));
    placed(result, text.toString());
  }

  /** Each problem names the file, a line that it has, and nothing of how it was found. */
  static void placed(LoadResult result, String text) {
    long lines = text.chars().filter(c -> c == '\n' || c == '\r' || c == 0x85).count() + 2;
    for (Problem problem : result.problems()) {
      assertThat(problem.toString())
          .as(text)
          .startsWith("a.yaml:")
          .doesNotContain("Exception")
          .doesNotContain("dev.weft.");
      assertThat((long) problem.place().line()).as(problem.toString()).isBetween(1L, lines + 1);
    }
  }

  private static void edit(StringBuilder text, Random random) {
    int at = random.nextInt(text.length() + 1);
    switch (random.nextInt(4)) {
      case 0 -> text.insert(at, PIECES[random.nextInt(PIECES.length)]);
      case 1 -> text.delete(at, Math.min(text.length(), at + 1 + random.nextInt(6)));
      case 2 -> {
        int from = random.nextInt(text.length() + 1);
        int to = Math.min(text.length(), from + random.nextInt(60));
        text.insert(at, text.substring(from, to));
      }
      default -> {
        if (at < text.length()) {
          text.setCharAt(at, (char) (random.nextInt(96) + 32));
        }
      }
    }
  }

  private static List<String> seeds() {
    try (Stream<Path> golden = Files.list(Path.of("src/test/resources/golden"))) {
      return golden.sorted().map(LoaderFuzzTest::input).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String input(Path file) {
    try {
      String text = Files.readString(file);
      return text.substring(0, text.indexOf("---expect"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
