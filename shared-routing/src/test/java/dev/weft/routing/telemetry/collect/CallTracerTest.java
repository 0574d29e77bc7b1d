package dev.weft.routing.telemetry.collect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.model.telemetry.TraceProvider;
import dev.weft.config.model.telemetry.TraceProvider.Protocol;
import dev.weft.config.problem.Place;
import dev.weft.routing.clock.HandTimers;
import dev.weft.routing.telemetry.LogOncePerMinute;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.spi.tracing.SpanKind;
import io.vertx.core.spi.tracing.TagExtractor;
import io.vertx.core.tracing.TracingPolicy;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Which calls of a Vert.x get a span, and that none is made where nobody asked for traces. */
final class CallTracerTest {

  private final TraceExporter exporter =
      new TraceExporter(
          new LogOncePerMinute(LoggerFactory.getLogger(CallTracerTest.class), new HandTimers()));
  private final CallTracer tracer = new CallTracer(exporter);
  private final Vertx vertx = Vertx.builder().withTracer(tracer.factory()).build();
  private final Map<String, String> headers = new TreeMap<>();

  @AfterEach
  void close() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  private static Collector collector() {
    TraceProvider provider =
        new TraceProvider(
            "otel",
            Protocol.OTLP_HTTP,
            "otel.test",
            4318,
            "/v1/traces",
            Duration.ofSeconds(3),
            Map.of(),
            256,
            new Place("a.yaml", 1, 1));
    return new Collector(
        provider,
        exchange -> Future.failedFuture("nobody is there"),
        new Reporter("shop.prod", "prod", "shop", "v1", true));
  }

  private Object begun(TracingPolicy policy) {
    return tracer.sendRequest(
        vertx.getOrCreateContext(),
        SpanKind.RPC,
        policy,
        "request",
        "fetch",
        headers::put,
        TagExtractor.empty());
  }

  private void ended(Object call) {
    tracer.receiveResponse(
        vertx.getOrCreateContext(), "response", call, null, TagExtractor.empty());
  }

  /** Nobody carries reports here: each span that is offered is one that finds no place. */
  private long offered() {
    return exporter.dropped().get("full");
  }

  @Test
  void aCallIsOfferedOnceItEndedAndSaysWhichTraceItIs() {
    tracer.tell(collector(), 100);

    Object call = begun(TracingPolicy.ALWAYS);

    assertThat(headers.get("traceparent"))
        .startsWith("00-")
        .endsWith("-03"); // sampled, of random ids
    assertThat(offered()).isZero();
    ended(call);
    assertThat(offered()).isEqualTo(1);
  }

  @Test
  void whatIsCarriedForOthersIsNotAsked() {
    tracer.tell(collector(), 100);

    assertThat(begun(TracingPolicy.IGNORE)).isNull();
    assertThat(begun(TracingPolicy.PROPAGATE)).as("it is asked for by nothing").isNull();
    assertThat(headers).isEmpty();
  }

  @Test
  void whatIsNotAmongTheShareSaysSoAndIsNotOffered() {
    tracer.tell(collector(), 0);

    ended(begun(TracingPolicy.ALWAYS));

    assertThat(headers.get("traceparent")).endsWith("-02");
    assertThat(offered()).isZero();
  }

  @Test
  void nothingBeginsWhileNobodyAsksAndWhatBeganStillEnds() {
    assertThat(begun(TracingPolicy.ALWAYS)).isNull();
    tracer.tell(collector(), 100);
    Object call = begun(TracingPolicy.ALWAYS);
    tracer.quiet();

    headers.clear();
    assertThat(begun(TracingPolicy.ALWAYS)).isNull();
    ended(call);

    assertThat(headers).isEmpty();
    assertThat(offered()).isEqualTo(1);
  }

  @Test
  void aVertxHasTheTracerThatItIsGivenAndNoneOfTheClassPath() throws Exception {
    Vertx other = Vertx.vertx();

    assertThat(((VertxInternal) vertx).tracer()).isSameAs(tracer);
    assertThat(((VertxInternal) other).tracer()).isNull();
    other.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }
}
