package dev.weft.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.cli.Launched.Run;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Flags that would do nothing are told, and help is whole. */
@Timeout(180)
final class FlagsIT {

  @TempDir private Path folder;

  private Run weft(Map<String, String> variables, String... arguments) throws Exception {
    try (Launched launched = Launched.weft(folder, variables, arguments)) {
      return launched.ended(60);
    }
  }

  private Run weft(String... arguments) throws Exception {
    return weft(Map.of(), arguments);
  }

  @Test
  void flagsThatWouldDoNothingAreUsageErrors() throws Exception {
    Map<String, String> own = Map.of("WEFT_LABELS", "app=edge", "WEFT_ADMIN", "127.0.0.1:1");
    Run variable = weft(own, "explain", "GET", "http://a.test/");
    Run labels = weft("explain", "--labels", "app=edge", "GET", "http://a.test/");
    Run locality = weft("explain", "--locality", "eu/a", "GET", "http://a.test/");
    Run none = weft("tap", "--count", "0");
    Run version = weft("config", "rollback", "last");
    Run every = weft("top", "--every", "5");

    assertThat(variable.output()).contains("weft: no proxy answers on 127.0.0.1:1");
    assertThat(labels.output()).contains("weft: --labels (expected: with --config)");
    assertThat(locality.output()).contains("weft: --locality (expected: with --config)");
    assertThat(none.output()).contains("weft: --count 0 (expected: 1 or more)");
    assertThat(version.output()).contains("'last' is no whole number");
    assertThat(every.output()).contains("--every 5 (expected: a time such as 2s, from 100ms)");
    for (Run run : new Run[] {labels, locality, none, version, every}) {
      assertThat(run.code()).as(run.output()).isEqualTo(2);
    }
  }

  @Test
  void aLogThatCannotBeReadIsNamed() throws Exception {
    Run log = weft("why", "--log", folder.toString(), "any");

    assertThat(log.output()).contains("weft: " + folder + " cannot be read: Is a directory");
    assertThat(log.code()).isEqualTo(1);
  }

  @Test
  void subcommandsAreListedWithWholeSentences() throws Exception {
    Run run = weft("config", "--help");

    assertThat(run.output().replaceAll("\\s+", " "))
        .contains("diff Tells what files or folders would change, ")
        .contains("to what serves now. history Lists ")
        .contains("the newest first. rollback Goes back to a version that served before, ")
        .endsWith("in its source. ");
  }
}
