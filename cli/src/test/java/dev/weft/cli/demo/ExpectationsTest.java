package dev.weft.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

final class ExpectationsTest {

  private final StringWriter told = new StringWriter();
  private final Expectations expectations = new Expectations(new PrintWriter(told));

  @Test
  void whereAllAreMetTheExitCodeIsZero() {
    expectations.expect("95/5", true, "v1 570, v2 30");

    int code = expectations.sum();

    assertThat(code).isZero();
    assertThat(told.toString().lines())
        .containsExactly("  ok    95/5: v1 570, v2 30", "all expectations met");
  }

  @Test
  void oneThatIsNotMetIsToldWithWhatWasMeasuredAndEndsWithOne() {
    expectations.expect("95/5", true, "v1 570, v2 30");
    expectations.expect("100/0 within a second", false, "v2 still answers");

    int code = expectations.sum();

    assertThat(code).isEqualTo(1);
    assertThat(told.toString().lines())
        .contains("  FAILED 100/0 within a second: v2 still answers", "1 expectations not met");
  }
}
