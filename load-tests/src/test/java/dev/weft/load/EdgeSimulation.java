package dev.weft.load;

import static io.gatling.javaapi.core.CoreDsl.StringBody;
import static io.gatling.javaapi.core.CoreDsl.bodyLength;
import static io.gatling.javaapi.core.CoreDsl.constantUsersPerSec;
import static io.gatling.javaapi.core.CoreDsl.exec;
import static io.gatling.javaapi.core.CoreDsl.global;
import static io.gatling.javaapi.core.CoreDsl.percent;
import static io.gatling.javaapi.core.CoreDsl.randomSwitch;
import static io.gatling.javaapi.core.CoreDsl.scenario;
import static io.gatling.javaapi.http.HttpDsl.http;
import static io.gatling.javaapi.http.HttpDsl.status;

import io.gatling.javaapi.core.ChainBuilder;
import io.gatling.javaapi.core.Simulation;
import io.gatling.javaapi.http.HttpRequestActionBuilder;
import java.util.function.UnaryOperator;

/**
 * Mixed paths, sizes and methods at an open arrival rate: users arrive whether or not others were
 * answered. At least 999 of 1,000 succeed, 99 of 100 within {@code load.p99} milliseconds.
 */
public final class EdgeSimulation extends Simulation {

  private static final int KIB = 1024;

  private final Mesh mesh = Mesh.get();

  {
    setUp(
            new Traffic()
                .firstAnswers(mixed(HttpRequestActionBuilder::silent))
                .andThen(
                    scenario("edge")
                        .exec(mixed(request -> request))
                        .injectOpen(
                            constantUsersPerSec(Asked.rate())
                                .during(Asked.seconds())
                                .randomized())))
        .protocols(http.baseUrl(mesh.url()).header("host", Mesh.HOST).shareConnections())
        .assertions(
            global().successfulRequests().percent().gte(99.9),
            global().responseTime().percentile(99.0).lt(Asked.p99()));
  }

  @Override
  public void after() {
    mesh.close();
  }

  private static ChainBuilder mixed(UnaryOperator<HttpRequestActionBuilder> each) {
    return randomSwitch()
        .on(
            percent(50).then(exec(each.apply(get(100)))),
            percent(15).then(exec(each.apply(get(10 * KIB)))),
            percent(5).then(exec(each.apply(get(256 * KIB)))),
            percent(15).then(exec(each.apply(sent("POST", KIB)))),
            percent(5).then(exec(each.apply(sent("POST", 128 * KIB)))),
            percent(5).then(exec(each.apply(sent("PUT", 10 * KIB)))),
            percent(5).then(exec(each.apply(deleted()))));
  }

  private static HttpRequestActionBuilder deleted() {
    return http("DELETE").delete("/items/7").check(status().is(200));
  }

  private static HttpRequestActionBuilder get(int bytes) {
    return http("GET " + bytes)
        .get("/bytes/" + bytes)
        .check(status().is(200), bodyLength().is(bytes));
  }

  private static HttpRequestActionBuilder sent(String method, int bytes) {
    return http(method + " " + bytes)
        .httpRequest(method, "/items")
        .body(StringBody("x".repeat(bytes)))
        .check(status().is(200), bodyLength().is(bytes));
  }
}
