package dev.weft.routing.transport.redis;

import dev.weft.routing.clock.Ticker;
import dev.weft.routing.clock.Timers;
import dev.weft.routing.clock.Timers.Timer;
import dev.weft.routing.resilience.rate.SharedBuckets.Taken;
import dev.weft.routing.transport.redis.LinkStanding.Unanswered;
import dev.weft.routing.transport.redis.RedisLine.Refused;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.function.LongUnaryOperator;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One event loop's connection to a Redis, kept up for as long as it is wanted. Only that event loop
 * may enter.
 *
 * <p>Nobody waits longer than the time that settings give. Once an answer was not there by then
 * nobody else waits: as soon as anything comes a probe of ours is sent, one after the other, until
 * one is answered in time. After {@link #SILENCE} without any answer the connection is given up. A
 * further one is tried after a pause that doubles from {@link #FIRST_PAUSE} to {@link
 * #LONGEST_PAUSE}, with full jitter, and begins anew once a connection lasted so long. At most
 * {@link RedisConnector#MOST_UNDER_WAY} requests are under way.
 */
final class RedisLink {

  /** How long nothing may come over a connection before it is given up. */
  static final Duration SILENCE = Duration.ofSeconds(1);

  static final Duration FIRST_PAUSE = Duration.ofMillis(50);
  static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);

  private static final String READ_ONLY = "READONLY "; // of a replica, in what Redis says
  private static final Future<Taken> NOT_NOW =
      Future.failedFuture(new IllegalStateException("not counted there"));

  private final Supplier<Future<RedisLine>> connector;
  private final Turns turns;
  private final LinkStanding standing;
  private final Deque<Asked> waiting = new ArrayDeque<>(); // the oldest first
  private @Nullable Up up;
  private boolean watching;
  private boolean closed;
  private int failures; // since a connection lasted

  /**
   * What it takes from outside.
   *
   * @param patience for an answer
   * @param chance a number from 0 up to the given one
   */
  record Turns(Timers timers, Ticker ticker, Duration patience, LongUnaryOperator chance) {}

  /** A request that waits for its answer. */
  private record Asked(Promise<Taken> promise, long sinceNanos) {}

  /** The connection that is. */
  private static final class Up {
    private final RedisLine line;
    private final long sinceNanos;
    private int underWay; // also those that nobody waits for any more
    private boolean probed; // a probe is under way
    private @Nullable Timer silence; // set while it is silent

    private Up(RedisLine line, long sinceNanos) {
      this.line = line;
      this.sinceNanos = sinceNanos;
    }

    private boolean silent() {
      return silence != null;
    }
  }

  RedisLink(Supplier<Future<RedisLine>> connector, Turns turns, LinkStanding standing) {
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
        .get()
        .onSuccess(this::connected)
        .onFailure(
            failed -> {
              standing.cannot("no connection (" + failed.getMessage() + ")");
              again();
            });
  }

  private void connected(RedisLine line) {
    if (closed) {
      line.close();
      return;
    }
    Up fresh = new Up(line, turns.ticker().nanos());
    up = fresh;
    line.onEnd(why -> lost(fresh, why));
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

  private void lost(Up gone, String why) {
    if (up != gone) {
      return;
    }
    up = null;
    gone.line.close();
    if (gone.silent()) {
      heard(gone);
    } else {
      standing.notReady(why);
    }
    if (turns.ticker().nanos() - gone.sinceNanos >= LONGEST_PAUSE.toNanos()) {
      failures = 0;
    }
    nobodyWaits();
    again();
  }

  private void nobodyWaits() {
    while (!waiting.isEmpty()) {
      unanswered(waiting.remove().promise, Unanswered.AWAY);
    }
  }

  /** As {@link RedisBuckets#take}. */
  Future<Taken> take(String key, long intervalMicros, long capacityMicros) {
    Up now = up;
    if (now == null || now.silent()) {
      standing.count(Unanswered.AWAY);
      return NOT_NOW;
    }
    if (now.underWay >= RedisConnector.MOST_UNDER_WAY) {
      standing.count(Unanswered.FULL);
      return NOT_NOW;
    }
    Asked asked = new Asked(Promise.promise(), turns.ticker().nanos());
    waiting.add(asked);
    now.underWay++;
    now.line
        .take(key, intervalMicros, capacityMicros)
        .onComplete(answer -> answered(now, asked, answer));
    watch();
    return asked.promise.future();
  }

  private void answered(Up by, Asked asked, AsyncResult<Taken> answer) {
    if (up != by) {
      return; // it was lost, and so was this
    }
    by.underWay--;
    waiting.remove(asked); // the first one, as good as always
    if (by.silent()) {
      silent(by); // from now on
      probe(by);
    }
    if (answer.succeeded()) {
      asked.promise.tryComplete(answer.result());
    } else if (answer.cause() instanceof Refused) {
      refused(by, "its answer is " + answer.cause().getMessage());
      unanswered(asked.promise, Unanswered.ERROR);
    } else {
      lost(by, String.valueOf(answer.cause().getMessage()));
      unanswered(asked.promise, Unanswered.AWAY);
    }
  }

  private void refused(Up by, String why) {
    if (why.contains(READ_ONLY)) {
      lost(by, why); // another one is to be written to now, perhaps by the same name
    } else {
      standing.error(why);
    }
  }

  private void unanswered(Promise<Taken> promise, Unanswered why) {
    if (!promise.future().isComplete()) {
      standing.count(why);
      promise.fail("not counted there");
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
    Up now = up;
    long due = turns.ticker().nanos() - turns.patience().toNanos();
    Asked oldest = waiting.peek();
    boolean late = oldest != null && oldest.sinceNanos - due <= 0;
    if (late && now != null && !now.silent()) { // before anybody hears of it and asks again
      standing.notReady("no answer within " + turns.patience().toMillis() + " ms");
      silent(now);
    }
    while (oldest != null && oldest.sinceNanos - due <= 0) {
      waiting.remove();
      unanswered(oldest.promise, Unanswered.LATE);
      oldest = waiting.peek();
    }
    watch();
  }

  /** From now on nothing is waited for but what comes by itself. */
  private void silent(Up quiet) {
    if (quiet.silence != null) {
      quiet.silence.cancel();
    }
    quiet.silence = turns.timers().after(SILENCE, () -> lost(quiet, "no answer"));
  }

  private static void heard(Up again) {
    Objects.requireNonNull(again.silence).cancel();
    again.silence = null;
  }

  /** Asks whether it is quick enough again; whoever asked before it was not. */
  private void probe(Up quiet) {
    if (quiet.probed) {
      return;
    }
    quiet.probed = true;
    long since = turns.ticker().nanos();
    quiet.line.probe().onComplete(answer -> probed(quiet, since, answer));
  }

  private void probed(Up quiet, long since, AsyncResult<Taken> answer) {
    quiet.probed = false;
    if (up != quiet) {
      return;
    }
    if (answer.failed() && !(answer.cause() instanceof Refused)) {
      lost(quiet, String.valueOf(answer.cause().getMessage()));
    } else if (turns.ticker().nanos() - since <= turns.patience().toNanos()) {
      heard(quiet);
      standing.ready();
    } else {
      silent(quiet);
      probe(quiet);
    }
  }

  /** Asks nothing any more. */
  void close() {
    closed = true;
    Up last = up;
    up = null;
    if (last != null) {
      last.line.close();
      if (last.silent()) {
        heard(last);
      }
    }
    nobodyWaits();
  }
}
