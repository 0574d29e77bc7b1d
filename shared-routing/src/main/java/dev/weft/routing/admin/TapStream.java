package dev.weft.routing.admin;

import dev.weft.routing.clock.Timers;
import dev.weft.routing.telemetry.AccessLine;
import dev.weft.routing.telemetry.Tap;
import dev.weft.routing.telemetry.Tap.Filter;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Shows requests and connections as server-sent events while they end, at the pace of {@link
 * PacedEvents}. Event loops put entries in.
 */
final class TapStream {

  private final Wish wish;
  private final PacedEvents<AccessLine.Entry> events;
  private final AtomicLong matched = new AtomicLong();
  private Runnable unwatch = () -> {};

  private TapStream(Timers timers, HttpServerResponse response, Wish wish, Runnable ended) {
    this.wish = wish;
    this.events =
        new PacedEvents<>(
            timers,
            response,
            TapStream::append,
            () -> {
              unwatch.run();
              ended.run();
            });
  }

  /**
   * What a reader wants to see.
   *
   * @param last entries to begin with, from 0
   * @param sample one of so many, from 1
   */
  record Wish(Filter filter, int last, int sample) {}

  /**
   * Begins, on the event loop of {@code response}.
   *
   * @param timers of that event loop
   * @param before entries of the past, oldest first
   * @param ended runs once when the stream is over, however it came to that
   */
  static void start(
      Timers timers,
      HttpServerResponse response,
      Tap tap,
      Wish wish,
      List<AccessLine.Entry> before,
      Runnable ended) {
    TapStream stream = new TapStream(timers, response, wish, ended);
    stream.unwatch = tap.watch(wish.filter(), stream::taken);
    List<AccessLine.Entry> matching = before.stream().filter(wish.filter()::accepts).toList();
    stream.events.begin(
        matching.subList(Math.max(0, matching.size() - wish.last()), matching.size()));
  }

  private void taken(AccessLine.Entry entry) {
    if (wish.sample() <= 1 || matched.getAndIncrement() % wish.sample() == 0) {
      events.put(entry);
    }
  }

  private static void append(Buffer events, AccessLine.Entry entry) {
    events
        .appendString("data: ")
        .appendString(AccessLine.text(entry), StandardCharsets.US_ASCII.name());
    events.appendString("\n\n");
  }
}
