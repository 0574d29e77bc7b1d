package dev.weft.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.process.ProxyCommand;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** What commands of the control plane teach fits a terminal. */
final class HelpTest {

  private static final int WIDTH = 80;

  @Test
  void noLineIsWiderThanATerminal() {
    assertThat(
            ProxyCommand.line(Main.class).getSubcommands().values().stream()
                .map(CommandLine::getUsageMessage)
                .flatMap(String::lines))
        .hasSizeGreaterThan(50)
        .allMatch(line -> line.length() <= WIDTH);
  }
}
