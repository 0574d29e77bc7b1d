package dev.weft.routing.telemetry.collect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.model.telemetry.TraceProvider.Protocol;
import dev.weft.routing.exchange.LocalResponse;
import dev.weft.routing.proto.ProtoWriter;
import dev.weft.routing.telemetry.collect.Answer.Partial;
import io.opentelemetry.proto.collector.trace.v1.ExportTracePartialSuccess;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What collectors say, by OpenTelemetry's own messages. */
final class AnswerTest {

  private static final Instant NOW = Instant.parse("2026-11-29T05:00:00Z");
  private static final long NOW_NANOS = NOW.getEpochSecond() * 1_000_000_000;

  private static Buffer partial(long rejected, String words) {
    return Buffer.buffer(
        ExportTraceServiceResponse.newBuilder()
            .setPartialSuccess(
                ExportTracePartialSuccess.newBuilder()
                    .setRejectedSpans(rejected)
                    .setErrorMessage(words))
            .build()
            .toByteArray());
  }

  private static Buffer framed(Buffer message) {
    return Buffer.buffer().appendByte((byte) 0).appendInt(message.length()).appendBuffer(message);
  }

  private static Answer http(int status, Buffer body, String name, String value) {
    LocalResponse response = new LocalResponse(status, body);
    response.headers().set("content-type", "application/x-protobuf").set(name, value);
    return Answer.of(Protocol.OTLP_HTTP, response, body, NOW_NANOS);
  }

  private static Answer grpc(String status, Buffer body, String name, String value) {
    LocalResponse response = new LocalResponse(200, body);
    response.headers().set("grpc-status", status).set(name, value);
    return Answer.of(Protocol.OTLP_GRPC, response, body, NOW_NANOS);
  }

  /** {@code google.rpc.Status} with another detail before the wait. */
  private static String details(long seconds, long nanos) {
    ProtoWriter delay =
        new ProtoWriter().message(1, new ProtoWriter().number(1, seconds).number(2, nanos));
    ProtoWriter status =
        new ProtoWriter()
            .number(1, 8)
            .text(2, "too much")
            .message(3, any("type.googleapis.com/google.rpc.Help", new ProtoWriter().text(1, "h")))
            .message(3, any("type.googleapis.com/google.rpc.RetryInfo", delay));
    return Base64.getEncoder().withoutPadding().encodeToString(status.written().getBytes());
  }

  private static ProtoWriter any(String type, ProtoWriter value) {
    return new ProtoWriter().text(1, type).bytes(2, value.written());
  }

  @Test
  void aReportThatIsTakenInPartSaysHowManyAndWhy() {
    Buffer said = partial(3, "too long");

    assertThat(http(200, said, "x", "y").partial()).isEqualTo(new Partial(3, "too long"));
    assertThat(grpc("0", framed(said), "x", "y").partial()).isEqualTo(new Partial(3, "too long"));
    assertThat(http(200, said, "x", "y").refusal()).isEmpty();
    assertThat(http(200, Buffer.buffer(), "x", "y").partial()).isEqualTo(Partial.NONE);
    assertThat(http(200, said, "content-type", "application/json").partial())
        .isEqualTo(Partial.NONE);
    assertThat(grpc("14", framed(said), "x", "y").partial()).isEqualTo(Partial.NONE);
  }

  @Test
  void whatCannotBeReadRefusesNothing() {
    Buffer cut = partial(3, "too long").slice(0, 5);

    assertThat(http(200, cut, "x", "y").partial()).isEqualTo(Partial.NONE);
    assertThat(grpc("0", framed(partial(3, "")).slice(0, 6), "x", "y").partial())
        .isEqualTo(Partial.NONE);
    assertThat(http(200, partial(-5, ""), "x", "y").partial().rejected()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "429, 7, PT7S",
    "502, 0, PT0S",
    "503, 999999999, PT999999999S",
    "503, 'Sun, 29 Nov 2026 05:00:30 GMT', PT30S",
    "504, 'Sun, 29 Nov 2026 04:00:00 GMT', PT0S"
  })
  void aTimeToComeAgainIsRead(int status, String header, Duration wait) {
    assertThat(http(status, Buffer.buffer(), "retry-after", header).again()).contains(wait);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-1", "1.5", "soon", "9999999999", "Sun, 29 Nov 2026"})
  void whatIsNoTimeIsNone(String header) {
    assertThat(http(503, Buffer.buffer(), "retry-after", header).again()).isEmpty();
  }

  @Test
  void whatWillNotPassIsNotAskedAgain() {
    assertThat(http(400, Buffer.buffer(), "retry-after", "1").again()).isEmpty();
    assertThat(http(200, Buffer.buffer(), "retry-after", "1").again()).isEmpty();
    assertThat(grpc("3", Buffer.buffer(), "grpc-status-details-bin", details(1, 0)).again())
        .isEmpty();
  }

  @Test
  void grpcTellsItInItsDetails() {
    assertThat(
            grpc("8", Buffer.buffer(), "grpc-status-details-bin", details(2, 500_000_000)).again())
        .contains(Duration.ofMillis(2500));
    assertThat(grpc("14", Buffer.buffer(), "x", "y").again()).isEmpty();
    assertThat(grpc("14", Buffer.buffer(), "grpc-status-details-bin", "%%").again()).isEmpty();
    assertThat(grpc("8", Buffer.buffer(), "grpc-status-details-bin", "CAgSCA").again()).isEmpty();
    assertThat(grpc("8", Buffer.buffer(), "x", "y").refusal())
        .isEqualTo(Optional.of("grpc-status 8"));
  }
}
