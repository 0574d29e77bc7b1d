package dev.weft.routing.telemetry.collect;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.weft.config.model.telemetry.TraceProvider;
import dev.weft.config.model.telemetry.TraceProvider.Protocol;
import dev.weft.config.problem.Place;
import dev.weft.routing.clock.HandTimers;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.Exchange.Loop;
import dev.weft.routing.exchange.LocalResponse;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.exchange.trace.TraceContext;
import dev.weft.routing.telemetry.ExchangeObserver.Ending;
import dev.weft.routing.telemetry.LogOncePerMinute;
import dev.weft.routing.telemetry.trace.HopTrace;
import dev.weft.routing.telemetry.trace.HopTrace.Asked;
import dev.weft.routing.telemetry.trace.HopTrace.Times;
import dev.weft.routing.telemetry.trace.HopTrace.Way;
import dev.weft.routing.telemetry.trace.SpanSink;
import io.opentelemetry.proto.collector.trace.v1.ExportTracePartialSuccess;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.VertxInternal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** When collectors are told, and what becomes of what they do not take. */
final class TraceExporterTest {

  private static final Duration PAUSE = Duration.ofSeconds(1);

  private static final Vertx VERTX = Vertx.vertx();
  private static final Context CONTEXT = ((VertxInternal) VERTX).createEventLoopContext();

  private final HandTimers time = new HandTimers();
  private final Loop loop = new Loop(0, time, time);
  private final TraceExporter exporter =
      new TraceExporter(
          new LogOncePerMinute(LoggerFactory.getLogger(TraceExporterTest.class), time));
  private final List<Exchange> reports = new ArrayList<>();
  private Future<Response> answer = Future.succeededFuture();
  private final SpanSink sink = exporter.to(collector(Protocol.OTLP_HTTP));

  private Collector collector(Protocol protocol) {
    TraceProvider provider =
        new TraceProvider(
            "otel",
            protocol,
            "otel.test",
            4318,
            "/v1/traces",
            Duration.ofSeconds(3),
            Map.of("x-token", "t"),
            256,
            new Place("a.yaml", 1, 1));
    return new Collector(
        provider,
        exchange -> {
          reports.add(exchange);
          exchange.onCancel(
              cause -> {
                if (!hanging.future().isComplete()) {
                  hanging.fail(cause);
                }
              });
          return answer;
        },
        new Reporter("shop.prod", "prod", "shop", "v1", true));
  }

  private final Promise<Response> hanging = Promise.promise();

  @BeforeEach
  void from() throws Exception {
    assertThat(exporter.from(loop, CONTEXT).deploy(CONTEXT).succeeded()).isTrue();
  }

