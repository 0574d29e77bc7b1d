package dev.weft.routing.stage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.model.HttpRoute.Retries;
import dev.weft.config.model.TrafficPolicy;
import dev.weft.config.model.TrafficPolicy.ConnectionPool;
import dev.weft.config.model.TrafficPolicy.ConsistentHash;
import dev.weft.config.model.TrafficPolicy.HashKey;
import dev.weft.config.model.TrafficPolicy.HashTable;
import dev.weft.config.model.TrafficPolicy.LoadBalancer;
import dev.weft.routing.cluster.Endpoint;
import dev.weft.routing.cluster.EndpointSet;
import dev.weft.routing.cluster.Upstream;
import dev.weft.routing.cluster.UpstreamSettings;
import dev.weft.routing.cluster.UpstreamSettings.HttpChoice;
import dev.weft.routing.cluster.UpstreamTls;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.LocalResponse;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.exchange.body.BufferBody;
import dev.weft.routing.resilience.AlwaysClosed;
import dev.weft.routing.resilience.RetryPolicy;
import dev.weft.routing.transport.UpstreamClient;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** {@link RetryingService} over {@link UpstreamService}, whose attempts end as each test says. */
final class RetryingServiceTest extends StageFixture {

  private final AlwaysClosed breaker = new AlwaysClosed();
  private final Deque<Supplier<Future<Response>>> outcomes = new ArrayDeque<>();
  private final List<String> tried = new ArrayList<>();
  private final List<Runnable> givenUp = new ArrayList<>();

  private final UpstreamClient client =
      (exchange, settings, endpoint, attempt) -> {
        tried.add(endpoint.address());
        Promise<Response> promise = Promise.promise();
        Runnable reset = () -> promise.tryFail(new ProxyFailure(Cause.PER_TRY_TIMEOUT, "late"));
        givenUp.add(reset);
        attempt.resetWith(reset);
        Supplier<Future<Response>> outcome = outcomes.isEmpty() ? ok() : outcomes.removeFirst();
        outcome.get().onComplete(promise);
        return promise.future();
      };

  @Test
  void aConnectionThatWasRefusedIsTriedElsewhereWhateverTheMethod() {
    outcomes.add(fails(Cause.CONNECT_REFUSED));

    Future<Response> answer = serve(service(2, ""), post());

    assertThat(answer.result().status()).isEqualTo(200);
    assertThat(tried).hasSize(2).doesNotHaveDuplicates();
  }

  @Test
  void aResetIsRepeatedForIdempotentMethodsOnly() {
    outcomes.add(fails(Cause.UPSTREAM_RESET));
    Future<Response> get = serve(service(2, ""), get());
    outcomes.add(fails(Cause.UPSTREAM_RESET));
    Future<Response> post = serve(service(2, ""), post());
    outcomes.add(fails(Cause.UPSTREAM_RESET));
    Future<Response> keyed =
        serve(
            service(2, ""),
            exchange(
                "POST", new BufferBody(Buffer.buffer("four")), "idempotency-key", "payment-7"));

    assertThat(get.result().status()).isEqualTo(200);
    assertThat(failure(post).reason()).isEqualTo(Cause.UPSTREAM_RESET);
    assertThat(keyed.result().status()).isEqualTo(200);
  }

  @Test
  void statusesAreRepeatedWhereTheRuleNamesThem() {
    outcomes.add(answers(503));
    Future<Response> silent = serve(service(2, ""), get());
    outcomes.add(answers(503));
    Future<Response> named = serve(service(2, "503"), get());

    assertThat(silent.result().status()).isEqualTo(503);
    assertThat(named.result().status()).isEqualTo(200);
  }

  @Test
  void whatARateLimitRefusedIsRepeatedWhereTheRuleNamesThatAlone() {
    outcomes.add(answers(503, "x-envoy-ratelimited", "true"));
    Future<Response> named = serve(service(2, "envoy-ratelimited"), get());
    outcomes.add(answers(429));
    Future<Response> status = serve(service(2, "envoy-ratelimited"), get());
    outcomes.add(answers(503, "x-envoy-ratelimited", "true"));
    Future<Response> other = serve(service(2, "5xx"), get());

    assertThat(named.result().status()).isEqualTo(200);
    assertThat(status.result().status()).as("no header, no rate limit").isEqualTo(429);
    assertThat(other.result().status()).as("not for another condition").isEqualTo(503);
  }

  @Test
  void noMoreThanTheAttemptsOfTheRule() {
    IntStream.range(0, 10).forEach(i -> outcomes.add(fails(Cause.UPSTREAM_RESET)));

    Future<Response> answer = serve(service(3, ""), get());

    assertThat(failure(answer).reason()).isEqualTo(Cause.UPSTREAM_RESET);
    assertThat(tried).hasSize(4);
  }

