package dev.weft.routing.stage.external;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.ConfigDocument;
import dev.weft.config.ConfigLoader;
import dev.weft.config.model.settings.PathHandling.Ambiguous;
import dev.weft.routing.authorization.AuthorizationCompiler;
import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.Decision.Denied;
import dev.weft.routing.exchange.Decision.Refuse;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.LocalResponse;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.exchange.Service;
import dev.weft.routing.exchange.Workload;
import dev.weft.routing.exchange.body.BufferBody;
import dev.weft.routing.exchange.body.Buffered;
import dev.weft.routing.resilience.overload.AsksUnderWay;
import dev.weft.routing.stage.RespondService;
import dev.weft.routing.stage.StageFixture;
import dev.weft.routing.telemetry.LogOncePerMinute;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** Checks without sockets, with time turned by hand. */
final class ExternalAuthorizationTest extends StageFixture {

  private static final Workload EDGE = new Workload("prod", "edge", "cluster.local", Map.of());
  private static final String HTTP = "envoyExtAuthzHttp: {service: authz.test, port: 80%s}";

  private final List<Exchange> checks = new ArrayList<>();
  private final AsksUnderWay underWay = new AsksUnderWay(1, 2);
  private Promise<Response> answer = Promise.promise();

  private ExternalAuthorization asking(String provider, long mostBody) {
    String text =
        """
        apiVersion: weft.dev/v1
        kind: ProxySettings
        metadata: {name: default, namespace: istio-system}
        spec: {extensionProviders: [{name: sample, %s}]}
        ---
        apiVersion: networking.istio.io/v1
        kind: ServiceEntry
        metadata: {name: authz, namespace: auth}
        spec: {hosts: [authz.test], resolution: STATIC, ports: [{number: 80, name: http}], endpoints: [{address: 10.0.0.1}]}
        ---
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: ask, namespace: prod}
        spec: {action: CUSTOM, provider: {name: sample}, rules: [{to: [{operation: {paths: [/a]}}]}]}
        """
            .formatted(provider);
    var config = ConfigLoader.load(List.of(new ConfigDocument("t", "t.yaml", text))).config();
    Service way =
        check -> {
          checks.add(check);
          check.onCancel(answer::tryFail);
          return answer.future();
        };
    return new ExternalAuthorization(
        new AuthorizationCompiler(config, EDGE, Ambiguous.STRICT).asking().orElseThrow(),
        cluster -> way,
        EDGE,
        mostBody,
        underWay,
        new LogOncePerMinute(LoggerFactory.getLogger(getClass()), time));
  }

  private Future<Response> served(ExternalAuthorization external, Exchange exchange) {
    return external.before(
        exchange, Caller.anonymous("10.0.0.9", 1, 80, false), 80, backend, new RespondService());
  }

  private Exchange post(int bytes) {
    return exchange("POST", new BufferBody(Buffer.buffer(new byte[bytes])));
  }

  private static Denied denied(Exchange exchange) {
    return (Denied) exchange.decision().action();
  }

  @Test
  void aRequestWaitsForItsAnswerAndForNothingElse() {
    Future<Response> response = served(asking(HTTP.formatted(""), 0), post(0));
    assertThat(served).isEmpty();

    answer.complete(new LocalResponse(200, Buffer.buffer()));

    assertThat(response.result().status()).isEqualTo(200);
    assertThat(served).hasSize(1);
    time.turn(Duration.ofMinutes(1));
    assertThat(checks.get(0).cancelled()).as("its timer is gone").isEmpty();
  }

  @Test
  void aCheckEndsWithItsTimeAndRefuses() {
    Exchange exchange = post(0);
    Future<Response> response = served(asking(HTTP.formatted(", timeout: 2s"), 0), exchange);

    time.turn(Duration.ofMillis(1999));
    assertThat(response.isComplete()).isFalse();
    time.turn(Duration.ofMillis(1));

    assertThat(response.result().status()).isEqualTo(403);
    assertThat(served).isEmpty();
    assertThat(denied(exchange).reason().reason()).isEqualTo(Cause.AUTHORIZER_FAILED);
    assertThat(denied(exchange).reason())
        .hasMessage(
            "authorizer sample did not answer for prod/ask rule 1:"
                + " no whole answer within 2000 ms, last at endpoint -");
  }

  @Test
  void aCheckThatTakesTooLongIsLetInWhereTheProviderSaysSo() {
    Future<Response> response = served(asking(HTTP.formatted(", failOpen: true"), 0), post(0));

    time.turn(Duration.ofSeconds(1));

    assertThat(response.result().status()).isEqualTo(200);
    assertThat(served).hasSize(1);
  }

  @Test
  void aFaultOfOurOwnIsNotLetIn() {
    Exchange exchange = post(0);
    Future<Response> response = served(asking(HTTP.formatted(", failOpen: true"), 0), exchange);

    answer.fail(new IllegalStateException("a fault"));

    assertThat(response.result().status()).isEqualTo(403);
    assertThat(served).isEmpty();
  }

