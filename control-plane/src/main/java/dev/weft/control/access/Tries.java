package dev.weft.control.access;

import dev.weft.routing.clock.Ticker;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How often an address may be wrong: {@value #BURST} times, then once in twelve seconds. Of {@value
 * #MOST} addresses the latest are told apart; all others together are one. One event loop's own.
 */
final class Tries {

  private static final int BURST = 5;
  private static final int MOST = 1_000;
  private static final long EACH_NANOS = Duration.ofSeconds(12).toNanos();
  private static final String OTHERS = "others";

  private final Ticker ticker;

  /** When all of an address is forgiven; the time until then is what it may not try any more. */
  private final Map<String, Long> forgiven = new LinkedHashMap<>();

  Tries(Ticker ticker) {
    this.ticker = ticker;
  }

  /** Whether it may try now. */
  boolean may(String address) {
    return wait(address) == 0;
  }

  /** Seconds until it may try again, from 0. */
  long wait(String address) {
    long now = ticker.nanos();
    long debt = forgiven.getOrDefault(key(address), now) - now;
    long over = debt - (BURST - 1) * EACH_NANOS;
    return over <= 0 ? 0 : Math.max(1, Duration.ofNanos(over).toSeconds());
  }

  /** It was wrong. */
  void wrong(String address) {
    long now = ticker.nanos();
    forgiven.values().removeIf(until -> until - now <= 0);
    forgiven.merge(key(address), now + EACH_NANOS, (until, first) -> until + EACH_NANOS);
  }

  private String key(String address) {
    return forgiven.containsKey(address) || forgiven.size() < MOST ? address : OTHERS;
  }
}
