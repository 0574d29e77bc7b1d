package dev.weft.routing.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.exchange.Service;
import dev.weft.routing.exchange.body.BufferBody;
import dev.weft.routing.route.RouteTable;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Each reason of the order: the test would fail were the two lines exchanged. */
final class StageOrderTest extends StageOrderFixture {

  @Test
  void observeIsOutermostSinceItSeesWhatOtherStagesAnswer() {
    serve("fault: {abort: {percentage: {value: 100}, httpStatus: 418}}", "GET")
        .result()
        .body()
        .resume();

    assertThat(observed).containsExactly(418);
    assertThat(sent).isEmpty();
  }

  @Test
  void corsIsAboveFaultSinceAPreflightIsNoRequestOfTheService() {
    Response answer =
        serve(
                "corsPolicy: {allowOrigins: [{exact: 'https://a.test'}]}, "
                    + "fault: {abort: {percentage: {value: 100}, httpStatus: 418}}",
                "OPTIONS",
                "origin",
                "https://a.test",
                "access-control-request-method",
                "PUT")
            .result();

    assertThat(answer.status()).isEqualTo(200);
  }

  @Test
  void rewriteIsBelowFaultSinceAnAbortChangesNothing() {
    Exchange exchange = exchange("GET");

    serve(
        "rewrite: {uri: /b}, fault: {abort: {percentage: {value: 100}, httpStatus: 418}}",
        exchange);

    assertThat(exchange.request().target()).isEqualTo("/a");
  }

  @Test
  void mirrorIsBelowRewriteSinceTheCopyGoesWhereTheOriginalGoes() {
    serve("rewrite: {uri: /b}, mirror: {host: shadow}", "GET");

    assertThat(sent)
        .containsExactlyInAnyOrder(
            "b.default.svc.cluster.local /b", "shadow.default.svc.cluster.local /b");
  }

  @Test
  void timeoutIsAboveRetrySinceItCoversAllTries() {
    failing = true;
    Future<Response> answer =
        serve("timeout: 0.010s, retries: {attempts: 9, backoff: 1s, retryOn: 5xx}", "GET");

    assertThat(answer.isComplete()).as("it waits to try again").isFalse();
    time.turn(Duration.ofMillis(10));

    assertThat(answer.failed()).isTrue();
    assertThat(((ProxyFailure) answer.cause()).reason()).isEqualTo(Cause.UPSTREAM_TIMEOUT);
  }

  @Test
  void besideAFaultNothingIsTriedAgain() {
    failing = true;
    String rare = "fault: {abort: {percentage: {value: 0}, httpStatus: 418}}";

    Future<Response> byDefault = serve(rare, "GET");
    Future<Response> asked = serve(rare + ", retries: {attempts: 9, retryOn: 5xx}", "GET");

    assertThat(byDefault.failed()).isTrue();
    assertThat(asked.failed()).isTrue();
    assertThat(sent).as("one try each").hasSize(2);
  }

  @Test
  void besideAFaultNoTimeoutCounts() {
    String delayed = "timeout: 0.010s, fault: {delay: {percentage: {value: 100}, fixedDelay: 5s}}";
    silent = true;

    Future<Response> answer = serve(delayed, "GET");
    time.turn(Duration.ofSeconds(5));
    assertThat(sent).as("the delay is over").hasSize(1);
    time.turn(Duration.ofHours(1));

    assertThat(answer.isComplete()).as("it waits for ever").isFalse();
  }

  @Test
  void theBodyLimitIsBelowObserveAndAboveAllElse() {
    settings = "{limits: {bodyBytes: 3}}";

    Future<Response> answer =
        serve(
            "fault: {abort: {percentage: {value: 100}, httpStatus: 418}}",
            exchange("POST", new BufferBody(Buffer.buffer("four"))));

    assertThat(((ProxyFailure) answer.cause()).reason()).isEqualTo(Cause.BODY_TOO_LARGE);
    assertThat(observed).containsExactly(413);
  }

  @Test
  void theRateLimitIsAboveFaultSinceARefusalCostsNothing() {
    settings = LIMITED;
    String fault = "fault: {delay: {percentage: {value: 100}, fixedDelay: 5s}}";
    serve(fault, "GET");
    assertThat(time.pending()).as("the first one is delayed").isEqualTo(1);

    Future<Response> second = serve(fault, "GET");

    assertThat(((ProxyFailure) second.cause()).reason()).isEqualTo(Cause.RATE_LIMITED);
    assertThat(time.pending()).isEqualTo(1);
    assertThat(observed).containsExactly(429);
  }

  @Test
  void theRateLimitIsBelowCorsSinceAPreflightDoesNotCount() {
    settings = LIMITED;
    String cors = "corsPolicy: {allowOrigins: [{exact: 'https://a.test'}]}";
    serve(cors, "OPTIONS", PREFLIGHT);
    serve(cors, "OPTIONS", PREFLIGHT);

    assertThat(serve(cors, "GET").succeeded()).isTrue();
    assertThat(serve(cors, "GET").failed()).isTrue();
  }

  @Test
  void theCookieIsBelowTheRateLimitSinceWhoIsRefusedIsOnNoVersion() {
    settings =
        "{routes: [{match: {route: 'default/t#0'}, sticky: {cookie: {name: c}},"
            + " rateLimit: {requests: 1, per: 1h}}]}";
    String both = "route: [{destination: {host: b}}, {destination: {host: c}, weight: 1}]";

    Response first = serve(both, "GET").result();
    Future<Response> second = serve(both, "GET");

    assertThat(first.headers().get("set-cookie")).startsWith("c=");
    assertThat(second.failed()).isTrue();
  }

  @Test
  void whatARuleDoesNotNeedIsNotThere() {
    serve("timeout: 0s", "GET");

    assertThat(time.pending()).isZero();
    assertThat(sent).containsExactly("b.default.svc.cluster.local /a");
  }

  @Test
  void rulesThatDifferInWhatTheyMatchOnlyShareTheirSteps() {
    String there = "route: [{destination: {host: b}}]";
    RouteTable table =
        table(
            """
            {match: [{uri: {prefix: /a}}], %1$s, timeout: 3s},
            {match: [{uri: {prefix: /b}}], name: b, %1$s, timeout: 3s},
            {match: [{uri: {prefix: /c}}], %1$s, timeout: 4s},
            {match: [{uri: {prefix: /d}}], %1$s, timeout: 3s, mirror: {host: shadow}},
            {match: [{uri: {prefix: /e}}], %1$s, timeout: 3s, mirror: {host: shadow}},
            {match: [{uri: {prefix: /f}}], route: [{destination: {host: c}}], timeout: 3s}
            """
                .formatted(there));

    List<Service> chains = chains(table, order());

    assertThat(chains.get(1)).isSameAs(chains.get(0));
    assertThat(Set.copyOf(chains)).as("copies are counted for each rule").hasSize(5);
  }
}