  @Test
  void whoGoesAwayTakesHisCheckWithHim() {
    Exchange exchange = post(0);
    Future<Response> response = served(asking(HTTP.formatted(", failOpen: true"), 0), exchange);

    exchange.cancel(new ProxyFailure(Cause.CLIENT_GONE, "the caller went away"));

    assertThat(checks.get(0).cancelled()).isPresent();
    assertThat(response.cause())
        .isInstanceOf(ProxyFailure.class)
        .hasMessage("the caller went away");
    assertThat(exchange.decision().action())
        .isEqualTo(new Refuse(Cause.CLIENT_GONE, "the caller went away"));
    assertThat(served).isEmpty();
  }

  @Test
  void aPathThatNobodyCanReadIsDeniedAndNobodyIsAsked() {
    Exchange exchange = post(0);
    RequestHead head = exchange.request().head();
    exchange
        .request()
        .replace(
            new RequestHead(
                head.method(),
                head.scheme(),
                head.authority(),
                "/a%" + "25".repeat(80) + "2Fb",
                "",
                head.headers()));

    Future<Response> response = served(asking(HTTP.formatted(""), 0), exchange);

    assertThat(((ProxyFailure) response.cause()).reason()).isEqualTo(Cause.DENIED);
    assertThat(checks).isEmpty();
    assertThat(served).isEmpty();
  }

  @Test
  void noMoreAreAskedAboutAtOnceThanMayBe() {
    ExternalAuthorization external = asking(HTTP.formatted(", failOpen: true"), 0);
    Exchange leaving = post(0);
    served(external, leaving);
    served(external, post(0));

    Future<Response> third = served(external, post(0));

    assertThat(failure(third).reason()).isEqualTo(Cause.OVERLOADED);
    assertThat(failure(third)).hasMessage("2 wait for authorizer sample on this event loop");
    assertThat(checks).as("asked").hasSize(2);
    assertThat(served).as("let in").isEmpty();
    leaving.cancel(new ProxyFailure(Cause.CLIENT_GONE, "the caller went away"));
    answer = Promise.promise();
    served(external, post(0));
    assertThat(checks).as("asked once one had left").hasSize(3);
  }

  @ParameterizedTest
  @CsvSource({
    "200, 200, 200",
    "201, 201, 201",
    "204, 403, 403",
    "302, 302, 302",
    "400, 400, 400",
    "401, 401, 401",
    "403, 403, 403",
    "404, 404, 404",
    "429, 429, 429",
    "500, 403, 200",
    "501, 403, 200",
    "503, 403, 200",
    "505, 403, 200",
    "599, 403, 200",
    "600, 403, 403",
  })
  void whatAnAnswerOverHttpMeans(int says, int closed, int open) {
    answer.complete(new LocalResponse(says, Buffer.buffer()));

    Future<Response> byDefault = served(asking(HTTP.formatted(""), 0), post(0));
    Future<Response> letIn = served(asking(HTTP.formatted(", failOpen: true"), 0), post(0));

    assertThat(byDefault.result().status()).isEqualTo(closed);
    assertThat(letIn.result().status()).isEqualTo(open);
    assertThat(served).hasSize((closed == 200 ? 1 : 0) + (open == 200 ? 1 : 0));
  }

  @ParameterizedTest
  @CsvSource({
    "OVERFLOW, 503",
    "OVERLOADED, 503",
    "NO_CERTIFICATE, 403",
    "INTERNAL, 403",
    "CONNECT_REFUSED, 200",
    "NO_HEALTHY_UPSTREAM, 200",
    "UPSTREAM_RESET, 200",
    "UPSTREAM_TIMEOUT, 200",
    "BREAKER_OPEN, 200",
  })
  void whoWasNotAskedForAReasonOfOurOwnIsNotLetIn(Cause cause, int status) {
    Exchange exchange = post(0);
    Future<Response> response = served(asking(HTTP.formatted(", failOpen: true"), 0), exchange);

    answer.fail(new ProxyFailure(cause, "a limit of ours"));

    assertThat(response.succeeded() ? response.result().status() : status(response))
        .isEqualTo(status);
    assertThat(served).hasSize(status == 200 ? 1 : 0);
  }

  private static int status(Future<Response> refused) {
    assertThat(failure(refused))
        .hasMessage("authorizer sample did not answer for prod/ask rule 1: a limit of ours");
    return failure(refused).reason().status();
  }

  @ParameterizedTest
  @ValueSource(strings = {"envoyExtAuthzHttp", "envoyExtAuthzGrpc"})
  void whatIsShownOfABodyCountsAsHeldUntilTheAnswer(String kind) {
    String shown = ", includeRequestBodyInCheck: {maxRequestBytes: 100000}";
    long before = Buffered.bytes();

    served(asking(HTTP.replace("envoyExtAuthzHttp", kind).formatted(shown), 0), post(100_000));
    long held = Buffered.bytes() - before;
    answer.fail(new ProxyFailure(Cause.UPSTREAM_RESET, "gone"));

    assertThat(held).isBetween(100_000L, 101_000L);
    assertThat(Buffered.bytes()).isEqualTo(before);
  }

