package dev.weft.load;

import static io.gatling.javaapi.core.CoreDsl.details;
import static io.gatling.javaapi.core.CoreDsl.exec;
import static io.gatling.javaapi.core.CoreDsl.pause;
import static io.gatling.javaapi.http.HttpDsl.header;
import static io.gatling.javaapi.http.HttpDsl.http;
import static io.gatling.javaapi.http.HttpDsl.status;

import io.gatling.javaapi.core.ChainBuilder;
import io.gatling.javaapi.core.Simulation;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * One of two instances dies under load and returns. At least {@code load.success} of 100 requests
 * succeed all the while, 99 of 100 within {@code load.p99} milliseconds, and the instance serves
 * again in the end.
 */
public final class FailureSimulation extends Simulation {

  private static final String RETURNED = "every instance serves again";
  private static final Duration UP = Duration.ofMillis(500);
  private static final Duration RETURN = Duration.ofSeconds(15); // ejections lengthen
  private static final Duration STEP = Duration.ofMillis(10);

  private final Mesh mesh = Mesh.get();
  private final Traffic traffic = new Traffic();
  private final LongAdder answers = new LongAdder();
  private final Map<String, Boolean> before = new ConcurrentHashMap<>();
  private final Map<String, Boolean> after = new ConcurrentHashMap<>();
  private volatile Map<String, Boolean> seen = before;

  {
    setUp(
            traffic
                .firstAnswers(
                    exec(http("first answer").get("/bytes/100").check(status().is(200)).silent()))
                .andThen(traffic.arrivals(request()), traffic.operator(work())))
        .protocols(http.baseUrl(mesh.url()).header("host", Mesh.HOST).shareConnections())
        .assertions(
            details("find").successfulRequests().percent().gte(Asked.success()),
            details("find").responseTime().percentile(99.0).lt(Asked.p99()),
            details(RETURNED).successfulRequests().count().is(1L));
  }

  @Override
  public void after() {
    mesh.close();
  }

  private ChainBuilder request() {
    return exec(http("find")
            .get("/bytes/100")
            .check(status().is(200), header(Mesh.INSTANCE).saveAs("instance")))
        .exec(
            session -> {
              if (session.contains("instance")) {
                seen.put(session.getString("instance"), true);
                answers.increment();
              }
              return session;
            });
  }

  /** Asks on until every instance is back, so that the run is no longer than it must be. */
  private ChainBuilder work() {
    return pause(UP)
        .exec(Traffic.until(this::begun))
        .exec(Traffic.deed(mesh::fail))
        .pause(Duration.ofSeconds(Asked.seconds()))
        .exec(Traffic.deed(mesh::restore))
        .exec(
            session -> {
              seen = after;
              return session;
            })
        .asLongAsDuring(session -> !returned(), RETURN)
        .on(exec(request(), pause(STEP)))
        .pause(UP)
        .exec(
            http(RETURNED)
                .get("/bytes/1")
                .check(status().validate("instances", (code, session) -> returned(code))));
  }

  /** What dies must have served, and another one must be there. */
  private boolean begun() {
    return answers.sum() >= Traffic.LEAST && before.size() > 1;
  }

  private boolean returned() {
    return before.size() > 1 && after.keySet().containsAll(before.keySet());
  }

  private <T> T returned(T passed) {
    if (!returned()) {
      throw new IllegalStateException(
          "%s serve (expected: %s)".formatted(after.keySet(), before.keySet()));
    }
    return passed;
  }
}
