package dev.weft.routing.telemetry.collect;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.data.DelegatingSpanData;
import io.opentelemetry.sdk.trace.data.LinkData;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.opentelemetry.sdk.trace.samplers.SamplingResult;
import io.vertx.core.spi.tracing.VertxTracer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * OpenTelemetry's SDK behind the tracer of {@code vertx-opentelemetry}: it samples a share of the
 * calls, makes their spans, tells them in {@code traceparent}, and gives those that ended to the
 * exporter, in whose bounded queue they wait beside the hops. One for a process, with no thread of
 * its own. Any thread may enter.
 */
final class CallSpans {

  private static final String SCOPE = "io.vertx"; // whose calls they are
  private static final double PERCENT = 100;

  private final TraceExporter exporter;
  private final VertxTracer<Object, Object> tracer;
  private volatile @Nullable Wanted wanted;

  /** What holds now. */
  private record Wanted(Collector to, Sampler share) {}

  CallSpans(TraceExporter exporter) {
    this.exporter = exporter;
    SdkTracerProvider provider =
        SdkTracerProvider.builder().setSampler(new Share()).addSpanProcessor(new Ended()).build();
    this.tracer = new SdkTracer(SCOPE, provider, W3CTraceContextPropagator.getInstance()).vertx();
  }

  void tell(Collector to, double percent) {
    Sampler share = Sampler.parentBased(Sampler.traceIdRatioBased(percent / PERCENT));
    wanted = new Wanted(to, share);
  }

  VertxTracer<Object, Object> tracer() {
    return tracer;
  }

  /** That of the configuration which serves. */
  private final class Share implements Sampler {
    @Override
    public SamplingResult shouldSample(
        Context parent,
        String trace,
        String name,
        SpanKind kind,
        Attributes attributes,
        List<LinkData> links) {
      Wanted now = wanted;
      Sampler share = now == null ? Sampler.alwaysOff() : now.share;
      return share.shouldSample(parent, trace, name, kind, attributes, links);
    }

    @Override
    public String getDescription() {
      return "Share";
    }
  }

  private final class Ended implements SpanProcessor {
    @Override
    public void onStart(Context parent, ReadWriteSpan span) {}

    @Override
    public boolean isStartRequired() {
      return false;
    }

    @Override
    public void onEnd(ReadableSpan span) {
      Wanted now = wanted;
      if (now != null && span.getSpanContext().isSampled()) {
        SpanData told = span.toSpanData();
        exporter.offer((as, each) -> each.accept(new Call(told, as.resource())), now.to);
      }
    }

    @Override
    public boolean isEndRequired() {
      return true;
    }
  }

  /** A call, of whoever the collector's spans are. */
  private static final class Call extends DelegatingSpanData {

    private final Resource resource;

    private Call(SpanData told, Resource resource) {
      super(told);
      this.resource = resource;
    }

    @Override
    public Resource getResource() {
      return resource;
    }
  }
}
