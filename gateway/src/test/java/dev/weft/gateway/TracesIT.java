package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.FreePorts;
import dev.weft.testkit.trace.OtlpReceiver;
import dev.weft.testkit.trace.OtlpReceiver.Mode;
import dev.weft.testkit.trace.ToldSpan;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Traces through a gateway: what goes on, what collectors are told, what is kept. */
@Timeout(90)
final class TracesIT extends TracesFixture {

  private static final String GRPC = "opentelemetry: {service: collector.test, port: 4317}";
  private static final String HTTP =
      "opentelemetry: {service: collector.test, port: 4317,"
          + " http: {path: /otlp/spans, timeout: 10s, headers: [{name: x-token, value: secret}]}}";
  private static final String ALL = "{providers: [{name: told}], randomSamplingPercentage: 100}";

  @BeforeEach
  void adminPort() throws IOException {
    admin = FreePorts.next();
  }

  private void tracing(String tracing, String settings, String provider, int collector)
      throws Exception {
    int backend = backend(request -> request.response().end(seen(request)));
    gateway(
        rules("{route: [{destination: {host: backend.test}}]}"),
        entry(backend),
        telemetry(tracing),
        collector(settings, provider, collector));
  }

  @Test
  void withoutTelemetryHeadersGoOnAsTheyCame() throws Exception {
    int backend = backend(request -> request.response().end(seen(request)));
    gateway(rules("{route: [{destination: {host: backend.test}}]}"), entry(backend));

    assertThat(asked("traceparent", SAMPLED, "tracestate", "a=1"))
        .isEqualTo("traceparent=" + SAMPLED + " tracestate=a=1");
    assertThat(asked()).isEmpty();
  }

  @Test
  void whatIsSampledGoesOnInTheFormatThatItCameIn() throws Exception {
    OtlpReceiver receiver = receiver();
    tracing(ALL, "tracing: {}", GRPC, receiver.port());

    String w3c = asked("traceparent", SAMPLED, "tracestate", "a=1,b=2");
    String single = asked("b3", TRACE + "-" + SPAN + "-1");
    String multi = asked("x-b3-traceid", TRACE, "x-b3-spanid", SPAN, "x-b3-flags", "1");

    List<ToldSpan> spans = told(receiver, 6);
    List<String> attempts = spans.stream().filter(one -> !one.server()).map(ToldSpan::id).toList();
    assertThat(w3c)
        .isEqualTo("traceparent=00-" + TRACE + "-" + attempts.get(0) + "-01 tracestate=a=1,b=2");
    assertThat(single).isEqualTo("b3=" + TRACE + "-" + attempts.get(1) + "-1");
    assertThat(multi)
        .startsWith("x-b3-traceid=" + TRACE + " x-b3-spanid=" + attempts.get(2))
        .endsWith("x-b3-flags=1");
    assertThat(spans).allMatch(span -> span.trace().equals(TRACE));
    assertThat(spans).filteredOn(ToldSpan::server).allMatch(span -> span.parent().equals(SPAN));
  }

  @Test
  void whatIsNotSampledGoesOnAsItCameAndIsNotTold() throws Exception {
    OtlpReceiver receiver = receiver();
    tracing(ALL, "tracing: {}", GRPC, receiver.port());

    assertThat(asked("traceparent", NOT_SAMPLED)).isEqualTo("traceparent=" + NOT_SAMPLED);
    assertThat(asked("b3", "0")).startsWith("b3=").endsWith("-0");
    asked("traceparent", SAMPLED);

    assertThat(told(receiver, 2)).hasSize(2).allMatch(span -> span.trace().equals(TRACE));
  }

  @Test
  void theAccessLogNamesTheTrace() throws Exception {
    OtlpReceiver receiver = receiver();
    accessLog = state.resolve("access.log").toString();
    tracing(ALL, "tracing: {}", GRPC, receiver.port());

    asked("traceparent", NOT_SAMPLED);

    Path log = Path.of(accessLog);
    until(() -> Files.readString(log).contains("\"trace\":\"" + TRACE + "\""));
  }

  @Test
  void brokenHeadersBeginANewTrace() throws Exception {
    OtlpReceiver receiver = receiver();
    tracing(ALL, "tracing: {}", GRPC, receiver.port());

    String seen = asked("traceparent", SAMPLED.replace("00-", "ff-"), "tracestate", "a=1");

    ToldSpan server = told(receiver, 2).get(0);
    assertThat(server.trace()).isNotEqualTo(TRACE);
    assertThat(server.parent()).isEmpty();
    assertThat(seen).startsWith("traceparent=00-" + server.trace()).doesNotContain("tracestate");
  }

