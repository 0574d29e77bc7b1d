package dev.weft.load;

import static io.gatling.javaapi.core.CoreDsl.atOnceUsers;
import static io.gatling.javaapi.core.CoreDsl.constantUsersPerSec;
import static io.gatling.javaapi.core.CoreDsl.details;
import static io.gatling.javaapi.core.CoreDsl.exec;
import static io.gatling.javaapi.core.CoreDsl.pause;
import static io.gatling.javaapi.core.CoreDsl.scenario;
import static io.gatling.javaapi.http.HttpDsl.header;
import static io.gatling.javaapi.http.HttpDsl.http;
import static io.gatling.javaapi.http.HttpDsl.status;

import io.gatling.javaapi.core.ChainBuilder;
import io.gatling.javaapi.core.Session;
import io.gatling.javaapi.core.Simulation;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * One of two instances dies under load and returns. At least {@code load.success} of 100 requests
 * succeed all the while, 99 of 100 within {@code load.p99} milliseconds, and the instance serves
 * again in the end.
 */
public final class FailureSimulation extends Simulation {

  private static final Duration RETURN = Duration.ofSeconds(15); // ejections lengthen
  private static final Duration STEP = Duration.ofMillis(10);

  private final Mesh mesh = Mesh.get();
  private final Map<String, Boolean> before = new ConcurrentHashMap<>();
  private final Map<String, Boolean> after = new ConcurrentHashMap<>();
  private volatile Map<String, Boolean> seen = before;

  {
    Duration down = Duration.ofSeconds(Asked.seconds());
    Duration up = Duration.ofMillis(500);
    Duration all = up.plus(down).plus(up);
    setUp(
            scenario("traffic")
                .exec(request())
                .injectOpen(constantUsersPerSec(Asked.rate()).during(all).randomized()),
            scenario("operator").exec(operator(up, down)).injectOpen(atOnceUsers(1)))
        .protocols(http.baseUrl(mesh.url()).header("host", Mesh.HOST).shareConnections())
        .assertions(
            details("find").successfulRequests().percent().gte(Asked.success()),
            details("find").responseTime().percentile(99.0).lt(Asked.p99()),
            details("every instance serves again").failedRequests().count().is(0L));
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
              }
              return session;
            });
  }

  /** Asks on until every instance is back, so that the run is no longer than it must be. */
  private ChainBuilder operator(Duration up, Duration down) {
    return exec(session -> session)
        .pause(up)
        .exec(session -> then(session, mesh::fail))
        .pause(down)
        .exec(session -> then(session, mesh::restore))
        .exec(session -> then(session, () -> seen = after))
        .asLongAsDuring(session -> !returned(), RETURN)
        .on(exec(request(), pause(STEP)))
        .exec(
            http("every instance serves again")
                .get("/bytes/1")
                .check(status().validate("instances", (code, session) -> returned(code))));
  }

  private static Session then(Session session, Runnable action) {
    action.run();
    return session;
  }

  private boolean returned() {
    return !before.isEmpty() && after.keySet().containsAll(before.keySet());
  }

  private <T> T returned(T passed) {
    if (!returned()) {
      throw new IllegalStateException(
          "%s serve (expected: %s)".formatted(after.keySet(), before.keySet()));
    }
    return passed;
  }
}
