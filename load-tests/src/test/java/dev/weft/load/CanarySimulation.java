package dev.weft.load;

import static io.gatling.javaapi.core.CoreDsl.details;
import static io.gatling.javaapi.core.CoreDsl.exec;
import static io.gatling.javaapi.core.CoreDsl.global;
import static io.gatling.javaapi.core.CoreDsl.pause;
import static io.gatling.javaapi.http.HttpDsl.header;
import static io.gatling.javaapi.http.HttpDsl.http;
import static io.gatling.javaapi.http.HttpDsl.status;

import io.gatling.javaapi.core.Assertion;
import io.gatling.javaapi.core.ChainBuilder;
import io.gatling.javaapi.core.Session;
import io.gatling.javaapi.core.Simulation;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * A canary whose weights are edited from 95/5 to 50/50 to 100/0 while requests run. In each phase,
 * of the requests that begin once its edit is in effect and half a second old, each version's share
 * is within five standard deviations of its weight, an exact 0 stays 0, and no request fails.
 */
public final class CanarySimulation extends Simulation {

  private static final Duration SETTLE = Duration.ofMillis(500);
  private static final List<Shares> PHASES =
      List.of(new Shares(95, 5), new Shares(50, 50), new Shares(100, 0));

  private final Mesh mesh = Mesh.get();
  private final Traffic traffic = new Traffic();
  private volatile Shares counting = Shares.nothing();
  private volatile String told = ""; // the weights that the last answer named, where answers do

  {
    ChainBuilder work = PHASES.stream().map(this::phase).reduce(ChainBuilder::exec).orElseThrow();
    setUp(
            traffic
                .firstAnswers(
                    exec(http("first answer").get("/bytes/100").check(status().is(200)).silent()))
                .andThen(traffic.arrivals(request()), traffic.operator(work)))
        .protocols(http.baseUrl(mesh.url()).header("host", Mesh.HOST).shareConnections())
        .assertions(
            Stream.concat(
                    Stream.of(
                        global().failedRequests().count().is(0L),
                        details("find").responseTime().percentile(99.0).lt(Asked.p99())),
                    PHASES.stream().map(CanarySimulation::asserted))
                .toList());
  }

  @Override
  public void after() {
    mesh.close();
  }

  /** A phase that was never reached fails the run as well. */
  private static Assertion asserted(Shares shares) {
    return details(shares + " holds").successfulRequests().count().is(1L);
  }

  /** A request counts for the phase that held from its beginning to its end. */
  private ChainBuilder request() {
    return exec(session -> session.set("phase", counting))
        .exec(
            http("find")
                .get("/bytes/100")
                .check(
                    status().is(200),
                    header(Mesh.VERSION).saveAs("version"),
                    header(Mesh.WEIGHTS).optional().saveAs("weights")))
        .exec(this::count);
  }

  private Session count(Session session) {
    Shares now = counting;
    if (now == session.get("phase") && session.contains("version")) {
      now.count(session.getString("version"));
    }
    if (session.contains("weights")) {
      told = session.getString("weights");
    }
    return session;
  }

  private ChainBuilder phase(Shares shares) {
    return Traffic.deed(() -> mesh.weights(shares.first(), shares.second()))
        .pause(SETTLE)
        .exec(Traffic.until(() -> told.isEmpty() || told.equals(shares.toString())))
        .exec(session -> count(session, shares))
        .pause(Duration.ofSeconds(Asked.seconds()))
        .exec(Traffic.until(shares::tell))
        .exec(session -> count(session, Shares.nothing()))
        .exec(pause(Duration.ofMillis(10)))
        .exec(
            http(shares + " holds")
                .get("/bytes/1")
                .check(
                    status().validate(shares.toString(), (code, session) -> shares.holds(code))));
  }

  private Session count(Session session, Shares shares) {
    counting = shares;
    return session;
  }
}