  @AfterAll
  static void close() throws Exception {
    VERTX.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  private static HopTrace hop(int status) {
    return new HopTrace(
        Optional.of(new TraceContext(1, 2, 3, 4, TraceContext.SAMPLED, TraceContext.W3C)),
        Optional.empty(),
        new Times(1_000_000_000, 0, 5_000_000),
        new Asked("GET", "http", "a.test", "/", "http/1.1", "10.0.0.1", Optional.empty(), "r"),
        new Way("-", Optional.empty(), "1", ""),
        new Ending(status, Optional.empty(), OptionalInt.empty(), 0, 0),
        List.of(),
        List.of());
  }

  private static Answer read(Response response) {
    return Answer.of(Protocol.OTLP_GRPC, response, Buffer.buffer(), 0);
  }

  private static Future<Response> taken(int status) {
    return Future.succeededFuture(new LocalResponse(status, Buffer.buffer()));
  }

  private void offer(int count) {
    for (int i = 0; i < count; i++) {
      sink.offer(hop(200), loop);
    }
  }

  @Test
  void whatComesWithinASecondIsToldTogether() {
    answer = taken(200);
    offer(3);
    assertThat(reports).isEmpty();

    time.turn(PAUSE);

    assertThat(reports).hasSize(1);
    assertThat(reports.get(0).request().head().path()).isEqualTo("/v1/traces");
    assertThat(reports.get(0).request().headers().get("x-token")).isEqualTo("t");
    assertThat(reports.get(0).request().headers().get("traceparent"))
        .as("or a collector's own sidecar would tell of it")
        .endsWith("-00");
    assertThat(exporter.sent()).isEqualTo(3);
    assertThat(exporter.dropped()).containsEntry("not_taken", 0L).containsEntry("full", 0L);
  }

  @Test
  void aBatchThatIsFullDoesNotWait() {
    answer = taken(200);

    offer(256);

    assertThat(reports).hasSize(1);
    assertThat(exporter.sent()).isEqualTo(256);
  }

  @Test
  void aReportHasNothingOfTheOneBeforeIt() throws InvalidProtocolBufferException {
    answer = taken(200);
    offer(3);
    time.turn(PAUSE);
    sink.offer(hop(503), loop);
    time.turn(PAUSE);
    answer = taken(400); // which is an end too
    offer(2);
    time.turn(PAUSE);
    offer(1);
    time.turn(PAUSE);

    assertThat(statuses(reports.get(0))).containsExactly(200L, 200L, 200L);
    assertThat(statuses(reports.get(1))).containsExactly(503L);
    assertThat(statuses(reports.get(2))).containsExactly(200L, 200L);
    assertThat(statuses(reports.get(3))).containsExactly(200L);
  }

  private static List<Long> statuses(Exchange report) throws InvalidProtocolBufferException {
    return ExportTraceServiceRequest.parseFrom(body(report).getBytes())
        .getResourceSpansList()
        .stream()
        .flatMap(of -> of.getScopeSpansList().stream())
        .flatMap(of -> of.getSpansList().stream())
        .flatMap(span -> span.getAttributesList().stream())
        .filter(attribute -> attribute.getKey().equals("http.response.status_code"))
        .map(attribute -> attribute.getValue().getIntValue())
        .toList();
  }

  @Test
  void whatIsNotTakenIsLostAndCounted() {
    answer = taken(503);
    offer(2);
    time.turn(PAUSE);
    answer = Future.failedFuture(new ProxyFailure(Cause.CONNECT_REFUSED, "refused"));
    offer(1);
    time.turn(PAUSE);

    assertThat(exporter.dropped()).containsEntry("not_taken", 3L);
    answer = taken(202);
    offer(1);
    time.turn(PAUSE);
    assertThat(exporter.sent()).as("it goes on").isEqualTo(1);
  }

  @Test
  void whileACollectorHangsNoMoreWaitsThanThereIsPlaceFor() {
    answer = hanging.future();
    offer(1);
    time.turn(PAUSE);
    offer(5000);

    assertThat(reports).as("one report at a time").hasSize(1);
    assertThat(exporter.dropped().get("full")).isEqualTo(5000 - 1024);

    answer = taken(200);
    time.turn(Duration.ofSeconds(20));

    assertThat(exporter.dropped()).as("its time is over").containsEntry("not_taken", 1L);
    assertThat(exporter.sent()).as("what waited is told").isEqualTo(1024);
    assertThat(time.pending()).as("nothing is left to do").isZero();
  }

  @Test
  void aCollectorThatWantsToBeAskedAgainGetsTheSameReportThenAndNoneBefore() {
    answer = later(503, "7");
    offer(2);
    time.turn(PAUSE);
    offer(3);
    time.turn(Duration.ofSeconds(6));
    assertThat(reports).as("it asked for seven seconds").hasSize(1);

    answer = taken(200);
    time.turn(Duration.ofSeconds(2));

    assertThat(body(reports.get(1))).isEqualTo(body(reports.get(0)));
    time.turn(PAUSE);
    assertThat(reports).hasSize(3);
    assertThat(exporter.sent()).isEqualTo(5);
    assertThat(exporter.dropped()).containsEntry("not_taken", 0L);
  }

  @Test
  void itIsAskedFiveTimesAtMostAndNotAfterMoreThanAMinute() {
    answer = later(429, "1");
    offer(1);
    time.turn(PAUSE);
    time.turn(Duration.ofSeconds(20));

    assertThat(reports).hasSize(5);
    assertThat(exporter.dropped()).containsEntry("not_taken", 1L);

    answer = later(503, "61");
    offer(1);
    time.turn(PAUSE);

    assertThat(exporter.dropped()).containsEntry("not_taken", 2L);
    assertThat(time.pending()).as("nothing waits").isZero();
  }

  @Test
  void spansThatAreRefusedCountAsLostAtMostAllOfAReport() {
    answer = partly(2);
    offer(5);
    time.turn(PAUSE);
    answer = partly(9);
    offer(3);
    time.turn(PAUSE);

    assertThat(exporter.sent()).isEqualTo(3);
    assertThat(exporter.dropped()).containsEntry("rejected", 5L).containsEntry("not_taken", 0L);
  }

  private static Future<Response> later(int status, String header) {
    LocalResponse response = new LocalResponse(status, Buffer.buffer());
    response.headers().set("retry-after", header);
    return Future.succeededFuture(response);
  }

  private static Future<Response> partly(long rejected) {
    Buffer body =
        Buffer.buffer(
            ExportTraceServiceResponse.newBuilder()
                .setPartialSuccess(
                    ExportTracePartialSuccess.newBuilder()
                        .setRejectedSpans(rejected)
                        .setErrorMessage("too many attributes"))
                .build()
                .toByteArray());
    LocalResponse response = new LocalResponse(200, body);
    response.headers().set("content-type", "application/x-protobuf");
    return Future.succeededFuture(response);
  }

  private static Buffer body(Exchange report) {
    return report.request().body().captured().result();
  }

  @Test
  void aFaultOnTheWayReachesNobody() {
    SpanSink broken =
        exporter.to(
            new Collector(
                collector(Protocol.ZIPKIN).provider(),
                exchange -> {
                  throw new IllegalStateException("a fault of ours");
                },
                new Reporter("a", "b", "c", "d", false)));

    broken.offer(hop(500), loop);
    time.turn(PAUSE);

    assertThat(exporter.dropped()).containsEntry("not_taken", 1L);
  }

  @Test
  void grpcWantsAStatusOfZeroInTheEnd() {
    Collector grpc = collector(Protocol.OTLP_GRPC);
    LocalResponse good = new LocalResponse(200, Buffer.buffer());
    good.headers().set("grpc-status", "0");
    LocalResponse bad = new LocalResponse(200, Buffer.buffer());
    bad.headers().set("grpc-status", "14");

    assertThat(read(good).refusal()).isEmpty();
    assertThat(read(bad).refusal()).contains("grpc-status 14");
    assertThat(read(new LocalResponse(200, Buffer.buffer())).refusal())
        .contains("grpc-status missing");
    Buffer body = grpc.encoded(List.of((as, each) -> as.of(hop(200), each)), CONTEXT).body();
    assertThat(body.getInt(1)).isEqualTo(body.length() - 5);
  }
}
