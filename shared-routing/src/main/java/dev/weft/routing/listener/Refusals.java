package dev.weft.routing.listener;

import dev.weft.routing.clock.Ticker;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts connections that were not taken, by reason, and logs each reason at most once a minute.
 * Any thread may enter.
 */
public final class Refusals {

  private static final Logger LOG = LoggerFactory.getLogger(Refusals.class);
  private static final long MINUTE = TimeUnit.MINUTES.toNanos(1);

  private final Map<Reason, AtomicLong> counts = new EnumMap<>(Reason.class);
  private final Map<Reason, AtomicLong> loggedAt = new EnumMap<>(Reason.class);
  private final Ticker ticker;

  /** Why a connection was refused: the metric's label. */
  public enum Reason {
    PLAINTEXT("plaintext where mTLS is required"),
    HANDSHAKE("the TLS handshake failed"),
    NO_CERTIFICATE_TO_SHOW("no certificate for it"),
    IDENTITY("no identity of this mesh"),
    SILENT("no bytes came in time"),
    PROTOCOL("neither TLS nor HTTP");

    private final String text;

    Reason(String text) {
      this.text = text;
    }
  }

  public Refusals(Ticker ticker) {
    this.ticker = ticker;
    for (Reason reason : Reason.values()) {
      counts.put(reason, new AtomicLong());
      loggedAt.put(reason, new AtomicLong(ticker.nanos() - MINUTE));
    }
  }

  void count(Reason reason, Object peer, String detail) {
    counts.getOrDefault(reason, new AtomicLong()).incrementAndGet();
    AtomicLong last = loggedAt.getOrDefault(reason, new AtomicLong());
    long before = last.get();
    long now = ticker.nanos();
    if (now - before >= MINUTE && last.compareAndSet(before, now)) {
      LOG.warn("refused a connection from {}: {}{}", peer, reason.text, detail);
    }
  }

  /** Connections refused since the start, by reason. */
  public Map<String, Long> counts() {
    Map<String, Long> all = new LinkedHashMap<>();
    counts.forEach((reason, count) -> all.put(reason.name().toLowerCase(Locale.ROOT), count.get()));
    return all;
  }
}
