package dev.weft.cli.live;

import dev.weft.routing.telemetry.Histogram;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Adds up series of one scrape by what they are of.
 *
 * @param <K> an edge, a route
 */
final class Counting<K extends Comparable<? super K>> {

  private static final double[] BOUNDS = Histogram.upperBounds();

  private final Map<K, double[]> sums = new HashMap<>(); // all, failed, milliseconds
  private final Map<K, long[]> buckets = new HashMap<>();

  /** Requests that ended. */
  void all(K key, double more) {
    sum(key)[0] += more;
  }

  /** Those of them that failed. */
  void failed(K key, double more) {
    sum(key)[1] += more;
  }

  /** What they took together. */
  void millis(K key, double more) {
    sum(key)[2] += more;
  }

  /** A bucket with those below it. */
  void bucket(K key, Series series) {
    long[] all = buckets.computeIfAbsent(key, fresh -> new long[Histogram.BUCKETS]);
    all[at(series.label("le"))] += (long) series.value();
  }

  /** What was added up. */
  Map<K, Count> counts() {
    Map<K, Count> all = new TreeMap<>();
    sums.forEach(
        (key, sum) -> {
          long[] below = buckets.getOrDefault(key, new long[Histogram.BUCKETS]);
          for (int i = 1; i < below.length; i++) {
            below[i] = Math.max(below[i], below[i - 1]); // a bucket that is not told is empty
          }
          all.put(key, new Count(sum[0], sum[1], Histogram.ofCumulative(below, sum[2])));
        });
    return all;
  }

  /** What came after {@code earlier}, of one proxy. */
  static <K extends Comparable<? super K>> Map<K, Count> since(
      Map<K, Count> earlier, Map<K, Count> now) {
    Map<K, Count> all = new TreeMap<>();
    now.forEach((key, count) -> all.put(key, count.minus(earlier.getOrDefault(key, Count.NONE))));
    return all;
  }

  /** Of several proxies together. */
  static <K extends Comparable<? super K>> Map<K, Count> together(List<Map<K, Count>> several) {
    Map<K, Count> all = new TreeMap<>();
    several.forEach(one -> one.forEach((key, count) -> all.merge(key, count, Count::plus)));
    return all;
  }

  private double[] sum(K key) {
    return sums.computeIfAbsent(key, fresh -> new double[3]);
  }

  private static int at(String bound) {
    double upper = bound.equals("+Inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(bound);
    for (int i = 0; i < BOUNDS.length; i++) {
      if (BOUNDS[i] >= upper) {
        return i;
      }
    }
    return BOUNDS.length - 1;
  }
}
