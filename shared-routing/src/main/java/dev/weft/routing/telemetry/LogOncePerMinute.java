package dev.weft.routing.telemetry;

import dev.weft.routing.clock.Ticker;
import java.time.Duration;
import java.util.HexFormat;
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
  private static final HexFormat HEX = HexFormat.of();

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
        log.warn("{} ({} more since the last such line)", said(message), between);
      } else {
        log.warn("{}", said(message));
      }
    }
  }

  private static String said(Supplier<String> message) {
    return printable(message.get(), "");
  }

  /**
   * A text as it may stand in a line of a log that people read at a terminal: what ends a line,
   * steers a terminal or turns the direction of a text is written as {@code \\u001b}.
   *
   * @param kept characters that stay all the same
   */
  public static String printable(String text, String kept) {
    StringBuilder clean = new StringBuilder(text.length() + 16);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (steers(c) && kept.indexOf(c) < 0) {
        clean.append("\\u").append(HEX.toHexDigits(c));
      } else {
        clean.append(c);
      }
    }
    return clean.toString();
  }

  private static boolean steers(char c) {
    int kind = Character.getType(c);
    return kind == Character.CONTROL
        || kind == Character.FORMAT
        || kind == Character.LINE_SEPARATOR
        || kind == Character.PARAGRAPH_SEPARATOR;
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