  @Test
  void aShareIsSampledAndWhoComesBeforeDecides() throws Exception {
    OtlpReceiver receiver = receiver();
    tracing(
        "{providers: [{name: told}], randomSamplingPercentage: 0}",
        "tracing: {}",
        GRPC,
        receiver.port());

    String fresh = asked();
    asked("traceparent", SAMPLED);

    assertThat(fresh).startsWith("traceparent=00-").endsWith("-00");
    assertThat(told(receiver, 2)).hasSize(2).allMatch(span -> span.trace().equals(TRACE));
  }

  @Test
  void eachTryHasASpanAndAllIsToldOfBoth() throws Exception {
    OtlpReceiver receiver = receiver();
    AtomicInteger tries = new AtomicInteger();
    int backend =
        backend(
            request ->
                request
                    .response()
                    .setStatusCode(tries.getAndIncrement() == 0 ? 503 : 200)
                    .end(seen(request)));
    gateway(
        rules(
            "{route: [{destination: {host: backend.test}}],"
                + " retries: {attempts: 2, retryOn: 5xx}}"),
        entry(backend),
        telemetry(
            "{providers: [{name: told}], randomSamplingPercentage: 100, customTags: {zone: {literal:"
                + " {value: a}}, tier: {header: {name: x-tier}}}}"),
        collector("tracing: {}", GRPC, receiver.port()));

    asked("x-tier", "gold");

    List<ToldSpan> spans = told(receiver, 3);
    ToldSpan server = spans.get(0);
    ToldSpan first = spans.get(1);
    ToldSpan second = spans.get(2);
    assertThat(server.server()).isTrue();
    assertThat(List.of(first.parent(), second.parent())).containsOnly(server.id());
    assertThat(server.service()).endsWith(".default");
    assertThat(server.resource()).containsKey("istio.canonical_service");
    assertThat(attributes(server))
        .containsEntry("http.request.method", "GET")
        .containsEntry("url.path", "/shop")
        .containsEntry("http.response.status_code", "200")
        .containsEntry("weft.route", "default/rules#0")
        .containsEntry("weft.config", "1")
        .containsEntry("weft.attempts", "2")
        .containsEntry("zone", "a")
        .containsEntry("tier", "gold")
        .containsKey("guid:x-request-id");
    assertThat(attributes(first))
        .containsEntry("weft.attempt", "1")
        .containsEntry("weft.retry", "0")
        .containsEntry("weft.breaker", "closed")
        .containsEntry("http.response.status_code", "503")
        .containsEntry("network.peer.address", "127.0.0.1:" + backend);
    assertThat(attributes(second))
        .containsEntry("weft.retry", "1")
        .containsEntry("http.response.status_code", "200");
    assertThat(first.span().getStatus().getCodeValue()).isEqualTo(2);
    assertThat(second.span().getStatus().getCodeValue()).isZero();
    assertThat(second.span().getStartTimeUnixNano())
        .isGreaterThanOrEqualTo(first.span().getEndTimeUnixNano());
    assertThat(server.span().getEndTimeUnixNano())
        .isGreaterThanOrEqualTo(second.span().getEndTimeUnixNano());
    assertThat(receiver.calls().get(0))
        .startsWith("h2 /opentelemetry.proto.collector.trace.v1.TraceService/Export");
  }

  @Test
  void aFaultAndARefusalOfTheProxyAreTold() throws Exception {
    OtlpReceiver receiver = receiver();
    int backend = backend(request -> request.response().end());
    gateway(
        rules(
            "{fault: {abort: {httpStatus: 418, percentage: {value: 100}}},"
                + " route: [{destination: {host: backend.test}}]}"),
        entry(backend),
        telemetry(ALL),
        collector("tracing: {}", GRPC, receiver.port()));

    asked();

    ToldSpan server = told(receiver, 1).get(0);
    assertThat(attributes(server))
        .containsEntry("weft.fault", "abort 418")
        .containsEntry("error.type", "fault_injected")
        .containsEntry("response_flags", "FI")
        .containsEntry("weft.attempts", "0");
    assertThat(kept("").get(0).getString("fault")).isEqualTo("abort 418");
  }

  @Test
  void overHttpACollectorGetsItsPathAndHeaders() throws Exception {
    OtlpReceiver receiver = receiver();
    tracing(ALL, "tracing: {formats: [B3_SINGLE]}", HTTP, receiver.port());

    String seen = asked();

    String trace = told(receiver, 2).get(0).trace();
    assertThat(seen).startsWith("b3=" + trace);
    assertThat(receiver.calls())
        .containsExactly("http/1.1 /otlp/spans application/x-protobuf secret");
    until(() -> metric("weft_traces_sent_total") == 1);
  }

