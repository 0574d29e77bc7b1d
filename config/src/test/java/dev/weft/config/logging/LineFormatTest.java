package dev.weft.config.logging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.weft.config.logging.LineFormat.Field;
import dev.weft.config.logging.LineFormat.Literal;
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
        "%REQ(a):0% | a length of 0 (expected: 1 to 99999) at column 1",
        "%REQ(a)x% | no operator 'REQ(a)x' at column 1",
      })
  void whatIsWrongIsToldWithItsColumn(String text, String told) {
    assertThat(fault(text).told()).isEqualTo(told);
  }

  @Test
  void noFormatBreaksALineOrLeavesAscii() {
    assertThat(fault("a\nb").told())
        .isEqualTo("character 0xa (expected: printable ASCII) at column 2");
    assertThat(fault("\u001b[2J").column()).isEqualTo(1);
    assertThat(fault("é").column()).isEqualTo(1);
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
