package dev.weft.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The launcher in a project of empty jars, with a JDK and a Maven that only tell how they were
 * called.
 */
@Timeout(60)
final class LauncherTest {

  private static final List<String> JARS =
      List.of(
          "gateway/target/weft-gateway.jar",
          "sidecar/target/weft-sidecar.jar",
          "control-plane/target/weft-control.jar",
          "cli/target/weft-cli.jar");

  @TempDir private Path home;

  @BeforeEach
  void project() throws IOException {
    Files.copy(Path.of("../weft").toAbsolutePath(), home.resolve("weft"));
    home.resolve("weft").toFile().setExecutable(true);
    Files.writeString(home.resolve("pom.xml"), "<project/>");
    for (String jar : JARS) {
      Files.createDirectories(home.resolve(jar).getParent());
      Files.writeString(home.resolve(jar), "");
    }
    script("jdk/bin/java", "#!/bin/sh\nprintf '%s\\n' \"$@\"\n");
    Files.writeString(home.resolve("jdk/release"), "JAVA_VERSION=\"17.0.15\"\n");
    script("bin/mvn", "#!/bin/sh\necho built >>\"" + home.resolve("built-by") + "\"\n");
    Files.createDirectories(home.resolve(".weft"));
    Files.writeString(home.resolve(".weft/built"), "");
  }

