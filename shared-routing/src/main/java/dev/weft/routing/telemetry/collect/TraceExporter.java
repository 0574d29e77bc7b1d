package dev.weft.routing.telemetry.collect;

import static java.util.Objects.requireNonNull;

import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.Exchange.Loop;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.telemetry.LogOncePerMinute;
import dev.weft.routing.telemetry.collect.Answer.Partial;
import dev.weft.routing.telemetry.trace.SpanSink;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Deployable;
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
 * Tells a collector of the hops that are sampled, and of the program's own calls, in batches: a
 * second after the first one, or as soon as a batch is full. What waits is bounded, one report is
 * under way at a time, and each has its time; what does not fit or is not taken is lost and
 * counted. A request never waits, and no failure here reaches one. A collector that tells when it
 * wants to be asked again gets the same report then, and none before.
 *
 * <p>Event loops offer, without a lock; the one that offers first after a pause carries the report
 * over its own connections. Spans are written down on a worker.
 */
public final class TraceExporter {

  private static final int CAPACITY = 1024; // a few hundred bytes each
  private static final int BATCH = 256;
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofMinutes(1); // that a collector may ask for
  private static final int MOST_TRIES = 5;
  private static final int MOST_ANSWER = 1 << 16; // bytes; what comes behind is not read
  private static final int MOST_WORDS = 256;

  private final Queue<Told> waiting = new MpscAtomicArrayQueue<>(CAPACITY);
  private final AtomicBoolean scheduled = new AtomicBoolean();
  private final AtomicBoolean sending = new AtomicBoolean();
  private final LogOncePerMinute log;
  private final LongAdder sent = new LongAdder();
  private final LongAdder full = new LongAdder();
  private final LongAdder lost = new LongAdder();
  private final LongAdder rejected = new LongAdder();
  private volatile @Nullable Collector collector;
  private volatile @Nullable Home home;
  private volatile @Nullable Context tracing;
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
    return (trace, loop) -> offer((as, each) -> as.of(trace, each), loop, wanted);
  }

  /**
   * Where reports are sent from while no request has said it. To be deployed before spans are
   * offered, for a context of its own: in it the tracer keeps which span is under way.
   */
  public Deployable from(Loop loop, Context context) {
    return own -> {
      home = new Home(loop, context);
      tracing = own;
      return Future.succeededFuture();
    };
  }

  /** Hops and calls that were lost, by the reason. */
  public Map<String, Long> dropped() {
    return Map.of("full", full.sum(), "not_taken", lost.sum(), "rejected", rejected.sum());
  }

  /** Hops and calls that a collector took. */
  public long sent() {
    return sent.sum();
  }

  /** Takes a call of the program's own. Any thread; never waits. */
  void offer(Told call, Collector wanted) {
    Home at = home;
    Context context = at == null ? null : at.context;
    collector = wanted;
    if (at == null || context == null || !waiting.offer(call)) {
      full.increment();
    } else if (scheduled.compareAndSet(false, true)) {
      context.runOnContext(now -> at.loop.timers().after(PAUSE, () -> report(at, false)));
    }
  }

  private void offer(Told hop, Loop loop, Collector wanted) {
    collector = wanted;
    if (!waiting.offer(hop)) {
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
    List<Told> batch = batch();
    if (batch.isEmpty() || to == null) {
      sending.set(false);
      return Future.succeededFuture();
    }
    Future<Answer> report = encoded(to, batch, from).compose(out -> told(to, out, from.loop));
    Future<Void> over =
        report.transform(
            done -> {
              boolean taken = done.succeeded() && done.result().refusal().isEmpty();
              if (taken) {
                taken(to, batch.size(), done.result().partial());
              } else {
                lost(to, batch.size(), why(done));
              }
              sending.set(false);
              boolean more = taken && (all || waiting.size() >= BATCH);
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

  private List<Told> batch() {
    List<Told> batch = new ArrayList<>(BATCH);
    @Nullable Told next = waiting.poll();
    while (next != null) {
      batch.add(next);
      next = batch.size() < BATCH ? waiting.poll() : null;
    }
    return batch;
  }

  private Future<Outgoing> encoded(Collector to, List<Told> batch, Home from) {
    Context context = from.context;
    return context == null
        ? Future.succeededFuture(batch).map(all -> to.encoded(all, tracer())) // what it throws, too
        : context.executeBlocking(() -> to.encoded(batch, tracer()), false);
  }

  private Context tracer() {
    return requireNonNull(tracing, "what tells collectors was not deployed");
  }

  private static Future<Answer> told(Collector to, Outgoing out, Loop loop) {
    return tried(to, out.body(), loop, 1)
        .onSuccess(out.answered()::accept)
        .onFailure(out.failed()::accept);
  }

  /**
   * @param number of this try, from 1
   */
  private static Future<Answer> tried(Collector to, Buffer body, Loop loop, int number) {
    return sent(to, body, loop)
        .compose(
            answer -> {
              Optional<Duration> wait = answer.again().filter(asked -> number < MOST_TRIES);
              if (wait.filter(asked -> asked.compareTo(LONGEST) <= 0).isEmpty()) {
                return Future.succeededFuture(answer);
              }
              Promise<Answer> again = Promise.promise();
              loop.timers()
                  .after(
                      wait.get(),
                      () -> tried(to, body, loop, number + 1).onComplete(again::handle));
              return again.future();
            });
  }

  private static Future<Answer> sent(Collector to, Buffer body, Loop loop) {
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
        .compose(
            response ->
                whole(response)
                    .map(
                        told ->
                            Answer.of(
                                to.provider().protocol(),
                                response,
                                told,
                                loop.ticker().epochNanos())))
        .onComplete(done -> timer.cancel());
  }

  private static Future<Buffer> whole(Response response) {
    Buffer whole = Buffer.buffer();
    response
        .body()
        .handler(
            piece -> {
              if (whole.length() + piece.length() <= MOST_ANSWER) {
                whole.appendBuffer(piece);
              }
            });
    response.body().resume();
    return response.ended().map(end -> whole);
  }

  private static String why(AsyncResult<Answer> done) {
    return done.succeeded()
        ? done.result().refusal().orElse("")
        : String.valueOf(done.cause().getMessage());
  }

  private void lost(Collector to, int hops, String why) {
    lost.add(hops);
    String name = "collector " + to.provider().name();
    log.warn(name, () -> name + " did not take the spans of " + hops + " requests: " + why);
  }

  /** Nobody is told whose spans were refused: as many requests as spans, at most all of them. */
  private void taken(Collector to, int hops, Partial partial) {
    long refused = Math.min(hops, partial.rejected());
    sent.add(hops - refused);
    rejected.add(refused);
    if (partial.rejected() == 0 && partial.words().isEmpty()) {
      return;
    }
    String name = "collector " + to.provider().name();
    String words = partial.words();
    String shown = words.length() <= MOST_WORDS ? words : words.substring(0, MOST_WORDS);
    log.warn(
        name + " in part",
        () ->
            name
                + " refused "
                + partial.rejected()
                + " spans of a report of "
                + hops
                + " requests"
                + (shown.isEmpty() ? "" : ": " + shown));
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