  @Test
  void aTryThatTakesTooLongIsGivenUpForAnother() {
    outcomes.add(() -> Promise.<Response>promise().future());
    RetryPolicy policy =
        new RetryPolicy(
            new Retries(
                1,
                Optional.of(Duration.ofMillis(50)),
                List.of("gateway-error"),
                List.of(),
                Duration.ofMillis(25),
                true));

    Future<Response> answer = serve(new RetryingService(policy, upstreams(2)), get());

    assertThat(answer.result().status()).isEqualTo(200);
    assertThat(tried).hasSize(2);
  }

  @Test
  void eachTryTellsHowLongItHas() {
    List<String> told = new ArrayList<>();
    Exchange exchange = grpc("grpc-timeout", "2S", "idempotency-key", "one");
    exchange.limit(Duration.ofMillis(1500).toNanos());
    outcomes.add(
        () -> {
          told.add(limits(exchange));
          time.turn(Duration.ofMillis(900));
          return Future.failedFuture(new ProxyFailure(Cause.UPSTREAM_RESET, "gone"));
        });
    outcomes.add(
        () -> {
          told.add(limits(exchange));
          return ok().get();
        });
    RetryPolicy policy =
        new RetryPolicy(
            new Retries(
                1,
                Optional.of(Duration.ofSeconds(1)),
                List.of(),
                List.of(),
                Duration.ofNanos(1),
                true));

    serve(new RetryingService(policy, upstreams(2)), exchange);

    assertThat(told).containsExactly("1000 1000m", "599 599m"); // and the pause in between
  }

  private static String limits(Exchange exchange) {
    MultiMap headers = exchange.request().headers();
    return headers.get("x-envoy-expected-rq-timeout-ms") + " " + headers.get("grpc-timeout");
  }

  @Test
  void aRequestWithoutALimitTellsNone() {
    Exchange exchange = get();

    serve(service(2, ""), exchange);

    assertThat(exchange.request().headers().contains("x-envoy-expected-rq-timeout-ms")).isFalse();
  }

  @Test
  void whereEveryFifthAttemptFailsNearlyAllSucceed() {
    RetryingService service = service(3, "5xx");
    SplittableRandom random = new SplittableRandom(7);
    int succeeded = 0;

    for (int i = 0; i < 10_000; i++) {
      for (int attempt = 0; attempt < 4; attempt++) {
        outcomes.add(random.nextInt(5) == 0 ? answers(503) : ok());
      }
      succeeded += serve(service, get()).result().status() == 200 ? 1 : 0;
      outcomes.clear();
    }

    assertThat(succeeded).isGreaterThanOrEqualTo(9_950);
  }

  @Test
  void atTotalFailureTheBudgetBoundsTheExtraLoad() {
    RetryingService service = service(3, "5xx");
    for (int i = 0; i < 4000; i++) {
      outcomes.add(fails(Cause.UPSTREAM_RESET));
    }

    for (int i = 0; i < 1000; i++) {
      serve(service, get());
    }

    assertThat(tried).hasSize(1000 + 200);
  }

  @Test
  void aKeyStaysWithItsEndpointWhereOthersAvoidWhatWasTried() {
    for (int user = 0; user < 20; user++) {
      List<String> keyed = triedTwice(get("x-user", "u" + user));
      assertThat(keyed.get(1)).as("user " + user).isEqualTo(keyed.get(0));

      List<String> free = triedTwice(get());
      assertThat(free.get(1)).as("no key").isNotEqualTo(free.get(0));
    }
  }

  /** Where both tries went, the first of which was answered with an error. */
  private List<String> triedTwice(Exchange exchange) {
    ConsistentHash byUser =
        new ConsistentHash(new HashKey.Header("x-user"), new HashTable.Ring(1024));
    TrafficPolicy hashed = TrafficPolicy.NONE.balancedBy(LoadBalancer.of(byUser));
    outcomes.add(answers(503));
    tried.clear();
    serve(service(1, "5xx", upstreams(4, hashed)), exchange);
    assertThat(tried).hasSize(2);
    return List.copyOf(tried);
  }

  @Test
  void noMoreRetriesAtOnceThanTheLimit() {
    TrafficPolicy one = maxRetries(1);
    RetryingService service = service(3, "5xx", upstreams(4, one));
    Promise<Response> stuck = Promise.promise();
    outcomes.add(fails(Cause.UPSTREAM_RESET));
    outcomes.add(stuck::future);
    Future<Response> first = serve(service, get());
    assertThat(first.isComplete()).isFalse();

    outcomes.add(fails(Cause.UPSTREAM_RESET));
    Future<Response> second = serve(service, get());
    stuck.fail(new ProxyFailure(Cause.UPSTREAM_RESET, "late"));
    time.turn(Duration.ofSeconds(1));
    outcomes.add(fails(Cause.UPSTREAM_RESET));
    Future<Response> third = serve(service, get());

    assertThat(failure(second).reason()).as("another retries").isEqualTo(Cause.UPSTREAM_RESET);
    assertThat(first.result().status()).as("its place was its own to take again").isEqualTo(200);
    assertThat(third.result().status()).as("nobody retries any more").isEqualTo(200);
  }

