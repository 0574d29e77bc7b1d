package dev.weft.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands as their users type them, over the jars that the build just made. */
final class DemoIT {

  private static final Path HOME = Path.of("..").toAbsolutePath().normalize();

  @TempDir private Path folder;

  @Test
  void theDemoMeetsAllItsExpectations() throws Exception {
    Run run = weft(180, "demo", "--once");

    assertThat(run.output).contains("all expectations met").doesNotContain("FAILED");
    assertThat(run.code).isZero();
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

    assertThat(run.code).isEqualTo(1);
    assertThat(run.output)
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
            "dir:" + HOME.resolve("config/examples/canary"),
            "GET",
            "http://search-api.prod.svc.cluster.local/find");

    assertThat(run.code).isZero();
    assertThat(run.output)
        .contains("YES default/search-service#0")
        .contains("95 %  outbound|80|v1|search-service")
        .contains("    5 %  outbound|80|v2|search-service");
  }

  @Test
  void anUnknownCommandIsAUsageErrorWithASuggestion() throws Exception {
    Run run = weft(60, "gatewai");

    assertThat(run.code).isEqualTo(2);
    assertThat(run.output).contains("did you mean 'gateway'?");
  }

  @Test
  void aMissingFolderIsOneSentence() throws Exception {
    Run run = weft(60, "gateway", "--config", "dir:/does/not/exist", "--admin", "127.0.0.1:0");

    assertThat(run.code).isEqualTo(1);
    assertThat(run.output)
        .contains("weft: --config dir:/does/not/exist: /does/not/exist: there is no such file")
        .doesNotContain("\tat ");
  }

  private record Run(int code, String output) {}

  private Run weft(int seconds, String... arguments) throws IOException, InterruptedException {
    List<String> line = new ArrayList<>(List.of(HOME.resolve("weft").toString()));
    line.addAll(List.of(arguments));
    Path output = folder.resolve("output");
    ProcessBuilder builder = new ProcessBuilder(line).redirectErrorStream(true);
    builder.environment().put("WEFT_BUILD", "never");
    Process process = builder.redirectOutput(output.toFile()).start();
    try {
      assertThat(process.waitFor(seconds, TimeUnit.SECONDS)).as("ended in time").isTrue();
      return new Run(process.exitValue(), Files.readString(output));
    } finally {
      process.destroyForcibly();
    }
  }
}
