package dev.weft.routing.resilience;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class GrpcTimeoutTest {

  @ParameterizedTest
  @CsvSource({
    "1H,PT1H",
    "2M,PT2M",
    "3S,PT3S",
    "4m,PT0.004S",
    "5u,PT0.000005S",
    "6n,PT0.000000006S",
    "99999999H,PT99999999H",
    "0S,PT0S"
  })
  void unitsAreAsGrpcSays(String told, Duration meant) {
    assertThat(GrpcTimeout.parsed(told)).contains(meant);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "S", "1", "1s", "-1S", "1.5S", "123456789S", " 1S", "1SS"})
  void whatMakesNoSenseIsNothing(String told) {
    assertThat(GrpcTimeout.parsed(told)).isEmpty();
  }

  @Test
  void whatIsTellsHasEightDigitsAtMost() {
    assertThat(GrpcTimeout.text(1)).isEqualTo("1m");
    assertThat(GrpcTimeout.text(Duration.ofMillis(99_999_999).toNanos())).isEqualTo("99999999m");
    assertThat(GrpcTimeout.text(Duration.ofSeconds(100_000).toNanos())).isEqualTo("100000S");
  }
}
