package dev.weft.routing.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.process.flags.Manual;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class StartedWithTest {

  private static final List<String> ARCHIVED = List.of("-Xmx1m", "-XX:SharedArchiveFile=/a/one");

  @Test
  void aVersionAloneIsOneLine() {
    assertThat(printed("--version")).singleElement().asString().startsWith("weft ");
  }

  @Test
  void aVerboseVersionTellsWhatTheProcessWasStartedWith() {
    List<String> lines = printed("--version", "--verbose", "--threads", "3", "--profile", "small");

    assertThat(lines.get(0)).startsWith("weft ");
    assertThat(lines.stream().skip(1).map(line -> line.substring(0, line.indexOf(": "))))
        .containsExactly(
            "java",
            "profile",
            "collector",
            "heap",
            "compiler",
            "archive",
            "allocator",
            "tls",
            "transport",
            "event loops");
    assertThat(lines)
        .contains("profile: small", "event loops: 3", "compiler: C1 only", "archive: none")
        .anyMatch(line -> line.matches("java: .*, " + System.getProperty("java.home")))
        .anyMatch(line -> line.matches("heap: \\d+ MiB initial, 512 MiB max"));
    assertThat(String.join("\n", lines)).doesNotContain("unknown");
  }

  @Test
  void theProfileIsToldFromTheCompilerWhereNoneWasAskedFor() {
    assertThat(printed("--version", "--verbose")).contains("profile: small");
  }

  @Test
  void anArchiveIsInUseWhereItIsMapped() {
    String mapped = "7f00-7f01 r--p 00000000 fe:00 42 /a/one";

    assertThat(StartedWith.archive(ARCHIVED, mapped)).isEqualTo("class archive /a/one (in use)");
    assertThat(StartedWith.archive(ARCHIVED, "7f00-7f01 rw-p 0 [heap]"))
        .isEqualTo("class archive /a/one (not in use)");
    assertThat(StartedWith.archive(ARCHIVED, "")).isEqualTo("class archive /a/one (unknown)");
    assertThat(StartedWith.archive(List.of("-XX:AOTCache=/a/one"), mapped))
        .isEqualTo("AOT cache /a/one (in use)");
    assertThat(StartedWith.archive(List.of("-Xmx1m"), mapped)).isEqualTo("none");
  }

  private static List<String> printed(String... words) {
    StringWriter out = new StringWriter();
    Manual manual = new Manual("weft started", "", List.of(), ProxyOptions.FLAGS, List.of());
    ProxyMain main =
        new ProxyMain(manual, Map.of(), new PrintWriter(out), new PrintWriter(Writer.nullWriter()));

    int code =
        main.run(
            List.of(words),
            given -> {
              throw new AssertionError("it was asked for its version");
            });

    assertThat(code).isZero();
    return out.toString().lines().toList();
  }
}
