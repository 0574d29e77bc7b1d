package dev.weft.routing.transport.redis;

import dev.weft.config.model.settings.Redis;
import dev.weft.routing.clock.Ticker;
import dev.weft.routing.clock.Timers;
import dev.weft.routing.clock.VertxTimers;
import dev.weft.routing.resilience.rate.SharedBuckets.Taken;
import dev.weft.routing.transport.redis.LinkStanding.Unanswered;
import dev.weft.routing.transport.redis.RedisConnector.Opened;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.SplittableRandom;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One event loop's connection to a Redis, kept up for as long as it is wanted. Only that event loop
 * may enter.
 *
 * <p>Nobody waits longer than the time that settings give. Once an answer was not there by then
 * nothing further is asked, so that nobody else waits, until any answer comes; after {@link
 * #SILENCE} without one the connection is given up. A further one is tried at once, then after
 * pauses that double from {@link #FIRST_PAUSE} to {@link #LONGEST_PAUSE}, with full jitter. At most
 * {@link RedisConnector#MOST_UNDER_WAY} requests are under way.
 */
final class RedisLink {

  /** How long nothing may come over a connection before it is given up. */
  static final Duration SILENCE = Duration.ofSeconds(1);

  static final Duration FIRST_PAUSE = Duration.ofMillis(50);
  static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);

  private static final Future<Taken> NOT_NOW =
      Future.failedFuture(new IllegalStateException("not counted there"));

  private final RedisConnector connector;
  private final Turns turns;
  private final LinkStanding standing;
  private final Deque<Asked> waiting = new ArrayDeque<>(); // the oldest first
  private @Nullable Opened opened;
  private int underWay; // of this connection, also those that nobody waits for any more
  private boolean silent;
  private boolean watching;
  private boolean closed;
  private int failures; // since the last connection

  /**
   * What it takes from outside.
   *
   * @param patience for an answer
   * @param chance a number from 0 up to the given one
   */
  record Turns(Timers timers, Ticker ticker, Duration patience, LongUnaryOperator chance) {
    static Turns of(Vertx vertx, Ticker ticker, Redis redis) {
      SplittableRandom random = new SplittableRandom();
      return new Turns(
          new VertxTimers(vertx), ticker, redis.timeout(), most -> random.nextLong(most + 1));
    }
  }

  /** A request that waits for its answer. */
  private record Asked(Promise<Taken> promise, long sinceNanos) {}

  RedisLink(RedisConnector connector, Turns turns, LinkStanding standing) {
    this.connector = connector;
    this.turns = turns;
    this.standing = standing;
  }

  /** Begins to connect. */
  void open() {
    if (closed) {
      return;
    }
    connector
        .open()
        .onSuccess(this::connected)
        .onFailure(
            failed -> {
              standing.cannot("no connection (" + failed.getMessage() + ")");
              again();
            });
  }

  private void connected(Opened fresh) {
    if (closed) {
      fresh.close();
      return;
    }
    failures = 0;
    underWay = 0;
    silent = false;
    opened = fresh;
    fresh.connection().exceptionHandler(broken -> lost(fresh, String.valueOf(broken.getMessage())));
    fresh.connection().endHandler(end -> lost(fresh, "the connection ended"));
    standing.ready();
  }

  private void again() {
    if (closed) {
      return;
    }
    long longest = FIRST_PAUSE.toMillis() << Math.min(failures, 10);
    long pause = Math.min(longest, LONGEST_PAUSE.toMillis());
    failures++;
    turns.timers().after(Duration.ofMillis(turns.chance().applyAsLong(pause)), this::open);
  }

  private void lost(Opened gone, String why) {
    if (opened != gone) {
      return;
    }
    opened = null;
    gone.close();
    if (!silent) {
      standing.notReady(why);
    }
    while (!waiting.isEmpty()) {
      unanswered(waiting.remove().promise, Unanswered.AWAY);
    }
    again();
  }

  /** As {@link RedisBuckets#take}. */
  Future<Taken> take(String key, long intervalMicros, long capacityMicros) {
    Opened now = opened;
    if (now == null || silent) {
      standing.count(Unanswered.AWAY);
      return NOT_NOW;
    }
    if (underWay >= RedisConnector.MOST_UNDER_WAY) {
      standing.count(Unanswered.FULL);
      return NOT_NOW;
    }
    Asked asked = new Asked(Promise.promise(), turns.ticker().nanos());
    waiting.add(asked);
    underWay++;
    now.connection()
        .send(RedisConnector.named(now.script(), key, intervalMicros, capacityMicros))
        .recover(
            failed ->
                forgotten(failed)
                    ? now.connection()
                        .send(RedisConnector.whole(key, intervalMicros, capacityMicros))
                    : Future.failedFuture(failed))
        .onComplete(answer -> answered(now, asked, answer));
    watch();
    return asked.promise.future();
  }

  /** It was started anew, or told to forget its scripts. */
  private static boolean forgotten(Throwable failed) {
    return String.valueOf(failed.getMessage()).startsWith("NOSCRIPT");
  }

  private void answered(Opened by, Asked asked, AsyncResult<Response> answer) {
    if (opened != by) {
      return; // it was lost, and so was this
    }
    underWay--;
    waiting.remove(asked); // the first one, as good as always
    if (silent) {
      silent = false;
      standing.ready();
    }
    if (answer.failed()) {
      standing.error("its answer is " + answer.cause().getMessage());
      unanswered(asked.promise, Unanswered.ERROR);
      return;
    }
    long told = answer.result().toLong();
    boolean passes = told >= 0;
    asked.promise.tryComplete(new Taken(passes, passes ? told : -1 - told));
  }

  private void unanswered(Promise<Taken> promise, Unanswered why) {
    if (promise.tryFail("not counted there")) {
      standing.count(why);
    }
  }

  /** Sees to it that nobody waits for too long: at most one timer, set while somebody waits. */
  private void watch() {
    Asked oldest = waiting.peek();
    if (watching || oldest == null) {
      return;
    }
    watching = true;
    long left = turns.patience().toNanos() - (turns.ticker().nanos() - oldest.sinceNanos);
    turns.timers().after(Duration.ofNanos(Math.max(0, left)), this::expire);
  }

  private void expire() {
    watching = false;
    Opened now = opened;
    long due = turns.ticker().nanos() - turns.patience().toNanos();
    Asked oldest = waiting.peek();
    boolean late = oldest != null && oldest.sinceNanos - due <= 0;
    if (late && !silent && now != null) { // before anybody hears of it and asks again
      silent = true;
      standing.notReady("no answer within " + turns.patience().toMillis() + " ms");
      turns.timers().after(SILENCE, () -> giveUp(now));
    }
    while (oldest != null && oldest.sinceNanos - due <= 0) {
      waiting.remove();
      unanswered(oldest.promise, Unanswered.LATE);
      oldest = waiting.peek();
    }
    watch();
  }

  private void giveUp(Opened quiet) {
    if (opened == quiet && silent) {
      lost(quiet, "no answer");
    }
  }

  /** Asks nothing any more. */
  void close() {
    closed = true;
    Opened last = opened;
    opened = null;
    if (last != null) {
      last.close();
    }
    while (!waiting.isEmpty()) {
      unanswered(waiting.remove().promise, Unanswered.AWAY);
    }
  }
}
