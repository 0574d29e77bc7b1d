package dev.weft.routing.telemetry.trace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.model.telemetry.CustomTag;
import dev.weft.config.model.telemetry.CustomTag.Source;
import dev.weft.config.model.telemetry.TraceSettings;
import dev.weft.routing.clock.HandTimers;
import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.exchange.Decision;
import dev.weft.routing.exchange.Decision.Fault;
import dev.weft.routing.exchange.Decision.Forward;
import dev.weft.routing.exchange.Decision.RouteId;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.Request;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.exchange.body.NoBody;
import dev.weft.routing.exchange.trace.TraceContext;
import dev.weft.routing.telemetry.ExchangeObserver.Ending;
import dev.weft.routing.telemetry.ExchangeObserver.Messages;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpVersion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which requests are kept, which are reported, and what is told of them. */
final class TraceObserverTest {

  private final HandTimers time = new HandTimers();
  private final TraceRing ring = new TraceRing();
  private final List<HopTrace> reported = new ArrayList<>();
  private final List<CustomTag> tags =
      List.of(
          new CustomTag("zone", Source.LITERAL, "a", ""),
          new CustomTag("node", Source.ENVIRONMENT, "NODE", ""),
          new CustomTag("gone", Source.ENVIRONMENT, "NOWHERE", ""),
          new CustomTag("tier", Source.HEADER, "x-tier", "none"),
          new CustomTag("who", Source.HEADER, "Authorization", ""));
  private final TraceObserver observer =
      observer(new TraceSettings(Duration.ofSeconds(1), 2, List.of()));

  private TraceObserver observer(TraceSettings settings) {
    return new TraceObserver(
        ring,
        (trace, loop) -> reported.add(trace),
        settings,
        new Tags(tags, Map.of("NODE", "n1"), Set.of("authorization")),
        "7");
  }

  private Exchange exchange(String... headers) {
    MultiMap all = HttpHeaders.headers().add("x-request-id", "r-1");
    for (int i = 0; i < headers.length; i += 2) {
      all.add(headers[i], headers[i + 1]);
    }
    RequestHead head = new RequestHead("GET", "http", "shop.test", "/a", "q=1", all);
    Request request = new Request(head, HttpVersion.HTTP_1_1, false, new NoBody(), all);
    Caller caller = Caller.anonymous("10.0.0.9", 4711, 80, false);
    Exchange exchange = new Exchange(request, caller, new Exchange.Loop(0, time, time), 42);
    exchange.decided(
        new Decision(
            new RouteId("default/t#0", 0),
            new Forward(ClusterName.outbound("b.test", 80, "v1"), 0),
            "/a",
            "shop.test",
            Optional.of(new Fault(Duration.ofMillis(5), OptionalInt.of(503), OptionalInt.empty())),
            List.of()));
    return exchange;
  }

  private static Ending ending(int status, Cause... cause) {
    return new Ending(
        status,
        cause.length == 0 ? Optional.empty() : Optional.of(new ProxyFailure(cause[0], "so it was")),
        OptionalInt.empty(),
        0,
        0);
  }

  @Test
  void whatFailedOrWasSlowIsKeptWhetherItIsSampledOrNot() {
    Exchange slow = exchange();
    time.turn(Duration.ofSeconds(1));
    observer.ended(slow, ending(200));
    observer.ended(exchange(), ending(200));
    observer.ended(exchange(), ending(404));
    observer.ended(exchange(), ending(403, Cause.DENIED));
    observer.ended(exchange(), ending(503, Cause.BREAKER_OPEN));

    assertThat(ring.newestFirst())
        .extracting(one -> one.ending().status())
        .containsExactly(503, 200);
    assertThat(reported).isEmpty();
  }

  @Test
  void aStreamThatBeganInTimeIsNotSlow() {
    Exchange stream = exchange();
    stream.attempting(time.nanos(), "CLOSED", 0);
    stream.attempt("10.0.0.1:80", Map.of(), "unknown");
    time.turn(Duration.ofMillis(20));
    stream.answered(time.nanos(), 200);
    time.turn(Duration.ofMinutes(5));

    observer.ended(stream, ending(200));

    assertThat(ring.newestFirst()).isEmpty();
  }

  @Test
  void soIsAnAnswerThatWasCutAndAFaultOfGrpc() {
    observer.ended(exchange(), ending(200, Cause.UPSTREAM_TRUNCATED));
    observer.ended(exchange(), new Ending(200, Optional.empty(), OptionalInt.of(14), 0, 0));
    observer.ended(exchange(), new Ending(200, Optional.empty(), OptionalInt.of(5), 0, 0));
    observer.ended(exchange(), ending(499, Cause.CLIENT_GONE));

    assertThat(ring.newestFirst()).hasSize(2);
  }

