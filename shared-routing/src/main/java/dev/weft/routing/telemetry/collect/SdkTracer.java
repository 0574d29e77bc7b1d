package dev.weft.routing.telemetry.collect;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.TracerProvider;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.context.propagation.TextMapPropagator;
import io.vertx.core.spi.tracing.VertxTracer;
import io.vertx.tracing.opentelemetry.OpenTelemetryOptions;
import io.vertx.tracing.opentelemetry.OpenTelemetryTracingFactory;

/**
 * OpenTelemetry's SDK behind the tracer of {@code vertx-opentelemetry}.
 *
 * @param scope that made the spans, as they tell
 * @param provider of the SDK, which makes spans of what the tracer is asked
 * @param propagator by which the tracer reads who came before, and tells who comes
 */
record SdkTracer(String scope, TracerProvider provider, TextMapPropagator propagator)
    implements OpenTelemetry {

  /** The tracer that is asked. Of its own traces, which nobody else looks at. */
  @SuppressWarnings("unchecked")
  VertxTracer<Object, Object> vertx() {
    return (VertxTracer<Object, Object>)
        new OpenTelemetryTracingFactory(this).tracer(new OpenTelemetryOptions());
  }

  @Override
  public Tracer getTracer(String library) {
    return provider.get(scope);
  }

  @Override
  public TracerProvider getTracerProvider() {
    return provider;
  }

  @Override
  public ContextPropagators getPropagators() {
    return ContextPropagators.create(propagator);
  }
}
