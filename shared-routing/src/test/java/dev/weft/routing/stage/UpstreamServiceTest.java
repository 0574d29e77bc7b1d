package dev.weft.routing.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Percentage.withPercentage;

import dev.weft.config.model.TrafficPolicy;
import dev.weft.config.model.TrafficPolicy.LoadBalancer;
import dev.weft.config.model.TrafficPolicy.LoadBalancer.Simple;
import dev.weft.config.model.TrafficPolicy.OutlierDetection;
import dev.weft.routing.cluster.Endpoint;
import dev.weft.routing.cluster.EndpointSet;
import dev.weft.routing.cluster.Upstream;
import dev.weft.routing.cluster.UpstreamSettings;
import dev.weft.routing.cluster.UpstreamSettings.HttpChoice;
import dev.weft.routing.cluster.UpstreamTls;
import dev.weft.routing.exchange.LocalResponse;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.exchange.body.BufferBody;
import dev.weft.routing.resilience.AlwaysClosed;
import dev.weft.routing.resilience.overload.AdaptiveLimit;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the endpoint of an attempt is told of how it went. */
final class UpstreamServiceTest extends StageFixture {

  private final Endpoint endpoint =
      new Endpoint("10.0.0.1", 80, Map.of(), "", 1, new UpstreamTls.Plaintext());
  private final AlwaysClosed breaker = new AlwaysClosed();
  private Promise<Response> answer = Promise.promise();

  @Test
  void aBalancerThatGoesByLatencyHearsHowLongAnswersTook() {
    UpstreamService service = service(Simple.PEAK_EWMA);

    attempt(service, Duration.ofMillis(20));
    answer.complete(new LocalResponse(200, Buffer.buffer()));
    assertThat(millis()).isCloseTo(20, withPercentage(1));

    attempt(service, Duration.ofMillis(1));
    answer.fail(new ProxyFailure(Cause.UPSTREAM_RESET, "reset"));
    assertThat(millis()).as("a failure doubles").isCloseTo(40, withPercentage(1));

    attempt(service, Duration.ofMillis(1));
    answer.fail(new ProxyFailure(Cause.CLIENT_GONE, "gone"));
    assertThat(millis()).as("that was not the endpoint").isCloseTo(40, withPercentage(1));

    attempt(service, Duration.ofMillis(1));
    answer.complete(new LocalResponse(429, Buffer.buffer()));
    assertThat(millis()).isCloseTo(5000, withPercentage(1));
  }

  @Test
  void aHandshakeThatFailsSpeaksAgainstTheEndpointAndOurOwnLackDoesNot() {
    UpstreamService service = service(Simple.PEAK_EWMA);
    attempt(service, Duration.ofMillis(20));
    answer.complete(new LocalResponse(200, Buffer.buffer()));

    attempt(service, Duration.ofMillis(1));
    answer.fail(new ProxyFailure(Cause.NO_CERTIFICATE, "none of our own yet"));
    assertThat(millis()).as("ours").isCloseTo(20, withPercentage(1));
    assertThat(breaker.told()).isEqualTo("0/0/1");

    attempt(service, Duration.ofMillis(1));
    answer.fail(new ProxyFailure(Cause.UPSTREAM_TLS, "a handshake that fails at once"));
    assertThat(millis()).as("theirs").isCloseTo(40, withPercentage(1));
    assertThat(breaker.told()).isEqualTo("0/1/1");
  }

  @Test
  void theEndOfAConnectionThatManySharedSpeaksAgainstItsEndpointOnce() {
    UpstreamService service = service(Simple.PEAK_EWMA);
    ProxyFailure first = new ProxyFailure(Cause.UPSTREAM_RESET, "the connection ended");
    attempt(service, Duration.ofMillis(20));
    answer.complete(new LocalResponse(200, Buffer.buffer()));

    attempt(service, Duration.ofMillis(1));
    answer.fail(first);
    for (int i = 0; i < 3; i++) {
      attempt(service, Duration.ofMillis(1));
      answer.fail(first.amongOthers());
    }

    assertThat(millis()).as("doubled once").isCloseTo(40, withPercentage(1));
    assertThat(breaker.told()).as("each is a request that failed").isEqualTo("0/4/0");
  }

  @Test
  void andIsOneOfTheFailuresInARowThatEjectIt() {
    List<String> out = new ArrayList<>();
    UpstreamService service = ejecting(2, out);
    ProxyFailure first = new ProxyFailure(Cause.UPSTREAM_RESET, "the connection ended");

    for (ProxyFailure one : List.of(first, first.amongOthers(), first.amongOthers())) {
      attempt(service, Duration.ofMillis(1));
      answer.fail(one);
    }
    assertThat(out).isEmpty();

    attempt(service, Duration.ofMillis(1));
    answer.fail(new ProxyFailure(Cause.UPSTREAM_RESET, "another connection ended"));
    assertThat(out).containsExactly("10.0.0.1:80");
  }

