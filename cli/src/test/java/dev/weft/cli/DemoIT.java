package dev.weft.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.cli.Launched.Run;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
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
        if (moment.equals("processes ready")) {
          assertSecretsAreInFilesAlone(all, Path.of(work(demo.said())));
        }

        demo.terminate();
        Run run = demo.ended(60);

        assertThat(run.output()).contains("all processes have ended");
        for (ProcessHandle one : all) { // a shell's helper may need a moment to end by itself
          one.onExit().get(10, TimeUnit.SECONDS);
        }
        String work = work(run.output());
        assertThat(Path.of(work)).as(run.output()).doesNotExist();
        assertThat(ProcessHandle.allProcesses().filter(one -> names(one, work))).isEmpty();
      }
    }
  }

  private static String work(String said) {
    return said.replaceAll("(?s).* in (/[^ ]*weft-demo-[0-9]+).*", "$1");
  }

  /** Neither arguments nor environments nor logs of processes hold a key or a token. */
  private static void assertSecretsAreInFilesAlone(Set<ProcessHandle> processes, Path work)
      throws IOException {
    List<String> secrets = new ArrayList<>();
    StringBuilder told = new StringBuilder();
    for (Path file : files(work)) {
      String text = text(file);
      boolean token = file.getFileName().toString().startsWith("token-");
      if (token || text.contains("PRIVATE KEY-")) {
        secrets.add(
            token ? text.strip() : text.replaceAll("(?s).*PRIVATE KEY-+\\s+(\\S+).*", "$1"));
        assertThat(Files.getPosixFilePermissions(file))
            .as("%s", file)
            .isEqualTo(PosixFilePermissions.fromString("rw-------"));
      } else if (file.toString().endsWith(".log")) {
        told.append(text);
      }
    }
    assertThat(secrets)
        .hasSizeGreaterThan(10)
        .allSatisfy(s -> assertThat(s).hasSizeGreaterThan(20));
    assertThat(told).isNotEmpty();
    for (ProcessHandle one : processes) {
      for (String source : List.of("cmdline", "environ")) {
        told.append(text(Path.of("/proc/" + one.pid(), source)));
      }
    }
    assertThat(told).contains("--token-file").doesNotContain(secrets);
  }

  /** Of what is there: a draft gets its name, and a shell's helper ends, while others are read. */
  private static String text(Path file) throws IOException {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (NoSuchFileException gone) {
      return "";
    }
  }

  private static List<Path> files(Path work) throws IOException {
    List<Path> all = new ArrayList<>();
    Files.walkFileTree(
        work,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes seen) {
            all.add(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException why) throws IOException {
            if (why instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE; // a draft
            }
            throw why;
          }
        });
    return all;
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
