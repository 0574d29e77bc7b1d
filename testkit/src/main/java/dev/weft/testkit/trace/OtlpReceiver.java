package dev.weft.testkit.trace;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A collector of OTLP, over gRPC and HTTP on one port, that decodes what it is told by
 * OpenTelemetry's own messages. Any thread may ask what it has.
 */
public final class OtlpReceiver {

  private static final String EXPORT =
      "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
  private static final int FRAME = 5;

  private final HttpServer server;
  private final List<ToldSpan> spans = new CopyOnWriteArrayList<>();
  private final List<String> calls = new CopyOnWriteArrayList<>();
  private final AtomicInteger asked = new AtomicInteger();
  private volatile Mode mode = Mode.TAKES;

  /** What becomes of reports. */
  public enum Mode {
    TAKES,
    /** They are taken, but for one span, of which it says so. */
    IN_PART,
    /** 503, or UNAVAILABLE. */
    REFUSES,
    /** 429, or RESOURCE_EXHAUSTED, for a second; the next report is taken. */
    LATER,
    /** No answer ever comes. */
    HANGS
  }

  /** Does not listen yet. */
  public OtlpReceiver(Vertx vertx) {
    this.server =
        vertx
            .createHttpServer(new HttpServerOptions().setHttp2ClearTextEnabled(true))
            .requestHandler(this::asked);
  }

  /** Begins to listen, at a port that is free. */
  public Future<OtlpReceiver> listen() {
    return server.listen(0, "127.0.0.1").map(open -> this);
  }

  public int port() {
    return server.actualPort();
  }

  /** Settings and a service by which proxies tell it over gRPC; a Telemetry calls it told. */
  public String configuration() {
    return """
        apiVersion: weft.dev/v1
        kind: ProxySettings
        metadata: {name: default}
        spec:
          extensionProviders:
          - {name: told, opentelemetry: {service: collector.test, port: 4317}}
        ---
        apiVersion: networking.istio.io/v1
        kind: ServiceEntry
        metadata: {name: collector}
        spec:
          hosts: [collector.test]
          resolution: STATIC
          ports: [{number: 4317, name: grpc, protocol: GRPC}]
          endpoints: [{address: 127.0.0.1, ports: {grpc: %d}}]
        """
        .formatted(port());
  }

  /** From now on reports are dealt with so. */
  public void mode(Mode wanted) {
    mode = wanted;
  }

  /** All that it was told. */
  public List<ToldSpan> spans() {
    return List.copyOf(spans);
  }

  /** Each report as {@code VERSION PATH TYPE HEADER-x-token}. */
  public List<String> calls() {
    return List.copyOf(calls);
  }

  /** How many reports came, whatever became of them. */
  public int reports() {
    return asked.get();
  }

  private void asked(HttpServerRequest request) {
    asked.incrementAndGet();
    boolean grpc = request.path().equals(EXPORT);
    calls.add(
        request.version().alpnName()
            + " "
            + request.path()
            + " "
            + request.getHeader("content-type")
            + " "
            + request.getHeader("x-token"));
    request
        .body()
        .onSuccess(
            body -> {
              Mode now = mode;
              if (now == Mode.HANGS) {
                return;
              }
              if (now == Mode.LATER) {
                mode = Mode.TAKES;
              }
              if (now == Mode.TAKES || now == Mode.IN_PART) {
                take(grpc ? body.slice(FRAME, body.length()) : body);
              }
              if (grpc) {
                overGrpc(request.response(), now);
              } else {
                overHttp(request.response(), now);
              }
            });
  }

  private void take(Buffer message) {
    try {
      ExportTraceServiceRequest told = ExportTraceServiceRequest.parseFrom(message.getBytes());
      for (ResourceSpans of : told.getResourceSpansList()) {
        Map<String, String> resource = ToldSpan.map(of.getResource().getAttributesList());
        of.getScopeSpansList().stream()
            .flatMap(scope -> scope.getSpansList().stream())
            .map(span -> new ToldSpan(resource.getOrDefault("service.name", ""), resource, span))
            .forEach(spans::add);
      }
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("what came is no report", e);
    }
  }

  private static Buffer message(Mode mode) {
    ExportTraceServiceResponse.Builder message = ExportTraceServiceResponse.newBuilder();
    if (mode == Mode.IN_PART) {
      message.getPartialSuccessBuilder().setRejectedSpans(1).setErrorMessage("one was too long");
    }
    return Buffer.buffer(message.build().toByteArray());
  }

  private static void overHttp(HttpServerResponse response, Mode mode) {
    int status =
        switch (mode) {
          case REFUSES -> 503;
          case LATER -> 429;
          default -> 200;
        };
    if (mode == Mode.LATER) {
      response.putHeader("retry-after", "1");
    }
    response
        .setStatusCode(status)
        .putHeader("content-type", "application/x-protobuf")
        .end(message(mode));
  }

  private static void overGrpc(HttpServerResponse response, Mode mode) {
    String status =
        switch (mode) {
          case REFUSES -> "14";
          case LATER -> "8";
          default -> "0";
        };
    response.putHeader("content-type", "application/grpc");
    response.putTrailer("grpc-status", status);
    if (mode == Mode.LATER) {
      response.putTrailer("grpc-status-details-bin", inASecond());
    }
    Buffer message = message(mode);
    response.end(
        Buffer.buffer().appendByte((byte) 0).appendInt(message.length()).appendBuffer(message));
  }

  /** A {@code google.rpc.Status} with a {@code RetryInfo}. */
  private static String inASecond() {
    ByteString delay = Duration.newBuilder().setSeconds(1).build().toByteString();
    Any info =
        Any.newBuilder()
            .setTypeUrl("type.googleapis.com/google.rpc.RetryInfo")
            .setValue(bytes(1, delay).build().toByteString())
            .build();
    UnknownFieldSet status =
        bytes(3, info.toByteString())
            .addField(1, UnknownFieldSet.Field.newBuilder().addVarint(8).build())
            .build();
    return Base64.getEncoder().withoutPadding().encodeToString(status.toByteArray());
  }

  private static UnknownFieldSet.Builder bytes(int field, ByteString value) {
    return UnknownFieldSet.newBuilder()
        .addField(field, UnknownFieldSet.Field.newBuilder().addLengthDelimited(value).build());
  }
}
