package dev.weft.routing.telemetry;

import dev.weft.routing.clock.Ticker;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.slf4j.Logger;

/**
 * Warns of what may happen a thousand times a second: the first time, and then once a minute with
 * how often it happened between. Counts all of it, by reason.
 *
 * <p>At most {@value #MOST_REASONS} reasons are told apart; further ones are one. Any thread may
 * enter; a warning that is not due is one look-up and two additions, without a lock, and makes no
 * text.
 */
public final class LogOncePerMinute {

  /** Reasons that are told apart. */
  static final int MOST_REASONS = 64;

  private static final long MINUTE = Duration.ofMinutes(1).toNanos();
  private static final String OTHER = "other";

  private final Logger log;
  private final Ticker ticker;
  private final Map<String, Tally> tallies = new ConcurrentHashMap<>();

  /**
   * @param log where warnings go
   */
  public LogOncePerMinute(Logger log, Ticker ticker) {
    this.log = log;
    this.ticker = ticker;
  }

  /**
   * Counts, and warns when it is due.
   *
   * @param reason machine-readable and of few kinds, e.g. {@code plaintext}: the label of the
   *     metric; never what a client sent
   * @param message made only when it is due; one sentence without a stop
   */
  public void warn(String reason, Supplier<String> message) {
    Tally tally = tallies.get(reason);
    if (tally == null) {
      tally = added(reason);
    }
    long total = tally.count.incrementAndGet();
    long now = ticker.nanos();
    long due = tally.dueNanos.get();
    if (now - due >= 0 && tally.dueNanos.compareAndSet(due, now + MINUTE)) {
      long between = total - tally.told.getAndSet(total) - 1;
      if (between > 0) {
        log.warn("{} ({} more since the last such line)", message.get(), between);
      } else {
        log.warn("{}", message.get());
      }
    }
  }

  /** How often each reason was given so far. */
  public Map<String, Long> counts() {
    Map<String, Long> counts = new TreeMap<>();
    tallies.forEach((reason, tally) -> counts.put(reason, tally.count.get()));
    return counts;
  }

  private Tally added(String reason) {
    String key = tallies.size() < MOST_REASONS ? reason : OTHER;
    return tallies.computeIfAbsent(key, first -> new Tally(ticker.nanos()));
  }

  /** What is known of one reason. */
  private static final class Tally {

    private final AtomicLong count = new AtomicLong();
    private final AtomicLong told = new AtomicLong();
    private final AtomicLong dueNanos;

    Tally(long now) {
      this.dueNanos = new AtomicLong(now);
    }
  }
}
