package dev.weft.routing.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;

final class LogOncePerMinuteTest {

  private final HandTicker ticker = new HandTicker();
  private final Lines lines = new Lines();
  private final LogOncePerMinute refusals = new LogOncePerMinute(lines, ticker);

  @Test
  void theFirstIsToldAndFurtherOnesOnceAMinuteWithTheirNumber() {
    for (int i = 0; i < 1000; i++) {
      refusals.warn("plaintext", () -> "plaintext from 10.1.2.3 refused");
    }
    ticker.turn(Duration.ofMinutes(1));
    refusals.warn("plaintext", () -> "plaintext from 10.9.9.9 refused");

    assertThat(lines.told)
        .containsExactly(
            "plaintext from 10.1.2.3 refused",
            "plaintext from 10.9.9.9 refused (999 more since the last such line)");
    assertThat(refusals.counts()).containsEntry("plaintext", 1001L);
  }

  @Test
  void reasonsAreToldApart() {
    refusals.warn("plaintext", () -> "one");
    refusals.warn("expired", () -> "two");

    assertThat(lines.told).containsExactly("one", "two");
  }

  @Test
  void aMessageWithBracesIsNotFormattedAgain() {
    refusals.warn("plaintext", () -> "from {} refused");

    assertThat(lines.told).containsExactly("from {} refused");
  }

  @ParameterizedTest
  @CsvSource(
      delimiterString = " => ",
      value = {
        "10 => \\u000a",
        "13 => \\u000d",
        "0 => \\u0000",
        "9 => \\u0009",
        "8 => \\u0008",
        "27 => \\u001b",
        "127 => \\u007f",
        "133 => \\u0085", // next line
        "155 => \\u009b", // begins a terminal's command, too
        "8232 => \\u2028",
        "8233 => \\u2029",
        "8238 => \\u202e", // from right to left
        "8294 => \\u2066",
        "65279 => \\ufeff",
        "173 => \\u00ad",
        "233 => \u00e9",
        "34 => \"",
        "92 => \\"
      })
  void nothingThatACallerSentEndsALineOrSteersATerminal(int character, String written) {
    refusals.warn("plaintext", () -> "from a" + (char) character + "b");

    assertThat(lines.told).containsExactly("from a" + written + "b");
  }

  @Test
  void endlesslyManyReasonsBecomeOne() {
    for (int i = 0; i < 1000; i++) {
      refusals.warn("reason " + i, () -> "told");
    }

    assertThat(refusals.counts())
        .hasSize(LogOncePerMinute.MOST_REASONS + 1)
        .containsEntry("other", 1000L - LogOncePerMinute.MOST_REASONS);
    assertThat(lines.told).hasSize(LogOncePerMinute.MOST_REASONS + 1);
  }

  /** Keeps what would be printed. */
  private static final class Lines extends LegacyAbstractLogger {

    private static final long serialVersionUID = 1;

    final transient List<String> told = new ArrayList<>();

    @Override
    protected String getFullyQualifiedCallerName() {
      return Lines.class.getName();
    }

    @Override
    protected void handleNormalizedLoggingCall(
        Level level, Marker marker, String message, Object[] arguments, Throwable throwable) {
      told.add(MessageFormatter.basicArrayFormat(message, arguments));
    }

    @Override
    public boolean isTraceEnabled() {
      return false;
    }

    @Override
    public boolean isDebugEnabled() {
      return false;
    }

    @Override
    public boolean isInfoEnabled() {
      return true;
    }

    @Override
    public boolean isWarnEnabled() {
      return true;
    }

    @Override
    public boolean isErrorEnabled() {
      return true;
    }
  }
}
