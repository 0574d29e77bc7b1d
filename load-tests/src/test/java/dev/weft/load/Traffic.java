package dev.weft.load;

import static io.gatling.javaapi.core.CoreDsl.asLongAsDuring;
import static io.gatling.javaapi.core.CoreDsl.atOnceUsers;
import static io.gatling.javaapi.core.CoreDsl.constantUsersPerSec;
import static io.gatling.javaapi.core.CoreDsl.exec;
import static io.gatling.javaapi.core.CoreDsl.pause;
import static io.gatling.javaapi.core.CoreDsl.scenario;
import static io.gatling.javaapi.core.CoreDsl.stopLoadGenerator;

import io.gatling.javaapi.core.ChainBuilder;
import io.gatling.javaapi.core.PopulationBuilder;
import io.gatling.javaapi.core.Session;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/**
 * Requests at an open arrival rate for as long as an operator has something to do. What the
 * operator waits for is something that was seen, never a time alone, so that a busy machine makes a
 * run longer and not wrong; every wait ends after {@link #LONGEST}.
 */
final class Traffic {

  /** After which each wait ends. */
  static final Duration LONGEST = Duration.ofSeconds(30);

  /** Answers that a phase must have seen before it says anything. */
  static final int LEAST = 100;

  private static final Duration STEP = Duration.ofMillis(10);
  private static final Duration ALL = Duration.ofMinutes(30);
  private static final int FIRST_CALLERS = 8;

  private final AtomicInteger firstAnswers = new AtomicInteger();
  private final AtomicInteger underWay = new AtomicInteger();
  private volatile boolean ended;

  /**
   * Asks, without counting, until {@link #LEAST} answers came: the processes, the connections and
   * the generator itself have begun when the returned scenario's successors start.
   *
   * @param request silent, so that no assertion knows of it
   */
  PopulationBuilder firstAnswers(ChainBuilder request) {
    return scenario("first answers")
        .exec(
            asLongAsDuring(session -> firstAnswers.get() < LEAST, LONGEST)
                .on(
                    exec(request),
                    exec(
                        session -> {
                          if (!session.isFailed()) {
                            firstAnswers.incrementAndGet();
                          }
                          return session.markAsSucceeded();
                        }),
                    pause(STEP)))
        .injectOpen(atOnceUsers(FIRST_CALLERS));
  }

  /** One request per arrival, until the operator is done. */
  PopulationBuilder arrivals(ChainBuilder request) {
    return scenario("traffic")
        .exitHereIf(session -> ended)
        .exec(counted(request))
        .injectOpen(constantUsersPerSec(Asked.rate()).during(ALL).randomized());
  }

  /** Does its work once; then what is under way is answered, and the run ends. */
  PopulationBuilder operator(ChainBuilder work) {
    return scenario("operator")
        .exec(work)
        .exec(
            session -> {
              ended = true;
              return session;
            })
        .exec(until(() -> underWay.get() == 0))
        .exec(stopLoadGenerator("the operator is done"))
        .injectOpen(atOnceUsers(1));
  }

  /** Waits until something is so, at most {@link #LONGEST}; who needs it to be so asks again. */
  static ChainBuilder until(BooleanSupplier so) {
    return asLongAsDuring(session -> !so.getAsBoolean(), LONGEST).on(pause(STEP));
  }

  /**
   * Does something that takes time, on a thread of its own: the requests of the others go on. A
   * failure ends the run.
   */
  static ChainBuilder deed(Runnable action) {
    return exec(session -> session.set("deed", CompletableFuture.runAsync(action)))
        .asLongAsDuring(session -> !deed(session).isDone(), LONGEST)
        .on(pause(STEP))
        .stopLoadGeneratorIf(
            session -> "not done: " + deed(session).handle((done, failure) -> failure).getNow(null),
            session -> !deed(session).isDone() || deed(session).isCompletedExceptionally());
  }

  private static CompletableFuture<?> deed(Session session) {
    return session.<CompletableFuture<?>>get("deed");
  }

  private ChainBuilder counted(ChainBuilder request) {
    return exec(session -> {
          underWay.incrementAndGet();
          return session;
        })
        .exec(request)
        .exec(
            session -> {
              underWay.decrementAndGet();
              return session;
            });
  }
}
