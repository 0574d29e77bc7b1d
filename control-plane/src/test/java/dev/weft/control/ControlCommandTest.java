package dev.weft.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.process.ProxyCommand;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class ControlCommandTest {

  private final StringWriter err = new StringWriter();

  @TempDir private Path folder;

  @Test
  void whoIsConnectedIsToldToThisMachineAlone() {
    int exit = run("--admin", "0.0.0.0:15000");

    assertThat(exit).isEqualTo(2);
    assertThat(err.toString())
        .startsWith("weft: --admin 0.0.0.0:15000 (expected: a loopback address)");
  }

  @Test
  void anAdminPortThatIsNoneIsAUsageError() {
    int exit = run("--admin", "here");

    assertThat(exit).isEqualTo(2);
    assertThat(err.toString()).startsWith("weft: --admin: 'here' is no address");
  }

  @Test
  void aCatalogueThatNobodyCouldReadIsAUsageError() {
    int exit = run("--catalogue");

    assertThat(exit).isEqualTo(2);
    assertThat(err.toString()).startsWith("weft: --catalogue (expected: with --admin");
  }

  private int run(String... arguments) {
    CommandLine line = ProxyCommand.line(new ControlCommand());
    line.setErr(new PrintWriter(err, true));
    String[] all = new String[arguments.length + 4];
    System.arraycopy(arguments, 0, all, 0, arguments.length);
    all[arguments.length] = "--config";
    all[arguments.length + 1] = "dir:" + folder;
    all[arguments.length + 2] = "--ca-dir";
    all[arguments.length + 3] = folder.resolve("ca").toString();
    return line.execute(all);
  }
}
