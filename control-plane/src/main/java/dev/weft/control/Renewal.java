package dev.weft.control;

import dev.weft.routing.clock.Timers;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongUnaryOperator;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the control plane's own certificate renewed, time and again. What fails is told and tried
 * again after a second, doubling to ten minutes, with jitter of up to a fifth. Only the event loop
 * of its timers may enter.
 */
final class Renewal {

  private static final Logger LOG = LoggerFactory.getLogger(Renewal.class);
  private static final Duration SHORTEST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofMinutes(10);
  private static final int JITTER = 5; // the pause by this

  private final Timers timers;
  private final Duration every;
  private final Supplier<Future<Void>> work;
  private final LongUnaryOperator chance;
  private Object turn = new Object(); // who goes on planning

  Renewal(Timers timers, Duration every, Supplier<Future<Void>> work) {
    this(timers, every, work, bound -> ThreadLocalRandom.current().nextLong(bound));
  }

  /**
   * @param chance a draw from 0 to below its argument
   */
  Renewal(Timers timers, Duration every, Supplier<Future<Void>> work, LongUnaryOperator chance) {
    this.timers = timers;
    this.every = every;
    this.work = work;
    this.chance = chance;
  }

  /** Begins: the first renewal is due after {@code every}. */
  void start() {
    plan(every, SHORTEST);
  }

  /** In place of what is planned: renews now, and goes on from there. */
  void now() {
    renew(newTurn(), SHORTEST);
  }

  private Object newTurn() {
    turn = new Object();
    return turn;
  }

  private void plan(Duration wait, Duration pause) {
    Object planned = newTurn();
    timers.after(
        wait,
        () -> {
          if (turn.equals(planned)) {
            renew(planned, pause);
          }
        });
  }

  private void renew(Object own, Duration pause) {
    Future.succeededFuture()
        .compose(due -> work.get()) // so that what is thrown is a failure too
        .onSuccess(
            renewed -> {
              LOG.info("own certificate renewed");
              if (turn.equals(own)) {
                start();
              }
            })
        .onFailure(
            cause -> {
              Duration wait = pause.plusMillis(chance.applyAsLong(pause.toMillis() / JITTER + 1));
              LOG.error(
                  "own certificate not renewed, again in {} ms: {}",
                  wait.toMillis(),
                  cause.getMessage());
              if (turn.equals(own)) {
                plan(wait, doubled(pause));
              }
            });
  }

  private static Duration doubled(Duration pause) {
    Duration twice = pause.multipliedBy(2);
    return twice.compareTo(LONGEST) > 0 ? LONGEST : twice;
  }
}