  private void script(String name, String text) throws IOException {
    Path file = home.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private List<String> weft(int code, String... arguments) throws Exception {
    return weft(code, Map.of("WEFT_JAVA_HOME", home.resolve("jdk").toString()), arguments);
  }

  private List<String> weft(int code, Map<String, String> environment, String... arguments)
      throws Exception {
    List<String> line = new ArrayList<>(List.of(home.resolve("weft").toString()));
    line.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(line).redirectErrorStream(true);
    builder.environment().keySet().removeIf(name -> name.startsWith("WEFT_"));
    builder.environment().putAll(environment);
    builder
        .environment()
        .merge("PATH", home.resolve("bin").toString(), (old, ours) -> ours + ":" + old);
    Path output = home.resolve("output");
    Process process = builder.redirectOutput(output.toFile()).start();
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    List<String> said = Files.readAllLines(output);
    assertThat(process.exitValue()).as("%s", said).isEqualTo(code);
    return said;
  }

  @ParameterizedTest
  @CsvSource({
    "gateway, gateway/target/weft-gateway.jar, --listen",
    "sidecar, sidecar/target/weft-sidecar.jar, --listen",
    "control, control-plane/target/weft-control.jar, control",
    "token, control-plane/target/weft-control.jar, token",
    "certify, control-plane/target/weft-control.jar, certify",
    "intercept, sidecar/target/weft-sidecar.jar, intercept",
    "check, cli/target/weft-cli.jar, check",
    "explain, cli/target/weft-cli.jar, explain",
    "demo, cli/target/weft-cli.jar, demo",
    "doctor, cli/target/weft-cli.jar, doctor",
  })
  void whatIsBuiltIsStartedFromItsOwnJar(String command, String jar, String first)
      throws Exception {
    List<String> said = weft(0, command, "--listen", "8080");

    int at = said.indexOf("-jar");
    assertThat(said.get(at + 1)).isEqualTo(home.toRealPath().resolve(jar).toString());
    assertThat(said.get(at + 2)).isEqualTo(first);
    assertThat(said).endsWith("--listen", "8080");
    assertThat(home.resolve("built-by")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"gateway", "sidecar", "control", "check"})
  void theNewestJdkIsTaken(String command) throws Exception {
    for (String version : List.of("98", "99", "9")) {
      script(".jdks/" + version + "/bin/java", "#!/bin/sh\nprintf '%s\\n' \"$0\"\n");
      Files.writeString(
          home.resolve(".jdks/" + version + "/release"),
          "JAVA_VERSION=\"%s.0.1\"\n".formatted(version));
    }
    Map<String, String> environment =
        Map.of("HOME", home.toString(), "JAVA_HOME", home.resolve("jdk").toString());

    assertThat(weft(0, environment, command))
        .containsExactly(home.resolve(".jdks/99/bin/java").toString());
  }

  @ParameterizedTest
  @CsvSource({"'', C.UTF-8", "C, C.UTF-8", "POSIX, C.UTF-8", "de_DE.UTF-8, de_DE.UTF-8"})
  void namesOfFilesMayBeInOtherLettersWhereThereIsNoLocale(String locale, String seen)
      throws Exception {
    script("jdk/bin/java", "#!/bin/sh\nprintf '%s\\n' \"$LC_ALL\"\n");
    Map<String, String> environment =
        Map.of(
            "WEFT_JAVA_HOME",
            home.resolve("jdk").toString(),
            "LC_ALL",
            locale,
            "LC_CTYPE",
            "",
            "LANG",
            "");

    assertThat(weft(0, environment, "check")).containsExactly(seen);
  }

  @Test
  void whatIsMissingIsBuiltFirstWithOneLineOfProgress() throws Exception {
    Files.delete(home.resolve("cli/target/weft-cli.jar"));

    List<String> said = weft(0, "sidecar");

    assertThat(said.get(0)).isEqualTo("weft: building ... archives ... done");
    assertThat(said).contains(home.toRealPath().resolve(JARS.get(1)).toString());
    assertThat(home.resolve("built-by")).hasContent("built");
  }

  @ParameterizedTest
  @ValueSource(strings = {"pom.xml", "config/pom.xml", "gateway/src/main/java/New.java"})
  void whatIsOlderThanItsSourcesIsBuiltAnew(String source) throws Exception {
    Path file = home.resolve(source);
    Files.createDirectories(file.getParent());
    Files.writeString(file, "");
    Files.setLastModifiedTime(file, FileTime.from(Instant.now().plusSeconds(1)));

    assertThat(weft(0, "sidecar")).contains("weft: building ... archives ... done");
    Files.setLastModifiedTime(file, FileTime.from(Instant.now().minusSeconds(60)));
    assertThat(weft(0, "sidecar")).noneMatch(line -> line.startsWith("weft: building"));
  }

  @Test
  void aBuildThatFailsSaysWhyAndIsTriedAgain() throws Exception {
    script("bin/mvn", "#!/bin/sh\necho '[INFO] quiet'\necho '[ERROR] no such type'\nexit 1\n");
    Files.delete(home.resolve("cli/target/weft-cli.jar"));

    for (int i = 0; i < 2; i++) {
      assertThat(weft(1, "sidecar"))
          .containsExactly(
              "weft: building ... failed",
              "[ERROR] no such type",
              "weft: the whole log is in " + home.toRealPath().resolve(".weft/build.log"));
    }
  }

  @Test
  void theArchiveOfABuildIsUsedUntilAJarIsNewer() throws Exception {
    Path archive = home.toRealPath().resolve(".weft/archives/sidecar-small-");
    Files.createDirectories(archive.getParent());
    Files.writeString(archive, "");
    Files.setLastModifiedTime(archive, FileTime.from(Instant.now().plusSeconds(60)));

    assertThat(weft(0, "sidecar")).contains("-XX:SharedArchiveFile=" + archive);
    assertThat(weft(0, "gateway")).noneMatch(word -> word.contains("SharedArchiveFile"));

    Files.setLastModifiedTime(archive, FileTime.from(Instant.now().minusSeconds(60)));

    assertThat(weft(0, "sidecar")).noneMatch(word -> word.contains("SharedArchiveFile"));
  }

  @Test
  void aCommandThatIsNoneIsAUsageErrorWithASuggestion() throws Exception {
    assertThat(weft(2, "gatewai").get(0))
        .isEqualTo(
            "weft: there is no command 'gatewai'; did you mean 'gateway'? (./weft --help lists"
                + " them)");
    assertThat(weft(2, "frobnicate").get(0)).doesNotContain("did you mean");
    assertThat(weft(2)).contains("Usage: ./weft COMMAND [OPTIONS]");
    assertThat(weft(0, "--help")).contains("Usage: ./weft COMMAND [OPTIONS]");
  }
}