  /** Two endpoints, of which the first is asked always. */
  private UpstreamService ejecting(int failures, List<String> out) {
    TrafficPolicy none = TrafficPolicy.NONE;
    OutlierDetection settings =
        new OutlierDetection(
            failures,
            0,
            false,
            5,
            Duration.ofSeconds(10),
            Duration.ofSeconds(30),
            100,
            0,
            List.of(),
            Optional.empty());
    TrafficPolicy policy =
        new TrafficPolicy(
            Optional.of(LoadBalancer.of(Simple.PASSTHROUGH)),
            none.connectionPool(),
            Optional.of(settings),
            none.tls(),
            none.retryBudget(),
            none.portLevel());
    Upstream upstream =
        new Upstream(
            new UpstreamSettings(V1, policy, HttpChoice.HTTP_1),
            time,
            breaker,
            (one, ejected) -> out.add(one.address()));
    Endpoint second = new Endpoint("10.0.0.2", 80, Map.of(), "", 1, new UpstreamTls.Plaintext());
    upstream.endpoints(new EndpointSet(List.of(endpoint, second), ""));
    caller = caller.meaning(new InetSocketAddress("10.0.0.1", 80));
    return new UpstreamService(upstream, List.of((exchange, to, one, attempt) -> answer.future()));
  }

  @Test
  void whatItsCallerHasYetToSendOrToReadIsNoLoad() {
    UpstreamService service = service(Simple.LEAST_REQUEST);
    AdaptiveLimit overload = service.upstream().overload();
    LocalResponse response = new LocalResponse(200, Buffer.buffer("all"));

    Tries posting = new Tries(true);
    service.attempt(exchange("POST", new BufferBody(Buffer.buffer("some"))), posting);
    assertThat(overload.owed()).as("its body is on its way").isZero();
    posting.sent();
    assertThat(overload.owed()).as("all of it was sent").isEqualTo(1);
    answer.complete(response);
    assertThat(overload.owed()).as("the answer has begun").isZero();
    assertThat(service.upstream().inFlight()).as("and is being read").isEqualTo(1);
    response.body().resume();
    assertThat(service.upstream().inFlight()).isZero();

    attempt(service, Duration.ofMillis(1));
    assertThat(overload.owed()).as("without a body").isEqualTo(1);
    answer.fail(new ProxyFailure(Cause.UPSTREAM_RESET, "reset"));
    assertThat(overload.owed()).isZero();
  }

  @Test
  void anAnswerThatBeginsBeforeAllWasSentIsNeverOwed() {
    UpstreamService service = service(Simple.LEAST_REQUEST);
    Tries streaming = new Tries(true);

    service.attempt(exchange("POST", new BufferBody(Buffer.buffer("some"))), streaming);
    answer.complete(new LocalResponse(200, Buffer.buffer()));
    streaming.sent();

    assertThat(service.upstream().overload().owed()).isZero();
  }

  @Test
  void othersMeasureNothing() {
    attempt(service(Simple.LEAST_REQUEST), Duration.ofMillis(20));
    answer.complete(new LocalResponse(200, Buffer.buffer()));

    assertThat(endpoint.latency().known()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "PASSTHROUGH, 10.0.0.2, the one that was meant",
    "PASSTHROUGH, 10.0.0.7, any",
    "ROUND_ROBIN, 10.0.0.2, any"
  })
  void whoeverPassesThroughGetsTheEndpointThatHeMeant(Simple simple, String meant, String whom) {
    List<String> asked = new ArrayList<>();
    Endpoint second = new Endpoint("10.0.0.2", 80, Map.of(), "", 1, new UpstreamTls.Plaintext());
    UpstreamService service = service(simple, asked, endpoint, second);
    caller = caller.meaning(new InetSocketAddress(meant, 80));

    for (int i = 0; i < 10; i++) {
      attempt(service, Duration.ofMillis(1));
      answer.complete(new LocalResponse(200, Buffer.buffer()));
    }

    assertThat(Collections.frequency(asked, "10.0.0.2:80")).isEqualTo(whom.equals("any") ? 5 : 10);
    assertThat(asked).hasSize(10);
  }

  private void attempt(UpstreamService service, Duration time) {
    answer = Promise.promise();
    service.attempt(get(), new Tries(true));
    this.time.turn(time);
  }

  private double millis() {
    return endpoint.latency().micros(time.nanos()) / 1000;
  }

  private UpstreamService service(Simple simple) {
    return service(simple, new ArrayList<>(), endpoint);
  }

  private UpstreamService service(Simple simple, List<String> asked, Endpoint... endpoints) {
    Upstream upstream =
        new Upstream(
            new UpstreamSettings(
                V1, TrafficPolicy.NONE.balancedBy(LoadBalancer.of(simple)), HttpChoice.HTTP_1),
            time,
            breaker,
            (one, out) -> {});
    upstream.endpoints(new EndpointSet(List.of(endpoints), ""));
    return new UpstreamService(
        upstream,
        List.of(
            (exchange, settings, one, attempt) -> {
              asked.add(one.address());
              return answer.future();
            }));
  }
}
