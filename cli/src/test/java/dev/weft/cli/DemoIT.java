package dev.weft.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.cli.Launched.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands as their users type them, over the jars that the build just made. */
final class DemoIT {

  @TempDir private Path folder;

  @Test
  void theDemoMeetsAllItsExpectations() throws Exception {
    Run run = weft(180, "demo", "--once");

    assertThat(run.output()).contains("all expectations met").doesNotContain("FAILED");
    assertThat(run.code()).isZero();
  }

  @Test
  void endedWhileItStartsOrServesTheDemoLeavesNoProcessBehind() throws Exception {
    for (String moment : new String[] {"starting a mesh", "processes ready"}) {
      try (Launched demo = Launched.weft(folder, Map.of(), "demo")) {
        demo.says(moment);
        Set<ProcessHandle> all = demo.descendants();

        demo.terminate();
        Run run = demo.ended(60);

        assertThat(run.output()).contains("all processes have ended");
        for (ProcessHandle one : all) { // a shell's helper may need a moment to end by itself
          one.onExit().get(10, TimeUnit.SECONDS);
        }
        String work = run.output().replaceAll("(?s).* in (/[^ ]*weft-demo-[0-9]+).*", "$1");
        assertThat(Path.of(work)).as(run.output()).doesNotExist();
        assertThat(ProcessHandle.allProcesses().filter(one -> names(one, work))).isEmpty();
      }
    }
  }

  @Test
  void checkTellsPlaceFieldAndHintAndExitsWithOne() throws Exception {
    Path file = folder.resolve("a.yaml");
    Files.writeString(
        file,
        """
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: a}
        spec:
          hosts: [a.test]
          http:
          - rout: []
        """);

    Run run = weft(60, "check", file.toString());

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.output())
        .contains("a.yaml:7:5: spec.http[0].rout: error: unknown field 'rout'")
        .contains("hint: did you mean 'route'?");
  }

  @Test
  void explainTellsTheSharesOfTheCanary() throws Exception {
    Run run =
        weft(
            60,
            "explain",
            "--config",
            "dir:" + Launched.HOME.resolve("config/examples/canary"),
            "GET",
            "http://search-api.prod.svc.cluster.local/find");

    assertThat(run.code()).isZero();
    assertThat(run.output())
        .contains("YES default/search-service#0")
        .contains("95 %  outbound|80|v1|search-service")
        .contains("    5 %  outbound|80|v2|search-service");
  }

  @Test
  void anUnknownCommandIsAUsageErrorWithASuggestion() throws Exception {
    Run run = weft(60, "gatewai");

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.output()).contains("did you mean 'gateway'?");
  }

  @Test
  void aMissingFolderIsOneSentence() throws Exception {
    Run run = weft(60, "gateway", "--config", "dir:/does/not/exist", "--admin", "127.0.0.1:0");

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.output())
        .contains("weft: --config dir:/does/not/exist: /does/not/exist: there is no such file")
        .doesNotContain("\tat ");
  }

  private static boolean names(ProcessHandle process, String work) {
    return process.info().commandLine().filter(line -> line.contains(work)).isPresent();
  }

  private Run weft(int seconds, String... arguments) throws IOException, InterruptedException {
    try (Launched launched = Launched.weft(folder, Map.of(), arguments)) {
      return launched.ended(seconds);
    }
  }
}