  @Test
  void severalCredentialsAreRefusedAndNobodyIsAsked() {
    Exchange exchange = get("authorization", "Bearer a", "Authorization", "Bearer b");

    Future<Response> response = served(asking(HTTP.formatted(", failOpen: true"), 0), exchange);

    assertThat(failure(response).reason()).isEqualTo(Cause.BAD_REQUEST);
    assertThat(checks).isEmpty();
    assertThat(served).isEmpty();
  }

  @Test
  void whatIsKeptBackIsNotTold() {
    String kept =
        ", includeRequestHeadersInCheck: ['*'], excludeRequestHeadersInCheck: [authorization, x-k*],"
            + " excludeQueryParametersInCheck: [q]";
    Exchange exchange = get("authorization", "Basic x", "x-key", "secret", "x-other", "o");

    served(asking(HTTP.formatted(kept), 0), exchange);

    RequestHead asked = checks.get(0).request().head();
    assertThat(asked.target()).isEqualTo("/a");
    assertThat(asked.headers().names()).containsExactly("x-other");
    assertThat(exchange.request().target()).as("what goes on").isEqualTo("/a?q=1");
    assertThat(exchange.request().headers().contains("x-key")).isTrue();
  }

  @Test
  void whatIsKeptBackIsNotToldOverGrpcEither() {
    String kept =
        ", excludeRequestHeadersInCheck: [authorization, x-k*], excludeQueryParametersInCheck: [q]";
    String grpc = HTTP.replace("envoyExtAuthzHttp", "envoyExtAuthzGrpc");
    Exchange exchange = get("authorization", "Basic hidden", "x-key", "hidden", "x-other", "shown");

    served(asking(grpc.formatted(kept), 0), exchange);

    String told = checks.get(0).request().body().captured().result().toString();
    assertThat(told).contains("x-other", "shown").doesNotContain("hidden", "x-key", "q=1");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aBodyThatDoesNotComeIsWaitedForSoLongAndNotLonger(boolean partial) {
    String shown =
        ", failOpen: true, includeRequestBodyInCheck: {maxRequestBytes: 100, allowPartialMessage: "
            + partial
            + "}";
    SlowBody body = new SlowBody();
    Future<Response> response =
        served(asking(HTTP.formatted(shown), 0), exchange("POST", body.asRequested()));

    for (int i = 0; i < 59; i++) {
      body.comes(1);
      time.turn(Duration.ofSeconds(1));
    }
    assertThat(response.isComplete()).isFalse();
    assertThat(checks).as("asked of a part that an attacker chose").isEmpty();
    time.turn(Duration.ofSeconds(1));

    assertThat(failure(response).reason()).isEqualTo(Cause.REQUEST_TIMEOUT);
    assertThat(failure(response))
        .hasMessage("authorizer sample is told of bodies, and this one did not come within 60 s");
    assertThat(served).isEmpty();
    assertThat(time.pending()).isZero();
  }

  @Test
  void aDenialTellsWhoDenied() {
    Exchange exchange = post(0);
    Future<Response> response = served(asking(HTTP.formatted(""), 0), exchange);

    answer.complete(new LocalResponse(401, Buffer.buffer("who?")));

    assertThat(response.result().status()).isEqualTo(401);
    assertThat(response.result().reason().orElseThrow())
        .hasMessage("denied by authorizer sample for prod/ask rule 1");
    assertThat(denied(exchange).reason().reason()).isEqualTo(Cause.EXTERNALLY_DENIED);
  }

  @Test
  void aBodyThatMayNotBeIsRefusedBeforeAnybodyIsAsked() {
    String body = ", includeRequestBodyInCheck: {maxRequestBytes: 100, allowPartialMessage: %s}";
    Exchange whole = post(101);
    Exchange partial = post(101);
    Exchange limited = post(101);
    answer.complete(new LocalResponse(200, Buffer.buffer()));

    served(asking(HTTP.formatted(body.formatted(false)), 0), whole);
    served(asking(HTTP.formatted(body.formatted(true)), 100), limited);
    assertThat(checks).isEmpty();
    served(asking(HTTP.formatted(body.formatted(true)), 101), partial);

    assertThat(((Refuse) whole.decision().action()).cause()).isEqualTo(Cause.BODY_TOO_LARGE);
    assertThat(((Refuse) limited.decision().action()).cause()).isEqualTo(Cause.BODY_TOO_LARGE);
    assertThat(checks.get(0).request().body().received()).isEqualTo(100);
    assertThat(checks.get(0).request().headers().get("x-envoy-auth-partial-body"))
        .isEqualTo("true");
  }
}
