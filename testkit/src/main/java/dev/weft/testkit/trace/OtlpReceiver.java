package dev.weft.testkit.trace;

import com.google.protobuf.InvalidProtocolBufferException;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
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
    /** 503, or UNAVAILABLE. */
    REFUSES,
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
              if (now == Mode.TAKES) {
                take(grpc ? body.slice(FRAME, body.length()) : body);
              }
              answer(request, grpc, now == Mode.TAKES);
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

  private static void answer(HttpServerRequest request, boolean grpc, boolean takes) {
    Buffer message = Buffer.buffer(ExportTraceServiceResponse.getDefaultInstance().toByteArray());
    if (!grpc) {
      request
          .response()
          .setStatusCode(takes ? 200 : 503)
          .putHeader("content-type", "application/x-protobuf")
          .end(message);
      return;
    }
    request.response().putHeader("content-type", "application/grpc");
    request.response().putTrailer("grpc-status", takes ? "0" : "14");
    request
        .response()
        .end(
            Buffer.buffer().appendByte((byte) 0).appendInt(message.length()).appendBuffer(message));
  }
}
