package dev.weft.routing.telemetry.collect;

import dev.weft.routing.exchange.trace.AttemptFacts;
import dev.weft.routing.exchange.trace.InferredLink;
import dev.weft.routing.exchange.trace.TraceContext;
import dev.weft.routing.telemetry.trace.HopTrace;
import dev.weft.routing.telemetry.trace.SpanFacts;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.data.LinkData;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.data.StatusData;
import java.util.List;
import java.util.function.Consumer;

/**
 * Hops as spans of OpenTelemetry's SDK: of each one of the server, and below it one of the client
 * for each attempt. Takes some microseconds for each span, so not on an event loop; one thread at a
 * time.
 */
final class HopSpans {

  private static final int TRACE_FLAGS = 0xFF;

  private final Resource resource;
  private final int most;
  private final SpanAttributes.Gathering attributes = new SpanAttributes.Gathering();

  /**
   * @param most characters that a path's attribute has
   */
  HopSpans(Reporter reporter, int most) {
    this.resource = resource(reporter);
    this.most = most;
  }

  /** Whose spans they are. */
  Resource resource() {
    return resource;
  }

  private static Resource resource(Reporter reporter) {
    AttributesBuilder all =
        Attributes.builder()
            .put("service.name", reporter.service())
            .put("service.namespace", reporter.namespace())
            .put("service.version", reporter.version())
            .put("telemetry.distro.name", "weft");
    if (reporter.istioTags()) {
      all.put("istio.canonical_service", reporter.app())
          .put("istio.canonical_revision", reporter.version())
          .put("istio.namespace", reporter.namespace());
    }
    return Resource.getDefault().merge(Resource.create(all.build()));
  }

  /** Those of one hop, which has a context. */
  void of(HopTrace hop, Consumer<SpanData> each) {
    TraceContext context = hop.context().orElseThrow();
    HopSpan server = server(hop, context);
    each.accept(server);
    for (AttemptFacts attempt : hop.attempts()) {
      each.accept(client(hop, server, attempt));
    }
  }

  private HopSpan server(HopTrace hop, TraceContext context) {
    SpanFacts.hop(hop, most, attributes.begun());
    return new HopSpan(
        SpanFacts.name(hop),
        SpanKind.SERVER,
        SpanContext.create(
            context.traceId(),
            TraceContext.spanId(context.span()),
            flags(context),
            TraceState.getDefault()),
        context.parent() == 0 ? SpanContext.getInvalid() : before(context, context.parent()),
        hop.times().startedEpochNanos(),
        hop.times().ended(),
        attributes.taken(),
        hop.link().map(HopSpans::link).map(List::of).orElse(List.of()),
        hop.failed()
            ? failed(hop.failure().map(Throwable::getMessage).orElse(""))
            : StatusData.unset(),
        resource,
        debug(context));
  }

  private HopSpan client(HopTrace hop, HopSpan server, AttemptFacts attempt) {
    SpanContext parent = server.context();
    boolean last = attempt.number() == hop.attempts().size();
    long ended = last && attempt.failure().isEmpty() ? 0 : attempt.answeredNanos();
    SpanFacts.attempt(hop, attempt, attributes.begun());
    return new HopSpan(
        server.name(),
        SpanKind.CLIENT,
        SpanContext.create(
            parent.getTraceId(),
            TraceContext.spanId(attempt.span()),
            parent.getTraceFlags(),
            TraceState.getDefault()),
        parent,
        hop.times().epoch(attempt.beganNanos()),
        hop.times().epoch(ended),
        attributes.taken(),
        List.of(),
        SpanFacts.failed(attempt)
            ? failed(attempt.failure().map(Throwable::getMessage).orElse(""))
            : StatusData.unset(),
        resource,
        server.debug());
  }

  private static StatusData failed(String why) {
    return StatusData.create(StatusCode.ERROR, why);
  }

  private static LinkData link(InferredLink link) {
    return LinkData.create(
        before(link.to(), link.to().span()),
        Attributes.builder()
            .put("weft.link", "inferred")
            .put("weft.link.by", link.by().word())
            .build());
  }

  /** One of another process. */
  private static SpanContext before(TraceContext context, long span) {
    return SpanContext.createFromRemoteParent(
        context.traceId(), TraceContext.spanId(span), flags(context), TraceState.getDefault());
  }

  private static TraceFlags flags(TraceContext context) {
    return TraceFlags.fromByte((byte) (context.flags() & TRACE_FLAGS & ~TraceContext.DEBUG));
  }

  private static boolean debug(TraceContext context) {
    return (context.flags() & TraceContext.DEBUG) != 0;
  }
}
