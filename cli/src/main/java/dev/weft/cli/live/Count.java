package dev.weft.cli.live;

import dev.weft.routing.telemetry.Histogram;

/**
 * What was counted of requests.
 *
 * @param all of them
 * @param failed those with a status of 5xx, or none
 * @param millis how long they took
 */
record Count(double all, double failed, Histogram millis) {

  static final Count NONE = new Count(0, 0, Histogram.of(new long[Histogram.BUCKETS], 0));

  Count plus(Count other) {
    return new Count(all + other.all, failed + other.failed, millis.plus(other.millis));
  }

  /** What came after {@code earlier}; where less is there, the proxy has begun anew. */
  Count minus(Count earlier) {
    return all < earlier.all || failed < earlier.failed
        ? this
        : new Count(all - earlier.all, failed - earlier.failed, millis.minus(earlier.millis));
  }

  /** Percent of the requests that did not fail, 100 where there were none. */
  double success() {
    return all == 0 ? 100 : 100 * (all - failed) / all;
  }
}
