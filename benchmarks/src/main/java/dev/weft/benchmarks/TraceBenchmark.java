package dev.weft.benchmarks;

import dev.weft.config.model.telemetry.TraceProvider;
import dev.weft.config.model.telemetry.TraceProvider.Protocol;
import dev.weft.config.model.telemetry.TraceSettings;
import dev.weft.config.problem.Place;
import dev.weft.routing.clock.SystemTicker;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.LocalResponse;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.exchange.Service;
import dev.weft.routing.exchange.Stage;
import dev.weft.routing.exchange.trace.TraceContext;
import dev.weft.routing.stage.trace.Spans;
import dev.weft.routing.stage.trace.TraceStage;
import dev.weft.routing.stage.trace.TraceStage.Wanted;
import dev.weft.routing.stage.trace.UnderWay;
import dev.weft.routing.telemetry.ExchangeObserver;
import dev.weft.routing.telemetry.LogOncePerMinute;
import dev.weft.routing.telemetry.collect.Collector;
import dev.weft.routing.telemetry.collect.Reporter;
import dev.weft.routing.telemetry.collect.TraceExporter;
import dev.weft.routing.telemetry.trace.SpanSink;
import dev.weft.routing.telemetry.trace.Tags;
import dev.weft.routing.telemetry.trace.TraceObserver;
import dev.weft.routing.telemetry.trace.TraceRing;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.VertxInternal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
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
import org.slf4j.LoggerFactory;

/**
 * Guards what traces cost a request: an exchange is made, asks one endpoint and ends, without its
 * connections, which take 27 microseconds beside it.
 *
 * <p>Budget over {@code NOTHING}: 150 nanoseconds and no byte for {@code KEPT}, which every request
 * pays, and 500 for {@code NOT_SAMPLED}, of which the request's own further header is a part.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class TraceBenchmark {

  /** What is done about traces. */
  @Param public Kind kind = Kind.NOTHING;

  private final Exchanges exchanges = new Exchanges();
  private final Vertx vertx = Vertx.vertx();
  private Service service =
      exchange -> {
        exchange.attempt("127.0.0.1:80", Map.of(), "unknown");
        return exchanges.answer;
      };
  private ExchangeObserver observer = (exchange, ending) -> {};

  /** How far it goes. */
  public enum Kind {
    /** As before there were traces. */
    NOTHING(false, ""),
    /** No Telemetry: attempts are noted, and how it ended is looked at. */
    KEPT(true, ""),
    /** It came with a trace that is not sampled. */
    NOT_SAMPLED(true, "0"),
    /** It came without one, and is not among the share. */
    FRESH(true, ""),
    /** It is told to whoever reports it, which takes it at once. */
    SAMPLED(true, "1"),
    /** And its two spans are written down for a collector, by batches, and carried to nobody. */
    WRITTEN(true, "1");

    private final boolean noted;
    private final String flag;

    Kind(boolean noted, String flag) {
      this.noted = noted;
      this.flag = flag;
    }
  }

  /** Builds what a snapshot would have. */
  @Setup(Level.Trial)
  public void compile() throws Exception {
    if (!kind.noted) {
      return;
    }
    SpanSink sink = kind == Kind.WRITTEN ? collector() : SpanSink.NONE;
    observer = new TraceObserver(new TraceRing(), sink, TraceSettings.DEFAULT, Tags.NONE, "1");
    Service noting =
        exchange -> {
          exchange.attempting(
              exchanges.loop.ticker().nanos(), "CLOSED", Spans.attempt(exchange, 0));
          exchange.attempt("127.0.0.1:80", Map.of(), "unknown");
          exchange.answered(exchanges.loop.ticker().nanos(), 200);
          return exchanges.answer;
        };
    Stage stage = new TraceStage(new Wanted(0, TraceContext.W3C, true), new UnderWay());
    service = kind == Kind.KEPT ? noting : Stage.chain(List.of(stage), noting);
  }

  /** Ends its threads. */
  @TearDown(Level.Trial)
  public void close() {
    vertx.close();
  }

  /** On the thread that offers, which is none of Vert.x. */
  private SpanSink collector() throws Exception {
    LogOncePerMinute log =
        new LogOncePerMinute(LoggerFactory.getLogger(TraceBenchmark.class), new SystemTicker());
    TraceProvider provider =
        new TraceProvider(
            "otel",
            Protocol.OTLP_HTTP,
            "otel.test",
            4318,
            "/v1/traces",
            Duration.ofSeconds(3),
            Map.of(),
            256,
            new Place("a.yaml", 1, 1));
    Service taking = report -> Future.succeededFuture(new LocalResponse(200, Buffer.buffer()));
    TraceExporter exporter = new TraceExporter(log);
    Context own = ((VertxInternal) vertx).createEventLoopContext();
    Future<?> from = exporter.from(exchanges.loop, own).deploy(own);
    if (!from.succeeded()) {
      throw new IllegalStateException("no tracer", from.cause());
    }
    Reporter reporter = new Reporter("shop.prod", "prod", "shop", "v1", true);
    return exporter.to(new Collector(provider, taking, reporter));
  }

  /** One request. */
  @Benchmark
  public Future<Response> request() {
    Exchange exchange = exchanges.next(kind.flag);
    Future<Response> served = service.serve(exchange);
    observer.ended(exchange, Exchanges.FINE);
    return served;
  }
}
