package dev.weft.routing.telemetry.collect;

import dev.weft.routing.exchange.trace.AttemptFacts;
import dev.weft.routing.exchange.trace.InferredLink;
import dev.weft.routing.exchange.trace.TraceContext;
import dev.weft.routing.proto.ProtoWriter;
import dev.weft.routing.telemetry.trace.HopTrace;
import dev.weft.routing.telemetry.trace.SpanFacts;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * Spans as an {@code ExportTraceServiceRequest}: of each hop one of the server, and below it one of
 * the client for each attempt.
 *
 * <p>Source: opentelemetry-proto 1.x, {@code trace/v1/trace.proto}, {@code common/v1/common.proto}
 * and {@code collector/trace/v1/trace_service.proto}, by whose field numbers these are written.
 */
final class OtlpReport {

  private static final String SCOPE = "weft";
  private static final int SERVER = 2;
  private static final int CLIENT = 3;
  private static final int ERROR = 2;
  private static final int TRACE_FLAGS = 0xFF;

  private OtlpReport() {}

  /**
   * @param most characters that a path's attribute has
   */
  static Buffer of(List<HopTrace> hops, Reporter reporter, int most) {
    ProtoWriter scope = new ProtoWriter().message(1, new ProtoWriter().text(1, SCOPE)); // its name
    for (HopTrace hop : hops) {
      TraceContext context = hop.context().orElseThrow();
      scope.message(2, server(hop, context, most));
      hop.attempts().forEach(attempt -> scope.message(2, client(hop, context, attempt)));
    }
    ProtoWriter spans = new ProtoWriter().message(1, resource(reporter)).message(2, scope);
    return new ProtoWriter().message(1, spans).written();
  }

  private static ProtoWriter resource(Reporter reporter) {
    ProtoWriter resource = new ProtoWriter();
    BiConsumer<String, Object> each = attributes(resource, 1);
    each.accept("service.name", reporter.service());
    each.accept("service.namespace", reporter.namespace());
    each.accept("service.version", reporter.version());
    each.accept("telemetry.sdk.name", SCOPE);
    if (reporter.istioTags()) {
      each.accept("istio.canonical_service", reporter.app());
      each.accept("istio.canonical_revision", reporter.version());
      each.accept("istio.namespace", reporter.namespace());
    }
    return resource;
  }

  private static ProtoWriter server(HopTrace hop, TraceContext context, int most) {
    ProtoWriter span =
        span(context, context.span(), context.parent())
            .text(5, SpanFacts.name(hop))
            .number(6, SERVER)
            .fixed(7, hop.times().startedEpochNanos())
            .fixed(8, hop.times().ended());
    SpanFacts.hop(hop, most, attributes(span, 9));
    hop.link().ifPresent(link -> span.message(13, link(link)));
    if (hop.failed()) {
      String why = hop.failure().map(failure -> String.valueOf(failure.getMessage())).orElse("");
      span.message(15, new ProtoWriter().text(2, why).number(3, ERROR));
    }
    return span.fixed(16, context.flags() & TRACE_FLAGS & ~TraceContext.DEBUG);
  }

  private static ProtoWriter client(HopTrace hop, TraceContext context, AttemptFacts attempt) {
    boolean last = attempt.number() == hop.attempts().size();
    long ended = last && attempt.failure().isEmpty() ? 0 : attempt.answeredNanos();
    ProtoWriter span =
        span(context, attempt.span(), context.span())
            .text(5, SpanFacts.name(hop))
            .number(6, CLIENT)
            .fixed(7, hop.times().epoch(attempt.beganNanos()))
            .fixed(8, hop.times().epoch(ended));
    SpanFacts.attempt(hop, attempt, attributes(span, 9));
    if (SpanFacts.failed(attempt)) {
      String why = attempt.failure().map(one -> String.valueOf(one.getMessage())).orElse("");
      span.message(15, new ProtoWriter().text(2, why).number(3, ERROR));
    }
    return span.fixed(16, context.flags() & TRACE_FLAGS & ~TraceContext.DEBUG);
  }

  private static ProtoWriter span(TraceContext context, long id, long parent) {
    ProtoWriter span = new ProtoWriter().bytes(1, trace(context)).bytes(2, bytes(id));
    return parent == 0 ? span : span.bytes(4, bytes(parent));
  }

  private static ProtoWriter link(InferredLink link) {
    ProtoWriter written =
        new ProtoWriter().bytes(1, trace(link.to())).bytes(2, bytes(link.to().span()));
    BiConsumer<String, Object> each = attributes(written, 4);
    each.accept("weft.link", "inferred");
    each.accept("weft.link.by", link.by().word());
    return written;
  }

  /** Writes {@code KeyValue}s as a field of {@code into}. */
  private static BiConsumer<String, Object> attributes(ProtoWriter into, int field) {
    return (name, value) -> {
      ProtoWriter any =
          value instanceof Long number
              ? new ProtoWriter().present(3, number)
              : new ProtoWriter().text(1, value.toString());
      into.message(field, new ProtoWriter().text(1, name).message(2, any));
    };
  }

  private static byte[] trace(TraceContext context) {
    return Buffer.buffer(16).appendLong(context.high()).appendLong(context.low()).getBytes();
  }

  private static byte[] bytes(long id) {
    return Buffer.buffer(8).appendLong(id).getBytes();
  }
}
