package dev.weft.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.process.ProxyCommand;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class TokenCommandTest {

  private static final String FORM =
      " (expected: NAMESPACE/NAME, lower-case letters, digits and '-')";

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @TempDir private Path folder;

  @Test
  void aTokenIsPrintedForEachAccount() {
    int exit = run("--service-account", "prod/search", "--service-account", "a1/b.c-d");

    assertThat(err.toString()).isEmpty();
    assertThat(exit).isZero();
    assertThat(out.toString().lines())
        .hasSize(2)
        .allMatch(line -> line.matches("weft1(\\.[A-Za-z0-9_-]+){3}"));
  }

  @Test
  void whatKubernetesWouldNotNameSoIsRefused() {
    List<String> wrong =
        List.of(
            "../..",
            "prod/..",
            "./search",
            "Prod/search",
            "prod/Search",
            "prod",
            "prod/a/b",
            "prod/",
            "/search",
            "a.b/search",
            "prod/-a",
            "prod/a_b",
            "a".repeat(64) + "/b");

    for (String account : wrong) {
      err.getBuffer().setLength(0);
      assertThat(run("--service-account", account)).as(account).isEqualTo(2);
      assertThat(err.toString())
          .startsWith("weft: --service-account " + account + FORM + "\n")
          .doesNotContain("Exception");
    }
    assertThat(folder.resolve("ca")).doesNotExist();
  }

  @Test
  void aLifeIsReadAsIstioAndAsIsoWriteIt() {
    for (String life : List.of("1h", "30m", "15s", "1h30m", "PT1H", "PT90S", "P1D", "8760h")) {
      assertThat(run("--service-account", "prod/search", "--ttl", life)).as(life).isZero();
    }
    for (String life : List.of("1", "h", "0", "0s", "-1h", "1d", "PT0S", "PT-1H", "8761h", "x")) {
      err.getBuffer().setLength(0);
      assertThat(run("--service-account", "prod/search", "--ttl=" + life)).as(life).isEqualTo(2);
      assertThat(err.toString())
          .startsWith(
              "weft: --ttl " + life + " (expected: 1s to 8760h, e.g. 15s, 30m, 1h or PT1H)\n");
    }
  }

  @Test
  void aTrustDomainThatNoIdCanHaveIsRefused() {
    int exit = run("--service-account", "prod/search", "--trust-domain", "My/Mesh");

    assertThat(exit).isEqualTo(2);
    assertThat(err.toString())
        .startsWith(
            "weft: --trust-domain My/Mesh"
                + " (expected: 1 to 255 lower-case letters, digits, '.', '-' and '_')\n");
  }

  @Test
  void aRootOfWhichAPartIsMissingEndsInASentence() throws Exception {
    run("--service-account", "prod/search");
    Files.delete(folder.resolve("ca").resolve("root.crt"));

    int exit = run("--service-account", "prod/search");

    assertThat(exit).isEqualTo(1);
    assertThat(err.toString())
        .isEqualTo(
            "weft: --ca-dir "
                + folder.resolve("ca")
                + ": root.crt is missing, but root.key shows that there was a root;"
                + " put root.crt back, or take an empty folder for a new mesh\n");
  }

  private int run(String... options) {
    List<String> args = new ArrayList<>(List.of("--ca-dir", folder.resolve("ca").toString()));
    args.addAll(List.of(options));
    CommandLine line = ProxyCommand.line(new TokenCommand());
    line.setOut(new PrintWriter(out, true));
    line.setErr(new PrintWriter(err, true));
    return line.execute(args.toArray(String[]::new));
  }
}
