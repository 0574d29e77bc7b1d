package dev.weft.routing.telemetry.collect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.trace.AttemptFacts;
import dev.weft.routing.exchange.trace.InferredLink;
import dev.weft.routing.exchange.trace.TraceContext;
import dev.weft.routing.telemetry.ExchangeObserver.Ending;
import dev.weft.routing.telemetry.trace.HopTrace;
import dev.weft.routing.telemetry.trace.HopTrace.Asked;
import dev.weft.routing.telemetry.trace.HopTrace.Times;
import dev.weft.routing.telemetry.trace.HopTrace.Way;
import dev.weft.routing.telemetry.trace.Tags.Tag;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** That the spans which are told are those of the request that was. */
final class HopSpansTest {

  private static final int SAMPLED = TraceContext.SAMPLED;
  private static final Times TIMES = new Times(5_000_000_000L, 700, 90_000_000);

  private final Vertx vertx = Vertx.vertx();
  private final HopSpans spans =
      new HopSpans(
          new Reporter("shop.prod", "prod", "shop", "v1", true), 256, vertx.getOrCreateContext());

  @AfterEach
  void close() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  private static Optional<ProxyFailure> reset() {
    return Optional.of(new ProxyFailure(Cause.UPSTREAM_RESET, "it was reset"));
  }

  private static TraceContext trace(long parent, int flags) {
    return new TraceContext(1, 2, parent, 4, flags, TraceContext.W3C);
  }

  private static AttemptFacts attempt(
      int number, long span, long began, long answered, Optional<ProxyFailure> failure) {
    int status = failure.isPresent() ? 0 : 200;
    return new AttemptFacts(
        number, "127.0.0.1:80", span, began, answered, status, failure, "CLOSED");
  }

  private static HopTrace hop(
      TraceContext trace,
      Optional<InferredLink> link,
      Optional<ProxyFailure> failure,
      List<AttemptFacts> attempts) {
    return new HopTrace(
        Optional.of(trace),
        link,
        TIMES,
        new Asked("GET", "http", "a.test", "/x", "http/1.1", "10.0.0.1", Optional.empty(), "r"),
        new Way("default/a#0", Optional.of(ClusterName.outbound("a.test", 80, "")), "7", ""),
        new Ending(failure.isPresent() ? 503 : 200, failure, OptionalInt.empty(), 3, 0),
        attempts,
        List.of(
            new Tag("weft.config", "ours"),
            new Tag("http.response.body.size", "none"),
            new Tag("more", "than ours")));
  }

  private static HopTrace retried() {
    return hop(
        trace(3, SAMPLED),
        Optional.empty(),
        Optional.empty(),
        List.of(
            attempt(1, 11, 1_000_700, 2_000_700, reset()),
            attempt(2, 12, 3_000_700, 4_000_700, Optional.empty())));
  }

  private List<SpanData> told(HopTrace hop) {
    List<SpanData> all = new ArrayList<>();
    spans.of(hop, all::add);
    return all;
  }

  @Test
  void aHopIsTheServersSpanAndEachAttemptOneOfAClientBelowIt() {
    List<SpanData> all = told(retried());

    assertThat(all)
        .extracting(SpanData::getKind)
        .containsExactly(SpanKind.SERVER, SpanKind.CLIENT, SpanKind.CLIENT);
    assertThat(all).extracting(SpanData::getName).containsOnly("a.test:80/*");
    assertThat(all).extracting(SpanData::getTraceId).containsOnly(trace(3, SAMPLED).traceId());
    assertThat(all)
        .extracting(SpanData::getSpanId)
        .containsExactly("0000000000000004", "000000000000000b", "000000000000000c");
    assertThat(all)
        .extracting(SpanData::getParentSpanId)
        .containsExactly("0000000000000003", "0000000000000004", "0000000000000004");
    assertThat(all)
        .extracting(span -> span.getParentSpanContext().isRemote())
        .containsExactly(true, false, false);
    assertThat(all).allMatch(SpanData::hasEnded);
    assertThat(all)
        .extracting(span -> span.getInstrumentationScopeInfo().getName())
        .containsOnly("weft");
  }

  @Test
  void itHasTheTimesThatWereMeasured() {
    List<SpanData> all = told(retried());

    assertThat(all)
        .extracting(SpanData::getStartEpochNanos)
        .containsExactly(5_000_000_000L, 5_001_000_000L, 5_003_000_000L);
    assertThat(all)
        .extracting(SpanData::getEndEpochNanos)
        .as("the attempt whose answer went on ends with it")
        .containsExactly(5_090_000_000L, 5_002_000_000L, 5_090_000_000L);
  }

