package dev.weft.config.model.settings;

import java.time.Duration;

/**
 * When the circuit breaker of an upstream opens and closes.
 *
 * @param window in which attempts are counted
 * @param minimumRequests attempts below which it stays closed
 * @param failurePercent of the attempts from which it opens, 1 to 100
 * @param open how long it stays open at first; doubles with each probe that fails
 * @param maxOpen the longest that it stays open between probes
 * @param probes attempts at once while it is half-open
 */
public record Breaker(
    Duration window,
    int minimumRequests,
    int failurePercent,
    Duration open,
    Duration maxOpen,
    int probes) {

  /** What holds where nothing is said. */
  public static final Breaker DEFAULT =
      new Breaker(Duration.ofSeconds(3), 20, 90, Duration.ofSeconds(1), Duration.ofSeconds(2), 1);
}
