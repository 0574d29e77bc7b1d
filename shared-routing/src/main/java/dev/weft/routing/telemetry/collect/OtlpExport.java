package dev.weft.routing.telemetry.collect;

import static java.util.Objects.requireNonNull;

import io.opentelemetry.api.metrics.MeterProvider;
import io.opentelemetry.common.ComponentLoader;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.exporter.otlp.trace.OtlpGrpcSpanExporter;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.common.export.GrpcResponse;
import io.opentelemetry.sdk.common.export.GrpcSender;
import io.opentelemetry.sdk.common.export.GrpcSenderProvider;
import io.opentelemetry.sdk.common.export.GrpcStatusCode;
import io.opentelemetry.sdk.common.export.HttpResponse;
import io.opentelemetry.sdk.common.export.HttpSender;
import io.opentelemetry.sdk.common.export.HttpSenderProvider;
import io.opentelemetry.sdk.common.export.MemoryMode;
import io.opentelemetry.sdk.common.export.MessageWriter;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * OpenTelemetry's exporter of OTLP, with a sender of ours: it writes the message, and the mesh's
 * own client carries it. So nothing of its HTTP client, TLS and threads is there, its endpoint and
 * headers are not asked for, and its own retries are those of {@link TraceExporter}. Between two
 * reports it holds the room that the largest one took for lengths, some hundred bytes a span, and
 * nothing of what was told. One thread at a time.
 *
 * <p>Source: OTLP 1.x; "gRPC over HTTP2" for the frame, five bytes; {@code HttpSender} and {@code
 * GrpcSender} of OpenTelemetry's SDK, public since 1.59.
 */
final class OtlpExport {

  private static final int FRAME = 5;

  private final boolean grpc;
  private final SpanExporter exporter;
  private @Nullable Outgoing handed; // by the sender, while it exports

  /**
   * @param grpc whether a message has a frame before it
   */
  OtlpExport(boolean grpc) {
    this.grpc = grpc;
    this.exporter = grpc ? overGrpc(new Senders()) : overHttp(new Senders());
  }

  private static SpanExporter overGrpc(ComponentLoader senders) {
    return OtlpGrpcSpanExporter.builder()
        .setComponentLoader(senders)
        .setMemoryMode(MemoryMode.REUSABLE_DATA)
        .setMeterProvider(MeterProvider.noop())
        .setRetryPolicy(null)
        .build();
  }

  private static SpanExporter overHttp(ComponentLoader senders) {
    return OtlpHttpSpanExporter.builder()
        .setComponentLoader(senders)
        .setMemoryMode(MemoryMode.REUSABLE_DATA)
        .setMeterProvider(MeterProvider.noop())
        .setRetryPolicy(null)
        .build();
  }

  /** An {@code ExportTraceServiceRequest}. */
  Outgoing encoded(Collection<SpanData> spans) {
    handed = null;
    CompletableResultCode open = exporter.export(spans);
    if (handed == null) {
      throw new IllegalStateException("spans were not written", open.getFailureThrowable());
    }
    Outgoing written = requireNonNull(handed);
    handed = null;
    return written;
  }

  private void hand(MessageWriter writer, Consumer<Answer> answered, Consumer<Throwable> failed) {
    int length = writer.getContentLength();
    Buffer body = Buffer.buffer(FRAME + length);
    if (grpc) {
      body.appendByte((byte) 0).appendInt(length);
    }
    try {
      writer.writeMessage(new BufferOutput(body));
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible); // memory does not fail
    }
    handed = new Outgoing(body, answered, failed);
  }

  /** What the exporters find instead of what lies on the class path. */
  private final class Senders implements ComponentLoader {
    @Override
    public <T> Iterable<T> load(Class<T> wanted) {
      if (wanted == HttpSenderProvider.class) {
        HttpSenderProvider http = settings -> new OverHttp();
        return List.of(wanted.cast(http));
      }
      if (wanted == GrpcSenderProvider.class) {
        GrpcSenderProvider grpc = settings -> new OverGrpc();
        return List.of(wanted.cast(grpc));
      }
      return List.of();
    }
  }

  private final class OverHttp implements HttpSender {
    @Override
    public void send(
        MessageWriter writer, Consumer<HttpResponse> answered, Consumer<Throwable> failed) {
      hand(writer, answer -> answered.accept(new OfHttp(answer)), failed);
    }

    @Override
    public CompletableResultCode shutdown() {
      return CompletableResultCode.ofSuccess();
    }
  }

  private final class OverGrpc implements GrpcSender {
    @Override
    public void send(
        MessageWriter writer, Consumer<GrpcResponse> answered, Consumer<Throwable> failed) {
      hand(writer, answer -> answered.accept(new OfGrpc(answer)), failed);
    }

    @Override
    public CompletableResultCode shutdown() {
      return CompletableResultCode.ofSuccess();
    }
  }

  private record OfHttp(Answer answer) implements HttpResponse {
    @Override
    public int getStatusCode() {
      return answer.status();
    }

    @Override
    public String getStatusMessage() {
      return answer.refusal().orElse("");
    }

    @Override
    public byte[] getResponseBody() {
      return answer.message().getBytes();
    }
  }

  private record OfGrpc(Answer answer) implements GrpcResponse {
    @Override
    public GrpcStatusCode getStatusCode() {
      return GrpcStatusCode.fromValue(answer.grpcStatus());
    }

    @Override
    public String getStatusDescription() {
      return answer.refusal().orElse("");
    }

    @Override
    public byte[] getResponseMessage() {
      return answer.message().getBytes();
    }
  }
}
