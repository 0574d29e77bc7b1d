package dev.weft.load;

import static io.gatling.javaapi.core.CoreDsl.atOnceUsers;
import static io.gatling.javaapi.core.CoreDsl.constantUsersPerSec;
import static io.gatling.javaapi.core.CoreDsl.details;
import static io.gatling.javaapi.core.CoreDsl.exec;
import static io.gatling.javaapi.core.CoreDsl.global;
import static io.gatling.javaapi.core.CoreDsl.pause;
import static io.gatling.javaapi.core.CoreDsl.scenario;
import static io.gatling.javaapi.http.HttpDsl.header;
import static io.gatling.javaapi.http.HttpDsl.http;
import static io.gatling.javaapi.http.HttpDsl.status;

import io.gatling.javaapi.core.ChainBuilder;
import io.gatling.javaapi.core.Session;
import io.gatling.javaapi.core.Simulation;
import java.time.Duration;
import java.util.List;

/**
 * A canary whose weights are edited from 95/5 to 50/50 to 100/0 while requests run. In each phase,
 * from half a second after its edit on, each version's share is within five standard deviations of
 * its weight, an exact 0 stays 0, and no request fails.
 */
public final class CanarySimulation extends Simulation {

  private static final Duration SETTLE = Duration.ofMillis(500);
  private static final List<Shares> PHASES =
      List.of(new Shares(95, 5), new Shares(50, 50), new Shares(100, 0));

  private final Mesh mesh = Mesh.get();
  private volatile Shares counting = Shares.nothing();

  {
    Duration length = Duration.ofSeconds(Asked.seconds());
    Duration all = SETTLE.plus(length).multipliedBy(PHASES.size());
    setUp(
            scenario("traffic")
                .exec(request())
                .injectOpen(constantUsersPerSec(Asked.rate()).during(all).randomized()),
            scenario("operator")
                .exec(PHASES.stream().map(shares -> phase(shares, length)).toList())
                .injectOpen(atOnceUsers(1)))
        .protocols(http.baseUrl(mesh.url()).header("host", Mesh.HOST).shareConnections())
        .assertions(
            global().failedRequests().count().is(0L),
            details("find").responseTime().percentile(99.0).lt(Asked.p99()));
  }

  @Override
  public void after() {
    mesh.close();
  }

  /** A request counts for the phase that held from its beginning to its end. */
  private ChainBuilder request() {
    return exec(session -> session.set("phase", counting))
        .exec(
            http("find")
                .get("/bytes/100")
                .check(status().is(200), header(Mesh.VERSION).saveAs("version")))
        .exec(
            session -> {
              Shares now = counting;
              if (now == session.get("phase") && session.contains("version")) {
                now.count(session.getString("version"));
              }
              return session;
            });
  }

  private ChainBuilder phase(Shares shares, Duration length) {
    return exec(session -> edit(session, shares))
        .pause(SETTLE)
        .exec(session -> count(session, shares))
        .pause(length)
        .exec(session -> count(session, Shares.nothing()))
        .exec(pause(Duration.ofMillis(10)))
        .exec(
            http(shares + " holds")
                .get("/bytes/1")
                .check(
                    status().validate(shares.toString(), (code, session) -> shares.holds(code))));
  }

  private Session edit(Session session, Shares shares) {
    mesh.weights(shares.first(), shares.second());
    return session;
  }

  private Session count(Session session, Shares shares) {
    counting = shares;
    return session;
  }
}
