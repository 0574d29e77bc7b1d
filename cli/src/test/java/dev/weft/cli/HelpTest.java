package dev.weft.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.process.ProxyCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** What commands teach fits a terminal. */
final class HelpTest {

  private static final int WIDTH = 80;

  static Stream<CommandLine> commands() {
    return below(ProxyCommand.line(Main.class));
  }

  private static Stream<CommandLine> below(CommandLine command) {
    return command.getSubcommands().values().stream()
        .flatMap(one -> Stream.concat(Stream.of(one), below(one)));
  }

  @ParameterizedTest
  @MethodSource("commands")
  void noLineIsWiderThanATerminal(CommandLine command) {
    assertThat(command.getUsageMessage().lines()).allMatch(line -> line.length() <= WIDTH);
  }

  @ParameterizedTest
  @MethodSource("commands")
  void noLineIsBrokenTwice(CommandLine command) {
    List<String> said = List.of(command.getCommandSpec().usageMessage().description());

    assertThat(command.getUsageMessage()).contains(String.join("\n", said));
  }

  @Test
  void theLaunchersOwnIsNoWider() throws IOException {
    List<String> lines = Files.readAllLines(Path.of("../weft"));
    int from = lines.indexOf("usage() {");
    int to = lines.subList(from, lines.size()).indexOf("}");

    assertThat(lines.subList(from, from + to)).allMatch(line -> line.length() <= WIDTH);
  }
}