  @Test
  void whatItWasStandsAtItNumbersAsNumbersAndWhatIsToldLastCounts() {
    List<SpanData> all =
        told(
            hop(
                trace(3, SAMPLED),
                Optional.empty(),
                reset(),
                List.of(attempt(1, 11, 1_000_700, 2_000_700, reset()))));

    SpanData server = all.get(0);
    SpanData client = all.get(1);
    assertThat(server.getAttributes().asMap())
        .containsEntry(AttributeKey.longKey("http.response.status_code"), 503L)
        .containsEntry(AttributeKey.longKey("http.request.body.size"), 3L)
        .containsEntry(AttributeKey.stringKey("url.path"), "/x")
        .containsEntry(AttributeKey.stringKey("weft.config"), "ours")
        .containsEntry(AttributeKey.stringKey("http.response.body.size"), "none")
        .doesNotContainKey(AttributeKey.longKey("http.response.body.size"))
        .containsEntry(AttributeKey.stringKey("more"), "than ours");
    assertThat(server.getTotalAttributeCount()).isEqualTo(server.getAttributes().size());
    assertThat(client.getAttributes().asMap())
        .containsEntry(AttributeKey.stringKey("weft.config"), "7")
        .containsEntry(AttributeKey.stringKey("error.type"), "upstream_reset")
        .containsEntry(AttributeKey.longKey("weft.attempt"), 1L)
        .doesNotContainKey(AttributeKey.stringKey("more"));
    assertThat(all)
        .extracting(span -> span.getStatus().getStatusCode())
        .containsOnly(StatusCode.ERROR);
    assertThat(all)
        .extracting(span -> span.getStatus().getDescription())
        .containsOnly("it was reset");
    assertThat(all).as("no stack trace").allMatch(span -> span.getEvents().isEmpty());
    assertThat(server.getResource().getAttributes().asMap())
        .containsEntry(AttributeKey.stringKey("service.name"), "shop.prod")
        .containsEntry(AttributeKey.stringKey("istio.canonical_service"), "shop");
  }

  @Test
  void aTraceThatBeginsHereHasNoParentWhateverWasToldBefore() {
    told(hop(trace(3, SAMPLED), Optional.empty(), Optional.empty(), List.of()));

    List<SpanData> all =
        told(
            hop(
                trace(0, SAMPLED | TraceContext.RANDOM),
                Optional.empty(),
                Optional.empty(),
                List.of(attempt(1, 11, 1_000_700, 2_000_700, Optional.empty()))));

    SpanData server = all.get(0);
    assertThat(server.getParentSpanContext().isValid()).isFalse();
    assertThat(server.getTraceId()).isEqualTo(trace(0, SAMPLED).traceId());
    assertThat(server.getSpanId()).isEqualTo("0000000000000004");
    assertThat(server.getSpanContext().getTraceFlags().asHex()).isEqualTo("03");
    assertThat(all.get(1).getSpanContext().getTraceFlags().asHex()).isEqualTo("03");
    assertThat(server.getStatus().getStatusCode()).isEqualTo(StatusCode.UNSET);
  }

  @Test
  void whatItWasProbablyAskedForIsALinkThatSaysSo() {
    TraceContext other = new TraceContext(8, 9, 0, 10, SAMPLED, TraceContext.W3C);

    SpanData server =
        told(hop(
                trace(0, SAMPLED),
                Optional.of(new InferredLink(other, InferredLink.Evidence.REQUEST_ID)),
                Optional.empty(),
                List.of()))
            .get(0);

    assertThat(server.getLinks())
        .singleElement()
        .satisfies(
            link -> {
              assertThat(link.getSpanContext().getTraceId()).isEqualTo(other.traceId());
              assertThat(link.getSpanContext().getSpanId()).isEqualTo("000000000000000a");
              assertThat(link.getAttributes().get(AttributeKey.stringKey("weft.link")))
                  .isEqualTo("inferred");
            });
  }

  @Test
  void whatIsTracedInAnyCaseIsToldAsSuch() {
    TraceContext asked = trace(3, SAMPLED | TraceContext.DEBUG);

    assertThat(told(hop(asked, Optional.empty(), Optional.empty(), List.of())))
        .singleElement()
        .isInstanceOf(Replay.Debugged.class)
        .extracting(span -> span.getSpanContext().getTraceFlags().asHex())
        .isEqualTo("01");
  }
}
