package dev.weft.testkit.load;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * What came of a load.
 *
 * @param sent calls that were begun
 * @param statuses answers by status, good or not
 * @param failures calls that failed, by way and reason
 * @param sortedNanos from when each good call was due to its answer's end
 */
public record LoadReport(
    long sent, Map<Integer, Long> statuses, Map<String, Long> failures, List<Long> sortedNanos) {

  public LoadReport {
    statuses = new TreeMap<>(statuses);
    failures = new TreeMap<>(failures);
    sortedNanos = sortedNanos.stream().sorted().toList();
  }

  public long good() {
    return sortedNanos.size();
  }

  public long failed() {
    return failures.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Answers with a status. */
  public long answered(int status) {
    return statuses.getOrDefault(status, 0L);
  }

  /**
   * What such a part of the good answers took at most.
   *
   * @param part above 0, up to 1
   */
  public Duration quantile(double part) {
    if (sortedNanos.isEmpty()) {
      return Duration.ZERO;
    }
    int rank = (int) Math.ceil(part * sortedNanos.size()) - 1;
    return Duration.ofNanos(sortedNanos.get(Math.max(0, rank)));
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%d calls, %d good (p50 %.1f ms, p99 %.1f ms), statuses %s, failures %s",
        sent,
        good(),
        quantile(0.5).toNanos() / 1e6,
        quantile(0.99).toNanos() / 1e6,
        statuses,
        failures);
  }
}
