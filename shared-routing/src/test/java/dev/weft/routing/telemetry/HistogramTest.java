package dev.weft.routing.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class HistogramTest {

  @Test
  void aBoundBelongsToTheBucketBelowIt() {
    assertThat(Histogram.bucketOfNanos(0)).isEqualTo(0);
    assertThat(Histogram.bucketOfNanos(500_000)).isEqualTo(0);
    assertThat(Histogram.bucketOfNanos(500_001)).isEqualTo(1);
    assertThat(Histogram.bucketOfNanos(Duration.ofHours(1).toNanos())).isEqualTo(18);
    assertThat(Histogram.bucketOfNanos(Duration.ofHours(1).toNanos() + 1)).isEqualTo(19);
    assertThat(Histogram.bucketOfNanos(Long.MAX_VALUE)).isEqualTo(19);
    assertThat(Histogram.bucketOfBytes(0)).isEqualTo(0);
    assertThat(Histogram.bucketOfBytes(1)).isEqualTo(1);
    assertThat(Histogram.bucketOfBytes(2)).isEqualTo(2);
  }

  @Test
  void aQuantileLiesOnTheLineWithinItsBucket() {
    long[] counts = new long[Histogram.BUCKETS];
    counts[3] = 90; // 5 to 10 ms
    counts[5] = 10; // 25 to 50 ms
    Histogram histogram = Histogram.of(counts, 1000);

    assertThat(histogram.quantile(0.5)).isCloseTo(5 + 5 * 50 / 90.0, within(1e-9));
    assertThat(histogram.quantile(0.9)).isCloseTo(10, within(1e-9));
    assertThat(histogram.quantile(0.99)).isCloseTo(25 + 25 * 0.9, within(1e-9));
  }

  @Test
  void aQuantileAboveTheLastBoundIsThatBound() {
    long[] counts = new long[Histogram.BUCKETS];
    counts[Histogram.BUCKETS - 1] = 1;

    assertThat(Histogram.of(counts, 1).quantile(0.5)).isEqualTo(3_600_000);
  }

  @Test
  void nothingObservedHasNoQuantile() {
    assertThat(Histogram.of(new long[Histogram.BUCKETS], 0).quantile(0.99)).isZero();
  }

  @Test
  void theDifferenceIsWhatCameBetween() {
    Histogram earlier = counting(4, 2);
    Histogram later = counting(4, 5).plus(counting(7, 1));

    Histogram between = later.minus(earlier);

    assertThat(between.count()).isEqualTo(4);
    assertThat(between.counts()[4]).isEqualTo(3);
    assertThat(between.sum()).isEqualTo(4);
  }

  @Test
  void aCountThatWentDownBeginsAnew() {
    Histogram restarted = counting(4, 1);

    assertThat(restarted.minus(counting(4, 9)).count()).isEqualTo(1);
  }

  @Test
  void cumulativeCountsAreTakenApart() {
    long[] cumulative = new long[Histogram.BUCKETS];
    for (int i = 0; i < cumulative.length; i++) {
      cumulative[i] = i < 2 ? 0 : i < 5 ? 3 : 10;
    }

    Histogram histogram = Histogram.ofCumulative(cumulative, 5);

    assertThat(histogram.count()).isEqualTo(10);
    assertThat(histogram.counts()[2]).isEqualTo(3);
    assertThat(histogram.counts()[5]).isEqualTo(7);
    assertThat(cumulative[19]).isEqualTo(10);
  }

  @Test
  void aWrongNumberOfBucketsIsRefused() {
    assertThatThrownBy(() -> Histogram.of(new long[3], 0)).hasMessage("buckets: 3 (expected: 20)");
  }

  private static Histogram counting(int bucket, long count) {
    long[] counts = new long[Histogram.BUCKETS];
    counts[bucket] = count;
    return Histogram.of(counts, (double) count);
  }
}
