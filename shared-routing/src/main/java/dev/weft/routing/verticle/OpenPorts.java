package dev.weft.routing.verticle;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps open on every event loop the ports that are wanted. Those that cannot be opened, since
 * another process has them, are tried again after one second, then after twice as long each time,
 * at most 30 s, until they are open or not wanted any more; that is told once, and once more when
 * they are. Any thread may enter.
 */
public final class OpenPorts {

  private static final Logger LOG = LoggerFactory.getLogger(OpenPorts.class);
  private static final Duration SOON = Duration.ofSeconds(1);
  private static final Duration LATE = Duration.ofSeconds(30);

  private final Vertx vertx;
  private final List<WeightedRoutingVerticle> loops;
  private final Runnable opened;
  private Future<Void> queue = Future.succeededFuture();
  private long turn; // of what is wanted now
  private boolean serving; // all that was wanted once was open
  private String told = ""; // of what is not open

  /**
   * @param opened runs when all that is wanted is open, each time
   */
  public OpenPorts(Vertx vertx, List<WeightedRoutingVerticle> loops, Runnable opened) {
    this.vertx = vertx;
    this.loops = List.copyOf(loops);
    this.opened = opened;
  }

  /**
   * From now on these ports are wanted and no others.
   *
   * @return done once all that can be are open; fails with a sentence where one cannot, before all
   *     were open for the first time
   */
  public Future<Void> open(List<Listening> wanted) {
    long mine = next();
    return inTurn(mine, wanted)
        .recover(
            cause -> {
              again(mine, wanted, SOON);
              if (!served()) {
                return Future.failedFuture(cause);
              }
              tell(String.valueOf(cause.getMessage()));
              return Future.succeededFuture();
            });
  }

  /** Why those that are wanted and not open are not, by their names; most often there are none. */
  public Map<String, String> closed() {
    Map<String, String> all = new HashMap<>();
    for (WeightedRoutingVerticle loop : loops) {
      loop.closed().forEach(all::putIfAbsent);
    }
    return all;
  }

  /** Nothing more is opened. */
  public void stop() {
    next();
  }

  private void again(long mine, List<Listening> wanted, Duration pause) {
    vertx.setTimer(
        pause.toMillis(),
        later -> {
          if (current(mine)) {
            Duration twice = pause.multipliedBy(2);
            inTurn(mine, wanted)
                .onSuccess(open -> LOG.info("all ports are open now"))
                .onFailure(still -> again(mine, wanted, twice.compareTo(LATE) > 0 ? LATE : twice));
          }
        });
  }

  /** One after the other, so that what was wanted before undoes nothing. */
  private synchronized Future<Void> inTurn(long mine, List<Listening> wanted) {
    Promise<Void> promise = Promise.promise();
    queue = queue.transform(before -> onEachLoop(mine, wanted));
    queue.onComplete(promise);
    return promise.future();
  }

  private Future<Void> onEachLoop(long mine, List<Listening> wanted) {
    if (!current(mine)) {
      return Future.succeededFuture();
    }
    Future<Void> all = Future.succeededFuture();
    for (WeightedRoutingVerticle loop : loops) {
      all = then(all, () -> loop.open(wanted));
    }
    return all.onSuccess(
        open -> {
          serve();
          opened.run();
        });
  }

  /** What fails first is told, and the others are done all the same. */
  private static Future<Void> then(Future<Void> before, Supplier<Future<Void>> next) {
    return before.transform(
        earlier -> {
          Future<Void> now = next.get();
          return earlier.succeeded() ? now : now.transform(done -> before);
        });
  }

  private synchronized long next() {
    turn++;
    return turn;
  }

  private synchronized boolean current(long mine) {
    return turn == mine;
  }

  private synchronized void serve() {
    serving = true;
    told = "";
  }

  private synchronized void tell(String why) {
    if (!why.equals(told)) {
      told = why;
      LOG.error("{}; it is tried again until it is free", why);
    }
  }

  private synchronized boolean served() {
    return serving;
  }
}
