package dev.weft.routing.telemetry.collect;

import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.Exchange.Loop;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.telemetry.LogOncePerMinute;
import dev.weft.routing.telemetry.trace.HopTrace;
import dev.weft.routing.telemetry.trace.SpanSink;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.jctools.queues.atomic.MpscAtomicArrayQueue;
import org.jspecify.annotations.Nullable;

/**
 * Tells a collector of the hops that are sampled, in batches: a second after the first one, or as
 * soon as a batch is full. What waits is bounded, one report is under way at a time, and each has
 * its time; what does not fit or is not taken is lost and counted. A request never waits, and no
 * failure here reaches one.
 *
 * <p>Event loops offer, without a lock; the one that offers first after a pause carries the report
 * over its own connections. Spans are written down on a worker.
 */
public final class TraceExporter {

  private static final int CAPACITY = 1024; // hops; a few hundred bytes each
  private static final int BATCH = 256;
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final Queue<HopTrace> waiting = new MpscAtomicArrayQueue<>(CAPACITY);
  private final AtomicBoolean scheduled = new AtomicBoolean();
  private final AtomicBoolean sending = new AtomicBoolean();
  private final LogOncePerMinute log;
  private final LongAdder sent = new LongAdder();
  private final LongAdder full = new LongAdder();
  private final LongAdder lost = new LongAdder();
  private volatile @Nullable Collector collector;
  private volatile @Nullable Home home;
  private volatile Future<Void> underWay = Future.succeededFuture();
  private final AtomicBoolean flushed = new AtomicBoolean();

  /** Where the next report is sent from. */
  private record Home(Loop loop, @Nullable Context context) {}

  /**
   * @param log told of reports that are not taken
   */
  public TraceExporter(LogOncePerMinute log) {
    this.log = log;
  }

  /** Takes the hops of a snapshot, whose collector counts from its first one on. */
  public SpanSink to(Collector wanted) {
    return (trace, loop) -> offer(trace, loop, wanted);
  }

  /** Hops that were lost, by the reason. */
  public Map<String, Long> dropped() {
    return Map.of("full", full.sum(), "not_taken", lost.sum());
  }

  /** Hops that a collector took. */
  public long sent() {
    return sent.sum();
  }

  private void offer(HopTrace trace, Loop loop, Collector wanted) {
    collector = wanted;
    if (!waiting.offer(trace)) {
      full.increment();
      return;
    }
    if (scheduled.compareAndSet(false, true)) {
      Home here = new Home(loop, Vertx.currentContext());
      home = here;
      loop.timers().after(PAUSE, () -> report(here, false));
    } else if (waiting.size() >= BATCH && !sending.get()) {
      report(new Home(loop, Vertx.currentContext()), false);
    }
  }

  /**
   * Sends a batch of what waits; what is left waits for the next one. Without effect while another
   * report is under way, which alone takes from what waits.
   *
   * @param all whether what is left is sent at once, as long as it is taken
   */
  private Future<Void> report(Home from, boolean all) {
    scheduled.set(false);
    if (!sending.compareAndSet(false, true)) {
      later(from);
      return Future.succeededFuture();
    }
    Collector to = collector;
    List<HopTrace> batch = batch();
    if (batch.isEmpty() || to == null) {
      sending.set(false);
      return Future.succeededFuture();
    }
    Future<Void> report = encoded(to, batch, from).compose(body -> sent(to, body, from.loop));
    Future<Void> over =
        report.transform(
            done -> {
              told(to, batch.size(), done.succeeded() ? Optional.empty() : why(done.cause()));
              sending.set(false);
              boolean more = done.succeeded() && (all || waiting.size() >= BATCH);
              if (more && !waiting.isEmpty()) {
                return report(from, all);
              }
              later(from);
              return Future.succeededFuture();
            });
    underWay = over;
    return over;
  }

  /** What came while a report was under way does not wait for another request. */
  private void later(Home from) {
    if (!waiting.isEmpty() && scheduled.compareAndSet(false, true)) {
      from.loop.timers().after(PAUSE, () -> report(from, false));
    }
  }

  private List<HopTrace> batch() {
    List<HopTrace> batch = new ArrayList<>(BATCH);
    @Nullable HopTrace next = waiting.poll();
    while (next != null) {
      batch.add(next);
      next = batch.size() < BATCH ? waiting.poll() : null;
    }
    return batch;
  }

  private static Future<Buffer> encoded(Collector to, List<HopTrace> batch, Home from) {
    Context context = from.context;
    return context == null
        ? Future.succeededFuture(to.encoded(batch))
        : context.executeBlocking(() -> to.encoded(batch), false);
  }

  private static Future<Void> sent(Collector to, Buffer body, Loop loop) {
    Exchange exchange = to.exchange(body, loop, loop.ticker().nanos());
    Duration time = to.provider().timeout();
    var timer =
        loop.timers()
            .after(
                time,
                () ->
                    exchange.cancel(
                        new ProxyFailure(
                            Cause.UPSTREAM_TIMEOUT,
                            "no whole answer within " + time.toMillis() + " ms")));
    return Future.succeededFuture()
        .compose(begin -> to.way().serve(exchange)) // what it throws is a failure too
        .compose(response -> whole(response).compose(end -> taken(to, response)))
        .onComplete(done -> timer.cancel());
  }

  private static Future<Void> whole(Response response) {
    response.body().handler(nobodyReads -> {});
    response.body().resume();
    return response.ended();
  }

  private static Future<Void> taken(Collector to, Response response) {
    return to.refusal(response)
        .<Future<Void>>map(Future::failedFuture)
        .orElseGet(Future::succeededFuture);
  }

  private static Optional<String> why(Throwable cause) {
    return Optional.of(String.valueOf(cause.getMessage()));
  }

  private void told(Collector to, int hops, Optional<String> refusal) {
    if (refusal.isEmpty()) {
      sent.add(hops);
      return;
    }
    lost.add(hops);
    log.warn(
        "collector " + to.provider().name(),
        () ->
            "collector "
                + to.provider().name()
                + " did not take the spans of "
                + hops
                + " requests: "
                + refusal.get());
  }

  /**
   * Sends what still waits, for as long as {@code most}: for a process that ends. To be called
   * while its connections are still there; any thread, and only the first call counts.
   */
  public Future<Void> flush(Duration most) {
    Home last = home;
    Context context = last == null ? null : last.context;
    if (last == null || context == null || flushed.getAndSet(true)) {
      return Future.succeededFuture();
    }
    Promise<Void> promise = Promise.promise();
    context.runOnContext(
        now -> {
          var timer = last.loop.timers().after(most, promise::tryComplete);
          underWay
              .transform(before -> report(last, true))
              .onComplete(
                  done -> {
                    timer.cancel();
                    promise.tryComplete();
                  });
        });
    return promise.future();
  }
}
