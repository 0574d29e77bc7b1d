package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What {@code weft gateway --help} teaches fits a terminal. */
final class HelpTest {

  private static final int WIDTH = 80;

  @Test
  void noLineIsWiderThanATerminal() {
    assertThat(Main.manual().text().lines()).allMatch(line -> line.length() <= WIDTH);
  }
}
