package dev.weft.routing.telemetry;

import dev.weft.routing.telemetry.tag.Numbers;
import java.util.Arrays;

/**
 * Observations counted in Envoy's buckets: what was seen up to a moment, or between two.
 *
 * <p>Bounds are inclusive and have the unit of what was observed: milliseconds for durations, bytes
 * for sizes. Immutable.
 *
 * <p>Source: Envoy's default histogram buckets, which Istio's metrics use.
 */
public final class Histogram {

  private static final double[] BOUNDS = {
    0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000, 60000, 300000, 600000,
    1800000, 3600000
  };

  /** Buckets there are, the last without an upper bound. */
  public static final int BUCKETS = BOUNDS.length + 1;

  private static final double NANOS_PER_MILLI = 1e6;
  private static final long[] NANOS = scaled(NANOS_PER_MILLI);
  private static final long[] WHOLE = scaled(1);

  private final long[] counts;
  private final double sum;

  private Histogram(long[] counts, double sum) {
    this.counts = counts;
    this.sum = sum;
  }

  /**
   * @param counts how many fell in each bucket, {@value #BUCKETS} of them, each from 0
   * @param sum of all that was observed
   */
  public static Histogram of(long[] counts, double sum) {
    if (counts.length != BUCKETS) {
      throw new IllegalArgumentException(
          "buckets: " + counts.length + " (expected: " + BUCKETS + ")");
    }
    return new Histogram(counts.clone(), sum);
  }

  /** From counts that include those of the buckets below, as Prometheus' text has them. */
  public static Histogram ofCumulative(long[] cumulative, double sum) {
    Histogram plain = of(cumulative, sum);
    for (int i = BUCKETS - 1; i > 0; i--) {
      plain.counts[i] -= plain.counts[i - 1];
    }
    return plain;
  }

  /** What {@link #numbers} gave. */
  static Histogram ofNumbers(Numbers numbers) {
    long[] counts = new long[BUCKETS];
    for (int i = 0; i < BUCKETS; i++) {
      counts[i] = (long) numbers.at(i);
    }
    return new Histogram(counts, numbers.at(BUCKETS));
  }

  /** Counts, then the sum: they can be added up as they are. */
  Numbers numbers() {
    double[] all = new double[BUCKETS + 1];
    for (int i = 0; i < BUCKETS; i++) {
      all[i] = counts[i];
    }
    all[BUCKETS] = sum;
    return Numbers.of(all);
  }

  /** Upper bounds in ascending order; the last is infinite. */
  public static double[] upperBounds() {
    double[] all = Arrays.copyOf(BOUNDS, BUCKETS);
    all[BUCKETS - 1] = Double.POSITIVE_INFINITY;
    return all;
  }

  /** The bucket of a duration, in a histogram of milliseconds. */
  public static int bucketOfNanos(long nanos) {
    return bucket(NANOS, nanos);
  }

  /** The bucket of a size, in a histogram of bytes. */
  static int bucketOfBytes(long bytes) {
    return bucket(WHOLE, bytes);
  }

  /** How many were observed. */
  public long count() {
    return Arrays.stream(counts).sum();
  }

  /** All observations added up. */
  public double sum() {
    return sum;
  }

  /** How many fell in each bucket. */
  public long[] counts() {
    return counts.clone();
  }

  /** This and {@code other} together. */
  public Histogram plus(Histogram other) {
    long[] both = counts.clone();
    Arrays.setAll(both, i -> counts[i] + other.counts[i]);
    return new Histogram(both, sum + other.sum);
  }

  /**
   * What came after {@code earlier}. A count that went down means that the proxy started anew: then
   * everything there is came after.
   */
  public Histogram minus(Histogram earlier) {
    long[] since = counts.clone();
    for (int i = 0; i < BUCKETS; i++) {
      since[i] -= earlier.counts[i];
      if (since[i] < 0) {
        return this;
      }
    }
    return new Histogram(since, sum - earlier.sum);
  }

  /**
   * The value below which a share of the observations lies, by straight line within its bucket as
   * Prometheus' {@code histogram_quantile} does it; above the last bound, that bound.
   *
   * @param share 0 to 1, e.g. 0.99
   * @return 0 when nothing was observed
   */
  public double quantile(double share) {
    long total = count();
    if (total == 0) {
      return 0;
    }
    double rank = share * total;
    double below = 0;
    for (int i = 0; i < BOUNDS.length; i++) {
      if (counts[i] > 0 && below + counts[i] >= rank) {
        double lower = i == 0 ? 0 : BOUNDS[i - 1];
        return lower + (BOUNDS[i] - lower) * (rank - below) / counts[i];
      }
      below += counts[i];
    }
    return BOUNDS[BOUNDS.length - 1];
  }

  private static int bucket(long[] bounds, long value) {
    int bucket = 0;
    while (bucket < bounds.length && value > bounds[bucket]) {
      bucket++;
    }
    return bucket;
  }

  private static long[] scaled(double factor) {
    long[] all = new long[BOUNDS.length];
    for (int i = 0; i < all.length; i++) {
      all[i] = (long) Math.floor(BOUNDS[i] * factor);
    }
    return all;
  }
}
