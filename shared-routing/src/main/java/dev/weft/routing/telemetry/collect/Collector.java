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
import dev.weft.routing.exchange.Service;
import dev.weft.routing.exchange.body.BufferBody;
import dev.weft.routing.exchange.trace.TraceContext;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.vertx.core.Context;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A collector, and the way to it: the proxy's own, so that a collector inside the mesh is reached
 * over its mTLS, by its limits, breaker and balancing as any service.
 *
 * <p>What writes spans is made when the first ones are told, so that who tells of none does not
 * load it.
 *
 * <p>Source: OTLP 1.x, sections OTLP/gRPC and OTLP/HTTP; Zipkin's {@code POST /api/v2/spans}.
 */
public final class Collector {

  private static final String METHOD =
      "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
  private static final int QUIET = TraceContext.W3C | TraceContext.B3_SINGLE; // not sampled

  private final TraceProvider provider;
  private final Service way;
  private final Reporter reporter;
  private @Nullable Writer writer;

  /**
   * @param provider as configuration has it
   * @param way to it, unobserved: what is told of requests is not told of in turn
   * @param reporter whose spans they are
   */
  public Collector(TraceProvider provider, Service way, Reporter reporter) {
    this.provider = provider;
    this.way = way;
    this.reporter = reporter;
  }

  TraceProvider provider() {
    return provider;
  }

  Service way() {
    return way;
  }

  /** Writes spans as this collector reads them. */
  private interface Writer {
    Outgoing write(List<Told> batch);
  }

  /**
   * What is sent. Takes some microseconds for each span: not on an event loop where many come.
   * Several threads may enter, one after the other.
   *
   * @param context in which the tracer keeps which span is under way
   */
  synchronized Outgoing encoded(List<Told> batch, Context context) {
    Writer made = writer == null ? writer(context) : writer;
    writer = made;
    return made.write(batch);
  }

  private Writer writer(Context context) {
    HopSpans spans = new HopSpans(reporter, provider.maxTagLength(), context);
    if (provider.protocol() == Protocol.ZIPKIN) {
      return batch -> Outgoing.of(ZipkinReport.of(all(batch, spans), reporter.service()));
    }
    OtlpExport export = new OtlpExport(provider.protocol() == Protocol.OTLP_GRPC);
    return batch -> export.encoded(all(batch, spans));
  }

  private static List<SpanData> all(List<Told> batch, HopSpans as) {
    List<SpanData> all = new ArrayList<>(2 * batch.size());
    batch.forEach(told -> told.spans(as, all::add));
    return all;
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
}
