package dev.weft.benchmarks;

import dev.weft.config.model.telemetry.TraceProvider;
import dev.weft.config.model.telemetry.TraceProvider.Protocol;
import dev.weft.config.problem.Place;
import dev.weft.routing.clock.SystemTicker;
import dev.weft.routing.telemetry.LogOncePerMinute;
import dev.weft.routing.telemetry.collect.CallTracer;
import dev.weft.routing.telemetry.collect.Collector;
import dev.weft.routing.telemetry.collect.Reporter;
import dev.weft.routing.telemetry.collect.TraceExporter;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.spi.tracing.SpanKind;
import io.vertx.core.spi.tracing.TagExtractor;
import io.vertx.core.spi.tracing.VertxTracer;
import io.vertx.core.tracing.TracingPolicy;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;
import org.slf4j.LoggerFactory;

/**
 * Guards what the tracer of a proxy's Vert.x costs a request that is carried: what Vert.x asks it
 * on the way, as {@code Http1xServerRequest} and {@code Http1xClientConnection} do, with the policy
 * of listeners and of connections to endpoints.
 *
 * <p>Budget over {@code NONE}: 20 nanoseconds, of the 27 microseconds that a request takes.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class CallTracerBenchmark {

  /** Which tracer there is. */
  @Param public Kind kind = Kind.NONE;

  private final Vertx vertx = Vertx.vertx();
  private final Context context = vertx.getOrCreateContext();
  private final MultiMap headers = HttpHeaders.headers();
  private final TagExtractor<String> tags = TagExtractor.empty();
  private @Nullable VertxTracer<Object, Object> tracer;

  /** How far tracing goes. */
  public enum Kind {
    /** As before there was one. */
    NONE,
    /** No Telemetry names a collector. */
    QUIET,
    /** One does, and every call of the program's own is told. */
    TELLS
  }

  /** Makes the tracer that a proxy has. */
  @Setup(Level.Trial)
  public void tracer() {
    if (kind == Kind.NONE) {
      return;
    }
    CallTracer made =
        new CallTracer(
            new TraceExporter(
                new LogOncePerMinute(
                    LoggerFactory.getLogger(CallTracerBenchmark.class), new SystemTicker())));
    if (kind == Kind.TELLS) {
      made.tell(collector(), 100);
    }
    tracer = made;
  }

  /** Ends its threads. */
  @TearDown(Level.Trial)
  public void close() {
    vertx.close();
  }

  private static Collector collector() {
    return new Collector(
        new TraceProvider(
            "otel",
            Protocol.OTLP_HTTP,
            "otel.test",
            4318,
            "/v1/traces",
            Duration.ofSeconds(3),
            Map.of(),
            256,
            new Place("a.yaml", 1, 1)),
        exchange -> Future.failedFuture("nobody is there"),
        new Reporter("shop.prod", "prod", "shop", "v1", true));
  }

  /** One request. */
  @Benchmark
  public void request(Blackhole told) {
    VertxTracer<Object, Object> server = tracer;
    if (server != null) {
      told.consume(
          server.receiveRequest(
              context, SpanKind.RPC, TracingPolicy.IGNORE, "request", "GET", headers, tags));
    }
    VertxTracer<Object, Object> client = tracer;
    if (client != null) {
      told.consume(
          client.sendRequest(
              context, SpanKind.RPC, TracingPolicy.IGNORE, "request", "GET", headers::add, tags));
    }
    VertxTracer<Object, Object> answer = tracer;
    if (answer != null) {
      answer.sendResponse(context, "response", null, null, tags);
    }
  }
}
