package dev.weft.gateway.acme;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

final class RenewalTest {

  private static final Instant BEGIN = Instant.parse("2026-11-01T00:00:00Z");
  private static final Instant END = BEGIN.plus(Duration.ofDays(90));
  private static final Duration FIRST = Duration.ofMinutes(5);
  private static final Duration LONGEST = Duration.ofHours(12);

  @Test
  void itIsAThirdBeforeTheEndOrALittleEarlier() {
    assertThat(Renewal.of(BEGIN, END, 0)).isEqualTo(END.minus(Duration.ofDays(30)));
    assertThat(Renewal.of(BEGIN, END, 0.5))
        .isEqualTo(END.minus(Duration.ofDays(30)).minus(Duration.ofDays(90).dividedBy(100)));
  }

  @Test
  void failuresAreFurtherAndFurtherApartUpToALongestPause() {
    assertThat(Renewal.pause(1, FIRST, LONGEST, 0)).isEqualTo(FIRST);
    assertThat(Renewal.pause(2, FIRST, LONGEST, 0)).isEqualTo(FIRST.multipliedBy(2));
    assertThat(Renewal.pause(3, FIRST, LONGEST, 0)).isEqualTo(FIRST.multipliedBy(4));
    assertThat(Renewal.pause(100, FIRST, LONGEST, 0)).isEqualTo(LONGEST);
    assertThat(Renewal.pause(1, FIRST, LONGEST, 0.5)).isEqualTo(Duration.ofSeconds(225));
  }
}
