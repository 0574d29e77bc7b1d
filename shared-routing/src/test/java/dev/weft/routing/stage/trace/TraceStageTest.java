package dev.weft.routing.stage.trace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.exchange.ClusterName.Direction;
import dev.weft.routing.exchange.Decision;
import dev.weft.routing.exchange.Decision.Forward;
import dev.weft.routing.exchange.Decision.RouteId;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.exchange.trace.InferredLink;
import dev.weft.routing.exchange.trace.InferredLink.Evidence;
import dev.weft.routing.exchange.trace.TraceContext;
import dev.weft.routing.stage.StageFixture;
import dev.weft.routing.stage.trace.TraceStage.Wanted;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpHeaders;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Which trace a request belongs to, who decides whether it is sampled, and what goes on. */
final class TraceStageTest extends StageFixture {

  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String SPAN = "00f067aa0ba902b7";
  private static final int ALL = 1_000_000;

  private final UnderWay underWay = new UnderWay();

  private TraceContext served(int perMillion, Exchange exchange) {
    return served(new Wanted(perMillion, TraceContext.W3C, true), exchange);
  }

  private TraceContext served(Wanted wanted, Exchange exchange) {
    new TraceStage(wanted, underWay).apply(exchange, backend);
    return exchange.trace().orElseThrow();
  }

  private static String header(Exchange exchange, String name) {
    return exchange.request().headers().get(name);
  }

  private static void inbound(Exchange exchange) {
    exchange.decided(
        new Decision(
            new RouteId("inbound:80", 0),
            new Forward(new ClusterName(Direction.INBOUND, "own.test", 80, ""), 0),
            "/",
            "own.test",
            Optional.empty(),
            List.of()));
  }

  @Test
  void whoComesWithATraceStaysInItWithASpanOfThisHop() {
    Exchange exchange = get("traceparent", "00-" + TRACE + "-" + SPAN + "-01", "tracestate", "a=1");

    TraceContext context = served(0, exchange);

    assertThat(context.traceId()).isEqualTo(TRACE);
    assertThat(TraceContext.spanId(context.parent())).isEqualTo(SPAN);
    assertThat(context.span()).isNotZero().isNotEqualTo(context.parent());
    assertThat(context.sampled()).isTrue();
    assertThat(header(exchange, "tracestate")).isEqualTo("a=1");
  }

  @Test
  void eachAttemptTellsItsOwnSpanAsTheOneThatItComesFrom() {
    Exchange exchange = get("traceparent", "00-" + TRACE + "-" + SPAN + "-01");
    served(0, exchange);

    long first = Spans.attempt(exchange, 0);
    String told = header(exchange, "traceparent");
    long second = Spans.attempt(exchange, 1);

    assertThat(told).isEqualTo("00-" + TRACE + "-" + TraceContext.spanId(first) + "-01");
    assertThat(header(exchange, "traceparent")).contains(TraceContext.spanId(second));
    assertThat(second).isNotEqualTo(first);
  }

  @Test
  void whatIsNotSampledGoesOnAsItCame() {
    String came = "00-" + TRACE + "-" + SPAN + "-00";
    Exchange exchange = get("traceparent", came);

    assertThat(served(ALL, exchange).sampled()).isFalse();
    assertThat(Spans.attempt(exchange, 0)).isZero();
    assertThat(header(exchange, "traceparent")).isEqualTo(came);
  }

  @Test
  void whoeverComesFirstDecidesAndWhatIsDecidedGoesOn() {
    Exchange sampled = get();
    Exchange not = get();
    Exchange undecided = get("b3", TRACE + "-" + SPAN);

    assertThat(served(ALL, sampled).sampled()).isTrue();
    assertThat(served(0, not).sampled()).isFalse();
    assertThat(served(0, undecided).traceId()).isEqualTo(TRACE);

    assertThat(header(sampled, "traceparent")).endsWith("-01");
    assertThat(header(not, "traceparent")).hasSize(55).endsWith("-00");
    assertThat(header(undecided, "b3")).startsWith(TRACE).endsWith("-0");
    assertThat(header(undecided, "traceparent")).isNull();
  }

  @Test
  void aShareOfTheNewOnesIsSampled() {
    int sampled = 0;
    for (int i = 0; i < 10_000; i++) {
      Exchange one = new Exchange(get().request(), get().caller(), get().loop(), i * 7919L);
      one.decided(get().decision());
      sampled += served(100_000, one).sampled() ? 1 : 0;
    }

    assertThat(sampled).isBetween(850, 1150);
  }

