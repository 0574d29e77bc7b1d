package dev.weft.routing.telemetry.collect;

import io.vertx.core.Context;
import io.vertx.core.spi.VertxTracerFactory;
import io.vertx.core.spi.tracing.SpanKind;
import io.vertx.core.spi.tracing.TagExtractor;
import io.vertx.core.spi.tracing.VertxTracer;
import io.vertx.core.tracing.TracingPolicy;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The tracer of a proxy's Vert.x: that of {@code vertx-opentelemetry} while a collector is told of
 * the program's own calls, none otherwise. A Vert.x keeps the tracer that it began with, and
 * configuration comes later; what is not asked for is not even loaded.
 *
 * <p>Only clients are asked for: the servers of a proxy, and what it sends on, have the policy
 * IGNORE, and {@link HopSpans} are told of them once they ended. Any thread may enter.
 */
public final class CallTracer implements VertxTracer<Object, Object> {

  private final TraceExporter exporter;
  private volatile @Nullable CallSpans spans; // once they were asked for
  private volatile boolean on;

  /**
   * @param exporter that carries the spans
   */
  public CallTracer(TraceExporter exporter) {
    this.exporter = exporter;
  }

  /** For {@code Vertx.builder().withTracer}: this one, whatever lies on the class path. */
  public VertxTracerFactory factory() {
    return options -> this;
  }

  /**
   * From now on a share of the calls is told. Called by the thread that compiles snapshots.
   *
   * @param percent from 0 to 100
   */
  public void tell(Collector to, double percent) {
    CallSpans made = spans;
    if (made == null) {
      made = new CallSpans(exporter);
      spans = made;
    }
    made.tell(to, percent);
    on = true;
  }

  /** From now on nobody is told of calls that begin. */
  public void quiet() {
    on = false;
  }

  @Override
  public <R> @Nullable Object sendRequest(
      Context context,
      SpanKind kind,
      TracingPolicy policy,
      R request,
      String operation,
      BiConsumer<String, String> headers,
      TagExtractor<R> tags) {
    CallSpans made = spans;
    return !on || made == null || policy == TracingPolicy.IGNORE
        ? null
        : made.tracer().sendRequest(context, kind, policy, request, operation, headers, tags);
  }

  @Override
  public <R> void receiveResponse(
      Context context,
      @Nullable R response,
      @Nullable Object call,
      @Nullable Throwable failure,
      TagExtractor<R> tags) {
    CallSpans made = spans;
    if (call != null && made != null) {
      made.tracer().receiveResponse(context, response, call, failure, tags);
    }
  }
}
