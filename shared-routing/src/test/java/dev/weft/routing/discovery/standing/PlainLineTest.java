package dev.weft.routing.discovery.standing;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class PlainLineTest {

  @Test
  void whatCannotBeSeenIsASpace() {
    String words = "a\nb\u001b[2Jc\u009b1md\u202ee\u2028f\ud800g\u0000\r\th";

    assertThat(PlainLine.of(words, 100)).isEqualTo("a b [2Jc 1md e f g h");
  }

  @Test
  void whatIsTooLongIsCut() {
    assertThat(PlainLine.of("x".repeat(11), 10)).isEqualTo("x".repeat(10) + "...");
    assertThat(PlainLine.of("x".repeat(9) + "\ud83d\ude00", 10)).isEqualTo("x".repeat(9) + " ...");
    assertThat(PlainLine.of("größer als nötig", 20)).isEqualTo("größer als nötig");
  }
}