  @Test
  void aCallThatIsRefusedIsKeptWhereARequestWouldBe() {
    for (Cause cause :
        List.of(Cause.DENIED, Cause.EXTERNALLY_DENIED, Cause.RATE_LIMITED, Cause.OVERFLOW)) {
      ProxyFailure failure = new ProxyFailure(cause, "so it was");
      observer.ended(exchange(), Ending.refused(true, failure, 0, Messages.NONE, false));
    }

    assertThat(ring.newestFirst())
        .extracting(one -> one.failure().orElseThrow().reason())
        .containsExactly(Cause.OVERFLOW);
  }

  @Test
  void aDelayIsAFlagOfTheHopAlone() {
    ProxyFailure refused = new ProxyFailure(Cause.CONNECT_REFUSED, "so it was");
    Exchange exchange = exchange();
    exchange.attempting(time.nanos(), "CLOSED", 0);
    exchange.attempt("10.0.0.1:80", Map.of(), "unknown");
    exchange.unanswered(time.nanos(), refused);
    observer.ended(
        exchange,
        new Ending(503, Optional.of(refused), OptionalInt.empty(), 0, 0, Messages.NONE, true));
    HopTrace hop = ring.newestFirst().get(0);
    Map<String, Object> whole = new HashMap<>();
    Map<String, Object> attempt = new HashMap<>();

    SpanFacts.hop(hop, 100, whole::put);
    SpanFacts.attempt(hop, hop.attempts().get(0), attempt::put);

    assertThat(whole).containsEntry("response_flags", "DI,UF");
    assertThat(attempt).containsEntry("response_flags", "UF");
  }

  @Test
  void noMoreAreKeptThanAreAskedFor() {
    for (int i = 0; i < 5; i++) {
      observer.ended(exchange(), ending(500 + i));
    }
    assertThat(ring.newestFirst())
        .extracting(one -> one.ending().status())
        .containsExactly(504, 503);

    observer(new TraceSettings(Duration.ZERO, 0, List.of())).ended(exchange(), ending(505));
    assertThat(ring.newestFirst()).as("kept: 0").hasSize(2);
  }

  @Test
  void ofOneThatIsKeptAllIsTold() {
    Exchange exchange =
        exchange("traceparent", "00-" + "a".repeat(32) + "-" + "b".repeat(16) + "-00");
    time.turn(Duration.ofMillis(3));
    exchange.attempting(time.nanos(), "CLOSED", 0);
    exchange.attempt("10.0.0.1:80", Map.of(), "unknown");
    time.turn(Duration.ofMillis(4));
    exchange.unanswered(time.nanos(), new ProxyFailure(Cause.CONNECT_REFUSED, "refused"));
    time.turn(Duration.ofMillis(5));
    exchange.attempting(time.nanos(), "HALF_OPEN", 0);
    exchange.attempt("10.0.0.2:80", Map.of(), "unknown");
    time.turn(Duration.ofMillis(6));
    exchange.answered(time.nanos(), 503);
    time.turn(Duration.ofMillis(7));

    observer.ended(exchange, ending(503));

    HopTrace kept = ring.newestFirst().get(0);
    assertThat(kept.context().map(TraceContext::traceId)).contains("a".repeat(32));
    assertThat(kept.times().durationNanos()).isEqualTo(25_000_000);
    assertThat(kept.way().route()).isEqualTo("default/t#0");
    assertThat(kept.way().config()).isEqualTo("7");
    assertThat(kept.way().fault()).isEqualTo("delay 5 ms, abort 503");
    assertThat(kept.asked().requestId()).isEqualTo("r-1");
    assertThat(kept.tags())
        .extracting(tag -> tag.name() + "=" + tag.value())
        .containsExactly("zone=a", "node=n1", "tier=none");
    assertThat(kept.attempts())
        .extracting(
            one ->
                one.number()
                    + " "
                    + one.endpoint()
                    + " "
                    + (one.answeredNanos() - one.beganNanos()) / 1_000_000
                    + " "
                    + one.status()
                    + " "
                    + one.failure().map(ProxyFailure::reason).orElse(null)
                    + " "
                    + one.breaker())
        .containsExactly(
            "1 10.0.0.1:80 4 0 CONNECT_REFUSED CLOSED", "2 10.0.0.2:80 6 503 null HALF_OPEN");
  }

  @Test
  void whatIsSampledIsReportedHoweverItEnded() {
    Exchange exchange = exchange("x-tier", "gold");
    exchange.traced(new TraceContext(1, 2, 3, 4, TraceContext.SAMPLED, TraceContext.W3C));

    observer.ended(exchange, ending(200));

    assertThat(reported).hasSize(1);
    assertThat(reported.get(0).tags()).contains(new Tags.Tag("tier", "gold"));
    assertThat(ring.newestFirst()).isEmpty();
  }

  @Test
  void ofASecretOnlyItIsToldThatItWasThere() {
    observer.ended(exchange("authorization", "Bearer secret"), ending(500));

    assertThat(ring.newestFirst().get(0).tags()).contains(new Tags.Tag("who", "[redacted]"));
  }
}
