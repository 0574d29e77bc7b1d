package dev.weft.gateway.acme;

import java.time.Duration;
import java.time.Instant;

/** When a certificate is obtained again. Draws are even, from 0 up to 1. */
final class Renewal {

  private static final int THIRD = 3;
  private static final int FIFTIETH = 50;
  private static final int MOST_DOUBLINGS = 20;

  private Renewal() {}

  /**
   * A third of its life before it ends, and up to a fiftieth earlier, so that many that were
   * obtained together are not renewed together.
   */
  static Instant of(Instant begin, Instant end, double draw) {
    Duration life = Duration.between(begin, end);
    long earlier = (long) (life.dividedBy(FIFTIETH).toMillis() * draw);
    return end.minus(life.dividedBy(THIRD)).minusMillis(earlier);
  }

  /**
   * How long nothing is tried after failures: twice as long each time, less up to a half.
   *
   * @param failures one after the other, at least 1
   */
  static Duration pause(int failures, Duration first, Duration longest, double draw) {
    Duration whole = first.multipliedBy(1L << Math.min(failures - 1, MOST_DOUBLINGS));
    Duration bounded = whole.compareTo(longest) > 0 ? longest : whole;
    return bounded.minusMillis((long) (bounded.toMillis() / 2.0 * draw));
  }
}
