package dev.weft.routing.admin;

import dev.weft.routing.clock.Timers;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import org.jctools.queues.atomic.MpscAtomicArrayQueue;

/**
 * Server-sent events at a bounded pace. Entries come into a bounded ring; every {@value
 * #FLUSH_MILLIS} ms what is there goes out, so at most 2,560 a second. What does not fit is counted
 * and told as an event {@code missed}; a reader that takes nothing for five seconds is dropped.
 *
 * <p>Belongs to the event loop of its response, but for {@link #put} and {@link #missed}, which any
 * thread calls.
 *
 * @param <T> an entry
 */
public final class PacedEvents<T> {

  private static final int RING = 256;
  private static final int FLUSH_MILLIS = 100;
  private static final int STALLED_FLUSHES = 50; // 5 s
  private static final int QUIET_FLUSHES = 150; // 15 s: then a comment keeps the connection
  private static final Buffer COMMENT = Buffer.buffer(":\n\n");

  private final Timers timers;
  private final HttpServerResponse response;
  private final BiConsumer<Buffer, T> append;
  private final Runnable ended;
  private final MpscAtomicArrayQueue<T> ring = new MpscAtomicArrayQueue<>(RING);
  private final AtomicLong missed = new AtomicLong();
  private Timers.Timer timer = () -> {};
  private int stalled;
  private int quiet;
  private boolean over;

  /**
   * @param timers of the event loop of {@code response}
   * @param append writes an entry as an event
   * @param ended runs once when the stream is over, however it came to that
   */
  public PacedEvents(
      Timers timers, HttpServerResponse response, BiConsumer<Buffer, T> append, Runnable ended) {
    this.timers = timers;
    this.response = response;
    this.append = append;
    this.ended = ended;
  }

  /** Begins, with what is known already. */
  public void begin(List<T> known) {
    response
        .putHeader(HttpHeaders.CONTENT_TYPE, "text/event-stream")
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
        .putHeader("x-content-type-options", "nosniff")
        .setChunked(true)
        .closeHandler(closed -> stop())
        .exceptionHandler(failed -> stop());
    Buffer events = Buffer.buffer(COMMENT.getBytes()); // the head goes out at once
    known.forEach(entry -> append.accept(events, entry));
    response.write(events);
    next();
  }

  /** Whether the next one would be missed, so that it need not be made. */
  public boolean full() {
    return ring.size() >= RING;
  }

  /** Another one. */
  public void put(T entry) {
    if (!ring.offer(entry)) {
      missed.incrementAndGet();
    }
  }

  /** So many were there, and are not shown. */
  public void missed(long count) {
    missed.addAndGet(count);
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
    ring.drain(entry -> append.accept(events, entry), RING);
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
      ended.run();
    }
  }
}
