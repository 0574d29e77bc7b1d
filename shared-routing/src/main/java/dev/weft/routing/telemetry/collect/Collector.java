package dev.weft.routing.telemetry.collect;

import dev.weft.config.model.telemetry.TraceProvider;
import dev.weft.config.model.telemetry.TraceProvider.Protocol;
import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.exchange.Decision;
import dev.weft.routing.exchange.Decision.Forward;
import dev.weft.routing.exchange.Decision.RouteId;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.Exchange.Loop;
import dev.weft.routing.exchange.Request;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.exchange.Service;
import dev.weft.routing.exchange.body.BufferBody;
import dev.weft.routing.exchange.trace.TraceContext;
import dev.weft.routing.telemetry.trace.HopTrace;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpVersion;
import java.util.List;
import java.util.Optional;

/**
 * A collector, and the way to it: the proxy's own, so that a collector inside the mesh is reached
 * over its mTLS, by its limits, breaker and balancing as any service. Immutable.
 *
 * <p>Source: OTLP 1.x, sections OTLP/gRPC and OTLP/HTTP; "gRPC over HTTP2" for the frame of a
 * message, five bytes before it; Zipkin's {@code POST /api/v2/spans}.
 *
 * @param provider as configuration has it
 * @param way to it, unobserved: what is told of requests is not told of in turn
 * @param reporter whose spans they are
 */
public record Collector(TraceProvider provider, Service way, Reporter reporter) {

  private static final String METHOD =
      "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
  private static final String GRPC_STATUS = "grpc-status";
  private static final int FRAME = 5;
  private static final int QUIET = TraceContext.W3C | TraceContext.B3_SINGLE; // not sampled

  /** What is sent. Takes some microseconds for each span: not on an event loop where many come. */
  Buffer encoded(List<HopTrace> hops) {
    if (provider.protocol() == Protocol.ZIPKIN) {
      return ZipkinReport.of(hops, reporter, provider.maxTagLength());
    }
    Buffer message = OtlpReport.of(hops, reporter, provider.maxTagLength());
    return provider.protocol() == Protocol.OTLP_HTTP
        ? message
        : Buffer.buffer(FRAME + message.length())
            .appendByte((byte) 0)
            .appendInt(message.length())
            .appendBuffer(message);
  }

  /** A request that nobody made, about which all is decided. */
  Exchange exchange(Buffer body, Loop loop, long seed) {
    boolean grpc = provider.protocol() == Protocol.OTLP_GRPC;
    MultiMap headers = HttpHeaders.headers().set(HttpHeaderNames.CONTENT_TYPE, type());
    if (grpc) {
      headers.set(HttpHeaderNames.TE, "trailers");
    }
    new TraceContext(seed | 1, seed | 1, 0, seed | 1, 0, QUIET).tell(headers, seed | 1);
    provider.headers().forEach(headers::set);
    String authority = provider.host() + ":" + provider.port();
    String path = grpc ? METHOD : provider.path();
    RequestHead head = new RequestHead("POST", "http", authority, path, "", headers);
    HttpVersion version = grpc ? HttpVersion.HTTP_2 : HttpVersion.HTTP_1_1;
    Exchange exchange =
        new Exchange(
            new Request(head, version, false, new BufferBody(body), headers),
            Caller.anonymous("127.0.0.1", 0, 0, false),
            loop,
            seed);
    exchange.decided(
        new Decision(
            new RouteId("collector " + provider.name(), 0),
            new Forward(ClusterName.outbound(provider.host(), provider.port(), ""), 0),
            head.target(),
            authority,
            Optional.empty(),
            List.of()));
    return exchange;
  }

  private String type() {
    return switch (provider.protocol()) {
      case OTLP_GRPC -> "application/grpc";
      case OTLP_HTTP -> "application/x-protobuf";
      case ZIPKIN -> "application/json";
    };
  }

  /** Why an answer that came whole is none that took it; empty for one that did. */
  Optional<String> refusal(Response response) {
    if (response.status() < 200 || response.status() > 299) {
      return Optional.of("status " + response.status());
    }
    if (provider.protocol() != Protocol.OTLP_GRPC) {
      return Optional.empty();
    }
    String last = response.trailers().get(GRPC_STATUS);
    String status = last == null ? response.headers().get(GRPC_STATUS) : last;
    return "0".equals(status)
        ? Optional.empty()
        : Optional.of(
            "grpc-status "
                + (status == null ? "missing" : (status.matches("\\d{1,3}") ? status : "unknown")));
  }
}
