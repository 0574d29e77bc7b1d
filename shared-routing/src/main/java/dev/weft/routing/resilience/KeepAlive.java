package dev.weft.routing.resilience;

import dev.weft.config.model.TrafficPolicy.ConnectionPool;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * For how long a server keeps a connection open on which nothing happens, as far as it said so or
 * was seen to: one that is idle for four fifths of that is not used again, since its end and a
 * request could cross on the way. What was seen is forgotten after five minutes, so that a restart
 * does not count for ever. While nothing is known a connection is beyond doubt for a second, or for
 * four fifths of the time after which another one was still there. One event loop's own.
 *
 * <p>Source: RFC 9112 section 9.3.1; {@code Keep-Alive: timeout=}, RFC 2068 section 19.7.1.1.
 */
public final class KeepAlive {

  /** For how long more connections are kept than a few, after the last peak that needed them. */
  public static final Duration SPARE = Duration.ofSeconds(15);

  private static final Duration NEVER = Duration.ofDays(365);
  private static final Duration UNSAID = Duration.ofHours(1);
  private static final long REMEMBERED = Duration.ofMinutes(5).toNanos();
  private static final long BEYOND_DOUBT = Duration.ofSeconds(1).toNanos();
  private static final long LEAST = Duration.ofMillis(10).toNanos(); // sooner is no timeout
  private static final String TIMEOUT = "timeout=";
  private static final int MOST_DIGITS = 6;

  private long said = Long.MAX_VALUE;
  private long seen = Long.MAX_VALUE;
  private long seenAt;
  private long first; // idle time of a close before
  private long firstAt;
  private long outlived; // idle time of one that was still there
  private long outlivedAt;
  private boolean atOnce; // it closes after each answer and does not say so

  /**
   * The server closed a connection that was idle for so long. Once is no timeout: a restart closes
   * too. Twice after about the same time is one. At once after an only answer is no time at all:
   * such a server means to close after each of them, until one outlives a second.
   *
   * @param answers that came on it
   */
  public void closed(long idleNanos, int answers, long now) {
    outlived = Math.min(outlived, idleNanos);
    atOnce |= idleNanos < LEAST && answers == 1;
    if (idleNanos < LEAST || (first != 0 && now - firstAt < first / 2)) {
      return;
    }
    if (first != 0 && Math.abs(idleNanos - first) <= first / 4) {
      boolean forgotten = now - seenAt > REMEMBERED;
      seen = forgotten ? idleNanos : Math.min(seen, idleNanos);
      seenAt = now;
    }
    first = idleNanos;
    firstAt = now;
  }

  /**
   * An answer said how long.
   *
   * @param header {@code Keep-Alive}; null where there is none
   */
  public void announced(@Nullable String header) {
    int at = header == null ? -1 : header.indexOf(TIMEOUT);
    if (header == null || at < 0) {
      return;
    }
    long seconds = 0;
    int from = at + TIMEOUT.length();
    int end = from;
    while (end < header.length() && end - from < MOST_DIGITS && digit(header.charAt(end))) {
      seconds = seconds * 10 + (header.charAt(end) - '0');
      end++;
    }
    if (end > from) {
      said = TimeUnit.SECONDS.toNanos(seconds);
    }
  }

  private static boolean digit(char c) {
    return c >= '0' && c <= '9';
  }

  /** For how long this side keeps one: the shorter of two timeouts, of which zero means none. */
  public static Duration ours(ConnectionPool pool) {
    Duration first = pool.httpIdleTimeout().isZero() ? NEVER : pool.httpIdleTimeout();
    Duration tcp = pool.tcpIdleTimeout().orElse(UNSAID);
    Duration second = tcp.isZero() ? NEVER : tcp;
    return first.compareTo(second) <= 0 ? first : second;
  }

  /** A connection that is idle for so long is still there. */
  public void outlived(long idleNanos, long now) {
    atOnce &= idleNanos < BEYOND_DOUBT;
    if (idleNanos >= outlived || now - outlivedAt > REMEMBERED) {
      outlived = idleNanos;
      outlivedAt = now;
    }
  }

  /** Whether anything was heard that is worth keeping. */
  public boolean heard() {
    return atOnce || known() || first != 0 || outlived > BEYOND_DOUBT;
  }

  /** Whether anything is known, without which nothing is {@link #stale}. */
  public boolean known() {
    return said != Long.MAX_VALUE || seen != Long.MAX_VALUE;
  }

  /** Whether a connection that is idle for so long may be closing by now. */
  public boolean stale(long idleNanos, long now) {
    long limit = limit(now);
    return limit != Long.MAX_VALUE && idleNanos >= limit / 5 * 4;
  }

  private long limit(long now) {
    return now - seenAt > REMEMBERED ? said : Math.min(said, seen);
  }

  /**
   * Whether a connection that is idle for so long may be closing for all that is known, so that a
   * new one is better.
   *
   * @param answers that came on it
   */
  public boolean doubtful(long idleNanos, int answers, long now) {
    if (atOnce && answers > 0) {
      return true;
    }
    if (idleNanos < BEYOND_DOUBT || limit(now) != Long.MAX_VALUE) {
      return false;
    }
    boolean forgotten = now - outlivedAt > REMEMBERED;
    return forgotten || idleNanos >= outlived / 5 * 4;
  }
}
