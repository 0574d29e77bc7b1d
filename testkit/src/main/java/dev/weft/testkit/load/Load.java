package dev.weft.testkit.load;

import java.time.Duration;
import java.util.List;

/**
 * An arrival rate that does not wait for answers.
 *
 * @param port on this machine
 * @param perSecond calls that begin, shared evenly among the ways
 * @param lasts at most, 15 minutes being the most
 * @param patience for one answer, then it counts as failed
 */
public record Load(
    int port, int perSecond, Duration lasts, Duration patience, List<Way> ways, Calls calls) {

  private static final Duration LONGEST = Duration.ofMinutes(15);
  private static final int FASTEST = 20_000;

  public Load {
    ways = List.copyOf(ways);
    if (lasts.isNegative() || lasts.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException("lasts: " + lasts + " (expected: 0 to " + LONGEST + ")");
    }
    if (perSecond < 1 || perSecond > FASTEST) {
      throw new IllegalArgumentException(
          "perSecond: " + perSecond + " (expected: 1 to " + FASTEST + ")");
    }
    if (ways.isEmpty()) {
      throw new IllegalArgumentException("ways: none (expected: at least one)");
    }
  }

  /** Over kept, new and HTTP/2 connections in plaintext, with 20 s of patience. */
  public static Load of(int port, int perSecond, Duration lasts, Calls calls) {
    return new Load(
        port,
        perSecond,
        lasts,
        Duration.ofSeconds(20),
        List.of(Way.kept(), Way.fresh(), Way.http2()),
        calls);
  }

  /** The same over other ways. */
  public Load over(Way... others) {
    return new Load(port, perSecond, lasts, patience, List.of(others), calls);
  }
}
