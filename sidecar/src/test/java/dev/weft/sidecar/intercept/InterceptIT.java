package dev.weft.sidecar.intercept;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.sidecar.Main;
import dev.weft.testkit.Tools;
import dev.weft.testkit.net.Pod;
import dev.weft.testkit.net.PodNetwork;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** The kernel's tables of a namespace, before and after. */
@EnabledIf(value = "possible", disabledReason = "needs root, ip and iptables with IPv6")
final class InterceptIT {

  private static final List<String> TOOLS = List.of("iptables", "ip6tables");

  private PodNetwork network;
  private Pod pod;

  static boolean possible() {
    return Tools.there(PodNetwork.missing().stream());
  }

  @BeforeEach
  void open() throws IOException {
    network = PodNetwork.open();
    pod = network.first();
  }

  @AfterEach
  void close() {
    network.close();
  }

  @Test
  void installingTwiceIsInstallingOnceAndRemovingLeavesWhatWasThereBefore() throws IOException {
    for (String tool : TOOLS) {
      pod.run(tool, "-t", "nat", "-A", "OUTPUT", "-p", "tcp", "--dport", "1", "-j", "RETURN");
    }
    String before = tables();

    intercept("install");
    String once = tables();
    intercept("install");
    String twice = tables();
    String shown = intercept("show");
    intercept("remove");

    assertThat(once).isEqualTo(twice).isNotEqualTo(before);
    assertThat(once.lines().filter(line -> line.startsWith("-A OUTPUT")))
        .containsExactly(
            "-A OUTPUT -p tcp -m tcp --dport 1 -j RETURN",
            "-A OUTPUT -p tcp -j WEFT_OUTBOUND",
            "-A OUTPUT -p tcp -m tcp --dport 1 -j RETURN",
            "-A OUTPUT -p tcp -j WEFT_OUTBOUND");
    assertThat(shown)
        .contains("# iptables\n-A PREROUTING -p tcp", "# ip6tables\n-A PREROUTING -p tcp")
        .contains("-A WEFT_INBOUND -p tcp -j REDIRECT --to-ports 15006\n");
    assertThat(tables()).isEqualTo(before);
    assertThat(intercept("show"))
        .isEqualTo("# iptables\nnothing is installed\n# ip6tables\nnothing is installed\n");
  }

  @Test
  void whatTransparentInterceptionNeedsIsInstalledOnceAndLeavesNothing() throws IOException {
    intercept("install", "--interception-mode", "TPROXY");
    String once = intercept("show");
    intercept("install", "--interception-mode", "TPROXY");

    assertThat(intercept("show"))
        .isEqualTo(once)
        .contains("-j TPROXY --on-port 15006", "-j CONNMARK --save-mark")
        .contains("ip -6 rule add fwmark 0x539 lookup 133");
    assertThat(pod.run("ip", "rule", "show")).containsOnlyOnce("fwmark 0x539 lookup 133");
    assertThat(pod.run("ip", "route", "show", "table", "133")).startsWith("local default dev lo");

    intercept("install");
    assertThat(intercept("show")).contains("REDIRECT --to-ports 15006").doesNotContain("TPROXY");
    intercept("install", "--interception-mode", "TPROXY");
    intercept("remove");

    assertThat(intercept("show"))
        .isEqualTo("# iptables\nnothing is installed\n# ip6tables\nnothing is installed\n");
    assertThat(pod.run("ip", "rule", "show")).doesNotContain("0x539");
    assertThat(pod.run("ip", "-6", "rule", "show")).doesNotContain("0x539");
  }

  @Test
  void removingTransparentInterceptionLeavesAllOfOthersAsItWas() throws IOException {
    for (String tool : TOOLS) {
      pod.run(tool, "-t", "nat", "-A", "OUTPUT", "-p", "tcp", "--dport", "1", "-j", "RETURN");
      pod.run(
          tool, "-t", "mangle", "-A", "PREROUTING", "-p", "tcp", "-j", "MARK", "--set-mark", "7");
      pod.run(tool, "-t", "mangle", "-A", "OUTPUT", "-p", "tcp", "--dport", "1", "-j", "ACCEPT");
    }
    for (String family : List.of("-4", "-6")) {
      pod.run("ip", family, "rule", "add", "fwmark", "7", "lookup", "77");
      pod.run("ip", family, "route", "add", "local", "default", "dev", "lo", "table", "77");
    }
    String before = everything();

    intercept("install", "--interception-mode", "TPROXY");
    String once = everything();
    intercept("install", "--interception-mode", "TPROXY");
    String twice = everything();
    intercept("remove");

    assertThat(once).contains("WEFT_TPROXY", "fwmark 0x539").isEqualTo(twice);
    assertThat(everything()).isEqualTo(before);
  }

