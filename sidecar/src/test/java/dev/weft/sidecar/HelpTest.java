package dev.weft.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.process.ProxyCommand;
import dev.weft.sidecar.intercept.InterceptCommand;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** What {@code weft sidecar --help} and {@code weft intercept --help} teach fits a terminal. */
final class HelpTest {

  private static final int WIDTH = 80;

  @Test
  void noLineIsWiderThanATerminal() {
    CommandLine intercept = ProxyCommand.line(new InterceptCommand());
    Stream<String> told =
        Stream.concat(
            Stream.of(Main.manual().text(), intercept.getUsageMessage()),
            intercept.getSubcommands().values().stream().map(CommandLine::getUsageMessage));

    assertThat(told.flatMap(String::lines)).allMatch(line -> line.length() <= WIDTH);
  }
}
