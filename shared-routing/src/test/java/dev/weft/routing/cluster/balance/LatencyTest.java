package dev.weft.routing.cluster.balance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Percentage.withPercentage;

import dev.weft.routing.telemetry.HandTicker;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class LatencyTest {

  private final HandTicker ticker = new HandTicker();
  private final Latency latency = new Latency();

  @Test
  void nothingIsKnownAtFirst() {
    assertThat(latency.known()).isFalse();
    assertThat(latency.micros(ticker.nanos())).isZero();
  }

  @Test
  void aPeakCountsAtOnceAndSinksSlowly() {
    answered(10);
    answered(200);
    assertThat(millis()).isCloseTo(200, withPercentage(1));

    for (int i = 0; i < 1000; i++) { // ten seconds
      ticker.turn(Duration.ofMillis(10));
      answered(10);
    }

    assertThat(millis()).as("after the decay: 10 + 190 / e").isCloseTo(80, withPercentage(3));
  }

  @Test
  void whatFailsFastDoesNotLookFast() {
    for (int i = 0; i < 8; i++) {
      latency.failed(100_000, ticker.nanos());
    }

    assertThat(millis()).isCloseTo(256, withPercentage(1));
    for (int i = 0; i < 20; i++) {
      latency.failed(100_000, ticker.nanos());
    }
    assertThat(millis()).as("at most").isCloseTo(5000, withPercentage(1));
  }

  @Test
  void whoAsksToBeLeftAloneIs() {
    answered(10);
    latency.refused(Duration.ofSeconds(60).toNanos(), ticker.nanos());

    assertThat(millis()).isCloseTo(60_000, withPercentage(1));
  }

  private void answered(long millis) {
    latency.answered(Duration.ofMillis(millis).toNanos(), ticker.nanos());
  }

  private double millis() {
    return latency.micros(ticker.nanos()) / 1000;
  }
}
