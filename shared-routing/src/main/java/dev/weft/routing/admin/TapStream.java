package dev.weft.routing.admin;

import dev.weft.routing.clock.Timers;
import dev.weft.routing.telemetry.AccessLine;
import dev.weft.routing.telemetry.Tap;
import dev.weft.routing.telemetry.Tap.Filter;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jctools.queues.atomic.MpscAtomicArrayQueue;

/**
 * Shows requests and connections as server-sent events while they end. Event loops put entries into
 * a bounded ring; every {@value #FLUSH_MILLIS} ms what is there goes out, so at most 2,560 a
 * second. What does not fit is counted and told as an event {@code missed}; a reader that takes
 * nothing for five seconds is dropped.
 *
 * <p>Belongs to the event loop of its response, but for {@link #taken}, which any loop calls.
 */
final class TapStream {

  private static final int RING = 256;
  private static final int FLUSH_MILLIS = 100;
  private static final int STALLED_FLUSHES = 50; // 5 s
  private static final int QUIET_FLUSHES = 150; // 15 s: then a comment keeps the connection
  private static final Buffer COMMENT = Buffer.buffer(":\n\n");

  private final Timers timers;
  private final HttpServerResponse response;
  private final Wish wish;
  private final MpscAtomicArrayQueue<AccessLine.Entry> ring = new MpscAtomicArrayQueue<>(RING);
  private final AtomicLong matched = new AtomicLong();
  private final AtomicLong missed = new AtomicLong();
  private Runnable unwatch = () -> {};
  private Runnable ended = () -> {};
  private Timers.Timer timer = () -> {};
  private int stalled;
  private int quiet;
  private boolean over;

  private TapStream(Timers timers, HttpServerResponse response, Wish wish) {
    this.timers = timers;
    this.response = response;
    this.wish = wish;
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
    TapStream stream = new TapStream(timers, response, wish);
    response
        .putHeader(HttpHeaders.CONTENT_TYPE, "text/event-stream")
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
        .setChunked(true)
        .closeHandler(closed -> stream.stop())
        .exceptionHandler(failed -> stream.stop());
    stream.ended = ended;
    stream.unwatch = tap.watch(wish.filter(), stream::taken);
    stream.past(before);
    stream.next();
  }

  /**
   * The next flush is so long after this one, however late this one was: after five seconds in
   * which this process stood still fifty at once would drop a reader who could not take anything.
   */
  private void next() {
    timer =
        timers.after(
            Duration.ofMillis(FLUSH_MILLIS),
            () -> {
              next();
              flush();
            });
  }

  private void past(List<AccessLine.Entry> before) {
    List<AccessLine.Entry> matching = before.stream().filter(wish.filter()::accepts).toList();
    Buffer events = Buffer.buffer(COMMENT.getBytes()); // the head goes out at once
    matching.stream()
        .skip(Math.max(0, matching.size() - wish.last()))
        .forEach(entry -> append(events, entry));
    response.write(events);
  }

  private void taken(AccessLine.Entry entry) {
    if (wish.sample() > 1 && matched.getAndIncrement() % wish.sample() != 0) {
      return;
    }
    if (!ring.offer(entry)) {
      missed.incrementAndGet();
    }
  }

  private void flush() {
    if (response.writeQueueFull()) {
      stalled++;
      if (stalled >= STALLED_FLUSHES) {
        stop();
        response.reset();
      }
      return;
    }
    stalled = 0;
    Buffer events = Buffer.buffer();
    ring.drain(entry -> append(events, entry), RING);
    long lost = missed.getAndSet(0);
    if (lost > 0) {
      events.appendString("event: missed\ndata: {\"missed\":" + lost + "}\n\n");
    }
    quiet = events.length() == 0 ? quiet + 1 : 0;
    if (quiet >= QUIET_FLUSHES) {
      quiet = 0;
      events.appendBuffer(COMMENT);
    }
    if (events.length() > 0) {
      response.write(events);
    }
  }

  private void stop() {
    if (!over) {
      over = true;
      timer.cancel();
      unwatch.run();
      ended.run();
    }
  }

  private static void append(Buffer events, AccessLine.Entry entry) {
    events
        .appendString("data: ")
        .appendString(AccessLine.text(entry), StandardCharsets.US_ASCII.name());
    events.appendString("\n\n");
  }
}
