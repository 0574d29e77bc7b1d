package dev.weft.config.logging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.weft.config.logging.LineFormat.Field;
import dev.weft.config.logging.LineFormat.Literal;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A format is read once, and what is wrong with it is told with its column. */
final class LineFormatTest {

  @Test
  void istiosIsReadAsItIsWritten() throws Unreadable {
    LineFormat format = LineFormat.of(LineFormat.ISTIO + "\n");

    assertThat(format.parts())
        .startsWith(
            new Literal("["),
            new Field(Operator.START_TIME, "", "", Integer.MAX_VALUE, false),
            new Literal("] \""),
            new Field(Operator.REQ, ":method", "", Integer.MAX_VALUE, true),
            new Literal(" "),
            new Field(Operator.REQ, "x-envoy-original-path", ":path", Integer.MAX_VALUE, true));
    assertThat(format.parts().stream().filter(Field.class::isInstance)).hasSize(24);
  }

  @Test
  void aLengthAnAlternativeAndThePercentSignItself() throws Unreadable {
    assertThat(LineFormat.of("100%% %RESP(A?B):7% %ENVIRONMENT(Pod_Name)%").parts())
        .containsExactly(
            new Literal("100% "),
            new Field(Operator.RESP, "a", "b", 7, false),
            new Literal(" "),
            new Field(Operator.ENVIRONMENT, "Pod_Name", "", Integer.MAX_VALUE, false));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a %REQ | a % without its end at column 3",
        "%NOTHING% | no operator 'NOTHING' at column 1",
        "%req(a)% | no operator 'req(a)' at column 1",
        "ab %REQ% | REQ without a name at column 4",
        "%DURATION(a)% | DURATION with 'a' at column 1",
        "%REQ(a b)% | 'a b' (expected: a name) at column 1",
        "%TRAILER(a)% | no operator 'TRAILER(a)' at column 1",
        "%DYNAMIC_METADATA(a:b)% | no operator 'DYNAMIC_METADATA(a:b)' at column 1",
        "x %START_TIME(%Y-%q)% | START_TIME with a specifier that strftime does not have, or Weft"
            + " at column 3",
        "%REQ(a% | no operator 'REQ(a' at column 1",
        "%REQ(a):0% | a length of 0 (expected: 1 to 99999) at column 1",
        "%REQ(a)x% | no operator 'REQ(a)x' at column 1",
      })
  void whatIsWrongIsToldWithItsColumn(String text, String told) {
    assertThat(fault(text).told()).isEqualTo(told);
  }

  @Test
  void timesAreWrittenAsStrftimeDoes() throws Unreadable {
    Instant at = Instant.parse("2026-01-05T15:04:09.123456789Z");

    assertThat(TimeFormat.of("%Y/%m/%dT%H:%M:%S.%3fZ%z", 0).format(at))
        .isEqualTo("2026/01/05T15:04:09.123Z+0000");
    assertThat(TimeFormat.of("%s.%6f %f", 0).format(at)).isEqualTo("1767625449.123456 123456789");
    assertThat(TimeFormat.of("%a, %d %b %y %e %j %I%p %Z 100%% '%B' %A", 0).format(at))
        .isEqualTo("Mon, 05 Jan 26  5 005 03PM UTC 100% 'January' Monday");
    assertThat(TimeFormat.of("%F %T %R %D", 0).format(at))
        .isEqualTo("2026-01-05 15:04:09 15:04 01/05/26");
  }

  @Test
  void aTimesFormatStandsInItsParentheses() throws Unreadable {
    assertThat(LineFormat.of("[%START_TIME(%Y-%m-%dT%H)%] %DURATION%").parts())
        .containsExactly(
            new Literal("["),
            new Field(Operator.START_TIME, "%Y-%m-%dT%H", "", Integer.MAX_VALUE, false),
            new Literal("] "),
            new Field(Operator.DURATION, "", "", Integer.MAX_VALUE, false));
  }

  @Test
  void noFormatBreaksALineOrLeavesAscii() {
    assertThat(fault("a\nb").told())
        .isEqualTo("character 0xa (expected: printable ASCII) at column 2");
    assertThat(fault("\u001b[2J").column()).isEqualTo(1);
    assertThat(fault("é").column()).isEqualTo(1);
    assertThat(fault("x %START_TIME(%Y\n)%").told())
        .isEqualTo("character 0xa (expected: printable ASCII) at column 3");
  }

  @Test
  void formatsAreBounded() {
    assertThat(fault("x".repeat(8193)).told()).startsWith("longer than 8192 characters");
    assertThat(fault("%DURATION%".repeat(201)).told()).startsWith("more than 200 pieces");
  }

  private static Unreadable fault(String text) {
    return catchThrowableOfType(Unreadable.class, () -> LineFormat.of(text));
  }
}