  private static TrafficPolicy maxRetries(int most) {
    ConnectionPool none = ConnectionPool.DEFAULT;
    ConnectionPool pool =
        new ConnectionPool(
            none.maxConnections(),
            none.connectTimeout(),
            none.maxConnectionDuration(),
            none.tcpIdleTimeout(),
            none.maxPendingRequests(),
            none.maxRequests(),
            OptionalInt.of(most),
            none.maxRequestsPerConnection(),
            none.httpIdleTimeout(),
            none.h2Upgrade(),
            none.useClientProtocol(),
            none.maxConcurrentStreams());
    return new TrafficPolicy(
        Optional.empty(),
        Optional.of(pool),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Map.of());
  }

  @Test
  void aCallerThatLeftIsNotRetriedFor() {
    Exchange exchange = get();
    outcomes.add(
        () -> {
          exchange.cancel(new ProxyFailure(Cause.CLIENT_GONE, "gone"));
          return Future.failedFuture(new ProxyFailure(Cause.CLIENT_GONE, "gone"));
        });

    Future<Response> answer = serve(service(3, "5xx"), exchange);

    assertThat(failure(answer).reason()).isEqualTo(Cause.CLIENT_GONE);
    assertThat(tried).hasSize(1);
    assertThat(breaker.told()).as("it speaks neither for nor against").isEqualTo("0/0/1");
  }

  @Test
  void whatEndsIsReportedOnce() {
    UpstreamService upstreams = upstreams(1);
    outcomes.add(fails(Cause.UPSTREAM_RESET));
    RetryingService service = service(0, "", upstreams);

    serve(service, get());
    serve(service, get()).result().body().resume();
    outcomes.add(answers(500));
    serve(service, get()).result().body().resume();

    assertThat(breaker.told()).isEqualTo("1/2/0");
    assertThat(upstreams.upstream().inFlight()).isZero();
    assertThat(upstreams.upstream().endpoints().endpoints().get(0).inFlight()).hasValue(0);
  }

  @Test
  void withoutEndpointsTheReasonIsTold() {
    Future<Response> answer = serve(new RetryingService(RetryPolicy.DEFAULT, upstreams(0)), get());

    assertThat(failure(answer).reason()).isEqualTo(Cause.NO_HEALTHY_UPSTREAM);
    assertThat(failure(answer)).hasMessageContaining("it has no endpoints");
  }

  /** Serves, and lets pass the time that a back-off may take. */
  private Future<Response> serve(RetryingService service, Exchange exchange) {
    Future<Response> answer = service.serve(exchange);
    for (int i = 0; i < 8 && !answer.isComplete(); i++) {
      time.turn(Duration.ofMillis(60));
    }
    return answer;
  }

  private RetryingService service(int attempts, String on) {
    return service(attempts, on, upstreams(4));
  }

  private static RetryingService service(int attempts, String on, UpstreamService upstreams) {
    boolean number = on.matches("\\d+");
    return new RetryingService(
        new RetryPolicy(
            new Retries(
                attempts,
                Optional.empty(),
                on.isEmpty() || number ? List.of() : List.of(on),
                number ? List.of(Integer.valueOf(on)) : List.of(),
                Duration.ofMillis(25),
                true)),
        upstreams);
  }

  private UpstreamService upstreams(int endpoints) {
    return upstreams(endpoints, TrafficPolicy.NONE);
  }

  private UpstreamService upstreams(int endpoints, TrafficPolicy trafficPolicy) {
    Upstream upstream =
        new Upstream(
            new UpstreamSettings(V1, trafficPolicy, HttpChoice.HTTP_1),
            time,
            breaker,
            (endpoint, ejected) -> {});
    List<Endpoint> all =
        IntStream.range(0, endpoints)
            .mapToObj(
                i -> new Endpoint("10.0.0." + i, 80, Map.of(), "", 1, new UpstreamTls.Plaintext()))
            .toList();
    upstream.endpoints(all.isEmpty() ? EndpointSet.EMPTY : new EndpointSet(all, ""));
    return new UpstreamService(upstream, List.of(client));
  }

  private Exchange post() {
    return exchange("POST", new BufferBody(Buffer.buffer("four")));
  }

  private static Supplier<Future<Response>> ok() {
    return answers(200);
  }

  private static Supplier<Future<Response>> answers(int status) {
    return () -> Future.succeededFuture(new LocalResponse(status, Buffer.buffer("four")));
  }

  private static Supplier<Future<Response>> answers(int status, String header, String value) {
    LocalResponse answer = new LocalResponse(status, Buffer.buffer("four"));
    answer.headers().set(header, value);
    return () -> Future.succeededFuture(answer);
  }

  private static Supplier<Future<Response>> fails(Cause cause) {
    return () -> Future.failedFuture(new ProxyFailure(cause, "as the test says"));
  }
}
