package dev.weft.routing.transport.redis;

import dev.weft.routing.clock.Ticker;
import dev.weft.routing.telemetry.LogOncePerMinute;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How the links to one Redis stand, counted and told for all of them. Any thread may enter. */
final class LinkStanding {

  private static final Logger LOG = LoggerFactory.getLogger(LinkStanding.class);

  private final String address;
  private final int count;
  private final LogOncePerMinute told;
  private final AtomicInteger ready = new AtomicInteger();
  private final AtomicBoolean toldAway = new AtomicBoolean();
  private final Map<Unanswered, LongAdder> unanswered = new EnumMap<>(Unanswered.class);

  /** Why a request has no answer; in lower case the metric's label. */
  enum Unanswered {
    /** There is no connection, or nothing comes over it. */
    AWAY,
    /** No answer within the time. */
    LATE,
    /** As many wait as may. */
    FULL,
    /** It answered with an error. */
    ERROR
  }

  /**
   * @param count of links
   */
  LinkStanding(String address, int count, Ticker ticker) {
    this.address = address;
    this.count = count;
    this.told = new LogOncePerMinute(LOG, ticker);
    for (Unanswered why : Unanswered.values()) {
      unanswered.put(why, new LongAdder());
    }
  }

  /** One more link gets answers. */
  void ready() {
    if (ready.incrementAndGet() == count && toldAway.compareAndSet(true, false)) {
      LOG.info("redis {}: answers again; rate limits are counted there", address);
    }
  }

  /** One less does. */
  void notReady(String why) {
    ready.decrementAndGet();
    cannot(why);
  }

  /** There is still no link. */
  void cannot(String why) {
    told.warn(
        "away",
        () -> {
          toldAway.set(true); // only what was told is taken back: as seldom
          return "redis " + address + ": " + why + "; each proxy counts its rate limits by itself";
        });
  }

  /** It answers, but not what was asked. */
  void error(String why) {
    told.warn("error", () -> "redis " + address + ": " + why);
  }

  void count(Unanswered why) {
    LongAdder adder = unanswered.get(why);
    if (adder != null) {
      adder.increment();
    }
  }

  boolean all() {
    return ready.get() == count;
  }

  Map<String, Long> unanswered() {
    Map<String, Long> all = new LinkedHashMap<>();
    unanswered.forEach((why, sum) -> all.put(why.name().toLowerCase(Locale.ROOT), sum.sum()));
    return all;
  }
}
