package dev.weft.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.clock.Ticker;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RetryAfterTest {

  private final RetryAfter read =
      new RetryAfter(
          new Ticker() {
            @Override
            public long nanos() {
              return 0;
            }

            @Override
            public long epochMillis() {
              return Instant.parse("2026-10-21T07:28:00Z").toEpochMilli();
            }
          });

  @Test
  void secondsAreReadAndDates() {
    assertThat(read.wish(" 12 ")).contains(Duration.ofSeconds(12));
    assertThat(read.wish("0")).contains(Duration.ZERO);
    assertThat(read.wish("Wed, 21 Oct 2026 07:28:10 GMT")).contains(Duration.ofSeconds(10));
  }

  @Test
  void moreSecondsThanAnyNumberHoldsAreVeryMany() {
    assertThat(read.wish("9".repeat(40)).orElseThrow()).isGreaterThan(Duration.ofDays(365));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-1", "1.5", "soon", "Wed, 21 Oct 2026 07:27:59 GMT", "1s"})
  void whatIsNoTimeOrIsOverAsksForNothing(String value) {
    assertThat(read.wish(value)).isEmpty();
  }
}