  @Test
  void whatCannotBeReadBeginsANewTraceWithoutItsState() {
    Exchange exchange = get("traceparent", "00-" + TRACE + "-" + SPAN, "tracestate", "a=1");

    TraceContext context = served(ALL, exchange);

    assertThat(context.traceId()).isNotEqualTo(TRACE);
    assertThat(context.parent()).isZero();
    assertThat(header(exchange, "tracestate")).isNull();
    assertThat(header(exchange, "traceparent")).startsWith("00-" + context.traceId());
  }

  @Test
  void aStateThatIsNoneFallsAndItsTraceGoesOn() {
    for (String flags : new String[] {"-01", "-00"}) {
      Exchange exchange =
          get("traceparent", "00-" + TRACE + "-" + SPAN + flags, "tracestate", "a=1,a=2");

      TraceContext context = served(ALL, exchange);

      assertThat(context.traceId()).isEqualTo(TRACE);
      assertThat(header(exchange, "tracestate")).isNull();
      assertThat(header(exchange, "traceparent")).startsWith("00-" + TRACE);
    }
  }

  @Test
  void aNewTraceIsToldInTheFormatsThatAreAskedFor() {
    Exchange exchange = get();

    served(new Wanted(ALL, TraceContext.B3 | TraceContext.B3_SINGLE, true), exchange);

    assertThat(header(exchange, "x-b3-traceid")).hasSize(32);
    assertThat(header(exchange, "x-b3-sampled")).isEqualTo("1");
    assertThat(header(exchange, "b3")).startsWith(header(exchange, "x-b3-traceid"));
    assertThat(header(exchange, "traceparent")).isNull();
  }

  @Test
  void whereItIsNotPassedOnHeadersStayAsTheyAre() {
    String came = "00-" + TRACE + "-" + SPAN + "-01";
    Exchange known = get("traceparent", came);
    Exchange fresh = get();
    Wanted alone = new Wanted(ALL, TraceContext.W3C, false);

    served(alone, known);
    served(alone, fresh);
    Spans.attempt(known, 0);

    assertThat(header(known, "traceparent")).isEqualTo(came);
    assertThat(header(fresh, "traceparent")).isNull();
  }

  @Test
  void aRequestOfTheApplicationThatSaysNothingIsPutDownToTheOneWithItsRequestId() {
    Exchange came = get("traceparent", "00-" + TRACE + "-" + SPAN + "-01", "x-request-id", "r-1");
    inbound(came);
    Promise<Response> open = Promise.promise();
    new TraceStage(new Wanted(0, TraceContext.W3C, true), underWay)
        .apply(came, exchange -> open.future());
    Exchange other = get("x-request-id", "r-9");
    inbound(other);
    new TraceStage(new Wanted(0, TraceContext.W3C, true), underWay)
        .apply(other, exchange -> Promise.<Response>promise().future());
    Exchange asks = get("x-request-id", "r-1");
    Exchange unknown = get("x-request-id", "r-2");

    TraceContext inferred = served(0, asks);
    served(0, unknown);

    InferredLink link = asks.link().orElseThrow();
    assertThat(link.by()).isEqualTo(Evidence.REQUEST_ID);
    assertThat(link.to().traceId()).isEqualTo(TRACE);
    assertThat(inferred.traceId()).as("it is a trace of its own").isNotEqualTo(TRACE);
    assertThat(inferred.sampled()).as("or the link would lead nowhere").isTrue();
    assertThat(unknown.link()).as("two are under way").isEmpty();
  }

  @Test
  void orToTheOnlyOneThatIsUnderWay() {
    Exchange came = get("traceparent", "00-" + TRACE + "-" + SPAN + "-01", "x-request-id", "r-1");
    inbound(came);
    Promise<Response> open = Promise.promise();
    new TraceStage(new Wanted(0, TraceContext.W3C, true), underWay)
        .apply(came, exchange -> open.future());
    Exchange during = get("x-request-id", "r-2");
    Exchange said = get("traceparent", "00-" + TRACE + "-" + SPAN + "-00");
    served(0, during);
    served(0, said);

    open.fail("gone");
    Exchange after = get("x-request-id", "r-3");
    served(0, after);

    assertThat(during.link().map(InferredLink::by)).contains(Evidence.ALONE);
    assertThat(said.link()).as("it says where it belongs").isEmpty();
    assertThat(after.link()).isEmpty();
  }

  @Test
  void aCopyForAMirrorIsNotSampled() {
    Exchange exchange = get("traceparent", "00-" + TRACE + "-" + SPAN + "-01");
    TraceContext own = served(0, exchange);
    MultiMap copy = HttpHeaders.headers();

    own.unsampled().tell(copy, own.span());

    assertThat(copy.get("traceparent")).startsWith("00-" + TRACE).endsWith("-00");
  }
}
