package dev.weft.routing.cluster.balance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import dev.weft.config.model.TrafficPolicy.Warmup;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class SlowStartTest {

  @Test
  void aPartGrowsInALineFromTheMinimum() {
    SlowStart linear = new SlowStart(new Warmup(Duration.ofSeconds(10), 10, 1));

    assertThat(linear.part(0)).isEqualTo(0.1);
    assertThat(linear.part(seconds(0.5))).isEqualTo(0.1);
    assertThat(linear.part(seconds(5))).isCloseTo(0.5, offset(1e-9));
    assertThat(linear.part(seconds(10))).isEqualTo(1);
    assertThat(linear.part(seconds(100))).isEqualTo(1);
  }

  @Test
  void aggressionMakesItGrowSooner() {
    SlowStart square = new SlowStart(new Warmup(Duration.ofSeconds(10), 0, 2));

    assertThat(square.part(0)).isZero();
    assertThat(square.part(seconds(2.5))).isCloseTo(0.5, offset(1e-9));
  }

  private static long seconds(double seconds) {
    return (long) (seconds * 1e9);
  }
}
