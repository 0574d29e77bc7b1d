package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.FreePorts;
import dev.weft.testkit.trace.OtlpReceiver;
import dev.weft.testkit.trace.OtlpReceiver.Mode;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a gateway does about what a collector of OTLP says, over gRPC and over HTTP. */
@Timeout(60)
final class CollectorAnswersIT extends TracesFixture {

  private static final String ALL = "{providers: [{name: told}], randomSamplingPercentage: 100}";
  private static final String GRPC = "opentelemetry: {service: collector.test, port: 4317}";
  private static final String HTTP =
      "opentelemetry: {service: collector.test, port: 4317, http: {path: /v1/traces, timeout: 5s}}";

  private void tracing(String provider, OtlpReceiver receiver) throws Exception {
    admin = FreePorts.next();
    int backend = backend(request -> request.response().end(seen(request)));
    gateway(
        rules("{route: [{destination: {host: backend.test}}]}"),
        entry(backend),
        telemetry(ALL),
        collector("tracing: {}", provider, receiver.port()));
  }

  @ParameterizedTest
  @ValueSource(strings = {GRPC, HTTP})
  void whatItWantsLaterIsToldLaterAndOnce(String provider) throws Exception {
    OtlpReceiver receiver = receiver();
    receiver.mode(Mode.LATER);
    tracing(provider, receiver);

    asked();

    until(() -> metric("weft_traces_sent_total") == 1);
    assertThat(receiver.spans()).hasSize(2);
    assertThat(receiver.reports()).isEqualTo(2);
    assertThat(metric("weft_traces_dropped_total{reason=\"not_taken\"}")).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {GRPC, HTTP})
  void whatItRefusesOfAReportIsCounted(String provider) throws Exception {
    OtlpReceiver receiver = receiver();
    receiver.mode(Mode.IN_PART);
    tracing(provider, receiver);

    asked();

    until(() -> metric("weft_traces_dropped_total{reason=\"rejected\"}") == 1);
    assertThat(metric("weft_traces_sent_total")).isZero();
    assertThat(metric("weft_traces_dropped_total{reason=\"not_taken\"}")).isZero();
  }
}