  @Test
  void openMetricsNameATraceForItsBucket() throws Exception {
    OtlpReceiver receiver = receiver();
    tracing(ALL, "tracing: {}", GRPC, receiver.port());
    asked("traceparent", SAMPLED);
    asked("traceparent", NOT_SAMPLED);

    String metrics = openMetrics();

    String span = told(receiver, 2).get(0).id();
    List<String> named =
        metrics
            .lines()
            .filter(line -> line.startsWith("istio_request_duration_milliseconds_bucket"))
            .filter(line -> line.contains(" # {"))
            .toList();
    assertThat(named).hasSize(1);
    assertThat(named.get(0))
        .contains("trace_id=\"" + TRACE + "\"")
        .contains("span_id=\"" + span + "\"");
    assertThat(metrics).endsWith("# EOF\n");
    assertThat(admin("/metrics")).doesNotContain("trace_id");
  }

  @Test
  void nothingIsReportedWhereThatIsAskedFor() throws Exception {
    OtlpReceiver receiver = receiver();
    tracing(
        "{providers: [{name: told}], randomSamplingPercentage: 100, disableSpanReporting: true}",
        "tracing: {}",
        GRPC,
        receiver.port());

    assertThat(asked()).as("the trace goes on").endsWith("-01");
    restart();

    assertThat(receiver.reports()).isZero();
  }

  @Test
  void whereNobodyListensRequestsAreServedAndWhatIsLostIsCounted() throws Exception {
    tracing(ALL, "tracing: {}", GRPC, FreePorts.next());

    for (int i = 0; i < 20; i++) {
      assertThat(asked()).startsWith("traceparent=");
    }

    until(() -> metric("weft_traces_dropped_total{reason=\"not_taken\"}") == 20);
  }

  @Test
  void aCollectorThatHangsHoldsNoRequestAndNoMoreThanItsShare() throws Exception {
    OtlpReceiver receiver = receiver();
    receiver.mode(Mode.HANGS);
    tracing(ALL, "tracing: {}", HTTP.replace("10s", "60s"), receiver.port());
    asked();
    until(() -> receiver.reports() == 1);

    for (int i = 0; i < 1500; i++) {
      assertThat(asked()).startsWith("traceparent=");
    }

    assertThat(receiver.reports()).as("one at a time").isEqualTo(1);
    until(() -> metric("weft_traces_dropped_total{reason=\"full\"}") == 1500 - 1024);
  }

  @Test
  void aProcessThatEndsTellsWhatStillWaits() throws Exception {
    OtlpReceiver receiver = receiver();
    tracing(ALL, "tracing: {}", GRPC, receiver.port());
    asked("traceparent", SAMPLED);

    restart();

    assertThat(receiver.spans()).as("told before it ended").hasSize(2);
  }

  @Test
  void whatFailedIsKeptWithItsAttemptsThoughNobodyTracesIt() throws Exception {
    int backend = backend(request -> request.response().setStatusCode(500).end());
    gateway(
        rules("{route: [{destination: {host: backend.test}}]}"),
        entry(backend),
        """
        apiVersion: weft.dev/v1
        kind: ProxySettings
        metadata: {name: default}
        spec: {tracing: {slow: 0s, kept: 3}}
        """);
    for (int i = 0; i < 4; i++) {
      asked("traceparent", NOT_SAMPLED, "x-tier", "gold");
    }

    List<JsonObject> kept = kept("");
    assertThat(kept).hasSize(3);
    JsonObject newest = kept.get(0);
    assertThat(newest.getString("trace")).isEqualTo(TRACE);
    assertThat(newest.getBoolean("sampled")).isFalse();
    assertThat(newest.getInteger("status")).isEqualTo(500);
    assertThat(newest.getString("route")).isEqualTo("default/rules#0");
    assertThat(newest.getString("config")).isEqualTo("1");
    assertThat(newest.getString("request_id")).hasSize(36);
    JsonObject attempt = newest.getJsonArray("attempts").getJsonObject(0);
    assertThat(attempt.getString("endpoint")).isEqualTo("127.0.0.1:" + backend);
    assertThat(attempt.getString("breaker")).isEqualTo("closed");
    assertThat(attempt.getInteger("status")).isEqualTo(500);
    assertThat(kept("?last=1")).hasSize(1);
    assertThat(kept("?trace=" + TRACE)).hasSize(3);
    assertThat(kept("?trace=" + SPAN)).isEmpty();
  }
}