  @Test
  void manyAtOnceAreLikeOneAfterTheOther() throws Exception {
    String[] mode = {"--interception-mode", "TPROXY"};
    intercept("install", mode);
    String once = everything();
    intercept("remove");
    String before = everything(); // with the kernel's own chains, which are there from now on

    allAtOnce("install", mode);
    assertThat(everything()).isEqualTo(once);
    allAtOnce("remove");

    assertThat(everything()).isEqualTo(before);
  }

  private void allAtOnce(String verb, String... flags) throws Exception {
    List<Process> all = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      String[] command = java(verb, List.of(flags)).toArray(String[]::new);
      all.add(new ProcessBuilder(pod.line(command)).redirectErrorStream(true).start());
    }
    for (Process one : all) {
      String said = new String(one.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(one.waitFor()).as(said).isZero();
    }
  }

  /**
   * All of the namespace's rules and routes, of whomever they are; but not what the kernel adds for
   * the link itself at its own time.
   */
  private String everything() throws IOException {
    StringBuilder all = new StringBuilder();
    for (String tool : TOOLS) {
      for (String table : List.of("nat", "mangle")) {
        String told = pod.run(tool + "-save", "-t", table).replaceAll("\\[\\d+:\\d+]", "");
        told.lines()
            .filter(line -> !line.startsWith("#"))
            .forEach(line -> all.append(line).append('\n'));
      }
    }
    for (String family : List.of("-4", "-6")) {
      all.append(pod.run("ip", family, "rule", "show"));
      pod.run("ip", family, "route", "show", "table", "all")
          .lines()
          .filter(line -> !line.contains("fe80::") && !line.contains("ff00::"))
          .forEach(line -> all.append(line).append('\n'));
    }
    return all.toString();
  }

  @Test
  void otherOptionsReplaceWhatIsThere() throws IOException {
    intercept("install", "--exclude-inbound-ports", "22");

    intercept("install", "--inbound-port", "16006");

    assertThat(tables())
        .doesNotContain("--dport 22 ", "15006")
        .contains("-A WEFT_INBOUND -p tcp -j REDIRECT --to-ports 16006");
    assertThat(tables().lines().filter(line -> line.contains("-j REDIRECT"))).hasSize(4);
  }

  @Test
  void whereNothingIsInstalledRemovingChangesNothing() throws IOException {
    String before = tables();

    intercept("remove");

    assertThat(tables()).isEqualTo(before);
  }

  @Test
  void whereOneFamilyCannotBeWrittenTheOtherIsNot() throws IOException {
    pod.run("ip6tables", "-t", "nat", "-N", "WEFT_INBOUND");
    pod.run("ip6tables", "-t", "nat", "-A", "POSTROUTING", "-g", "WEFT_INBOUND"); // no jump of ours
    String before = tables();

    assertThatThrownBy(() -> intercept("install"))
        .hasMessageContaining("exit 1")
        .hasMessageContaining("weft: ip6tables-restore failed (exit ");

    assertThat(tables()).isEqualTo(before);
  }

  @Test
  void whoMayNotIsToldWhatItNeeds() {
    String[] unprivileged =
        Pod.as("65534", java("show", List.of()).toList()).toArray(String[]::new);

    assertThatThrownBy(() -> pod.run(unprivileged))
        .hasMessageContaining("exit 1: weft: iptables-save failed (exit ")
        .hasMessageContaining("hint: run it as root, or with CAP_NET_ADMIN and CAP_NET_RAW");
  }

  @Test
  void whereThereIsNoIptablesItSaysWhatToInstall() {
    String[] pathless =
        Stream.concat(Stream.of("env", "PATH=/nonexistent"), java("show", List.of()))
            .toArray(String[]::new);

    assertThatThrownBy(() -> pod.run(pathless))
        .hasMessageContaining(
            "exit 1: weft: iptables-save cannot be started (Debian: apt install iptables)");
  }

  private String intercept(String verb, String... flags) throws IOException {
    return pod.run(java(verb, List.of(flags)).toArray(String[]::new));
  }

  /** The command in a process of its own, since a namespace holds for a whole process. */
  private static Stream<String> java(String verb, List<String> flags) {
    Stream<String> command =
        Stream.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName(),
            "intercept",
            verb);
    return Stream.concat(command, flags.stream());
  }

  /** Both tables, without the comments that tell the time. */
  private String tables() throws IOException {
    StringBuilder all = new StringBuilder();
    for (String tool : TOOLS) {
      pod.run(tool + "-save", "-t", "nat")
          .lines()
          .filter(line -> !line.startsWith("#"))
          .forEach(line -> all.append(line).append('\n'));
    }
    return all.toString();
  }
}
