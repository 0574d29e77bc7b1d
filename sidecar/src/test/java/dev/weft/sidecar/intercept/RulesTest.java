package dev.weft.sidecar.intercept;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.process.ProxyCommand;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** Flags and the rules that they mean, without a kernel. */
final class RulesTest {

  private static final Path CASES = Path.of("src/test/resources/intercept");
  private static final String EXPECT = "---expect\n";

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private static Stream<Path> cases() throws IOException {
    try (Stream<Path> all = Files.list(CASES)) {
      return all.sorted().toList().stream();
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void flagsMeanTheseRules(Path file) throws IOException {
    String[] parts = Files.readString(file).split(EXPECT, 2);
    String flags = parts[0].strip();
    List<String> line =
        Stream.concat(
                Stream.of("install", "--dry-run"),
                Stream.of(flags.split("\\s+", -1)).filter(flag -> !flag.isEmpty()))
            .toList();

    int exit = run(line.toArray(new String[0]));

    assertThat(err.toString()).isEmpty();
    assertThat(exit).isZero();
    assertThat(out.toString()).isEqualTo(parts[1]);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--inbound-port 0|--inbound-port 0 (expected: a port, 1 to 65535)",
        "--inbound-port 15001|--inbound-port 15001 is --outbound-port too",
        "--exclude-inbound-ports 80,http|--exclude-inbound-ports http (expected: a port",
        "--exclude-outbound-ports 90-80|--exclude-outbound-ports 90-80 (expected: the lower",
        "--exclude-outbound-cidrs 10.0.0.0/33|--exclude-outbound-cidrs 10.0.0.0/33 (expected:",
        "--exclude-outbound-cidrs a.test|--exclude-outbound-cidrs a.test (expected: ADDRESS",
        "--exclude-uids root|--exclude-uids root (expected: a number",
        "--proxy-uid 4294967295|--proxy-uid 4294967295 (expected: a number",
        "--proxy-mark x|--proxy-mark x (expected: 1 to 0xffffffff, e.g. 1338 or 0x53a)",
        "--proxy-mark 0|--proxy-mark 0 (expected: 1 to 0xffffffff",
        "--proxy-mark 0x100000000|--proxy-mark 0x100000000 (expected: 1 to 0xffffffff",
        "--interception-mode TPROXY --proxy-mark 1337|--proxy-mark 1337 (expected: another one",
        "--exclude-ports 80|Unknown option"
      })
  void whatCannotBeMeantIsAUsageError(String flags, String told) {
    String[] line = ("install --dry-run " + flags).split(" ", -1);

    assertThat(run(line)).isEqualTo(2);

    assertThat(err.toString()).startsWith("weft: ").contains(told);
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void withoutACommandItSaysWhichThereAre() {
    assertThat(run()).isEqualTo(2);

    assertThat(err.toString()).startsWith("weft: intercept what? (install, remove or show)");
  }

  @Test
  void jumpsThatAreThereAreReplacedAndTheRulesOfOthersLeftAlone() {
    Present present =
        Present.of(
            Table.NAT,
            Stream.of(
                "*nat",
                ":PREROUTING ACCEPT [0:0]",
                ":WEFT_INBOUND - [0:0]",
                ":WEFT_OUTBOUND - [0:0]",
                ":WEFT_OUTBOUNDS - [0:0]",
                "-A PREROUTING -p tcp -m addrtype --dst-type LOCAL -j WEFT_INBOUND",
                "-A OUTPUT -p tcp -j WEFT_OUTBOUND",
                "-A OUTPUT -p tcp -j WEFT_OUTBOUND",
                "-A OUTPUT -p tcp -j WEFT_OUTBOUNDS",
                "-A OUTPUT -d 10.96.0.10/32 -j DNAT --to-destination 10.0.0.1",
                "-A WEFT_INBOUND -p tcp -j REDIRECT --to-ports 15006",
                "-A WEFT_OUTBOUND -p tcp -m owner --uid-owner 1337 -j WEFT_INBOUND",
                "COMMIT"));

    String removal = Rules.remove(new Installed(present, Present.NOTHING, false));

    assertThat(removal)
        .isEqualTo(
            """
            *nat
            :WEFT_INBOUND - [0:0]
            :WEFT_OUTBOUND - [0:0]
            -D PREROUTING -p tcp -m addrtype --dst-type LOCAL -j WEFT_INBOUND
            -D OUTPUT -p tcp -j WEFT_OUTBOUND
            -D OUTPUT -p tcp -j WEFT_OUTBOUND
            -X WEFT_INBOUND
            -X WEFT_OUTBOUND
            COMMIT
            """);
  }

  private int run(String... arguments) {
    CommandLine line = ProxyCommand.line(new InterceptCommand());
    line.setOut(new PrintWriter(out, true));
    line.setErr(new PrintWriter(err, true));
    return line.execute(arguments);
  }
}
