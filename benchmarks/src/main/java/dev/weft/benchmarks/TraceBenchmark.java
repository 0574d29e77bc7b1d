package dev.weft.benchmarks;

import dev.weft.config.model.telemetry.TraceSettings;
import dev.weft.routing.clock.SystemTicker;
import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.exchange.Decision;
import dev.weft.routing.exchange.Decision.Forward;
import dev.weft.routing.exchange.Decision.RouteId;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.Exchange.Loop;
import dev.weft.routing.exchange.LocalResponse;
import dev.weft.routing.exchange.Request;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.exchange.Service;
import dev.weft.routing.exchange.Stage;
import dev.weft.routing.exchange.body.NoBody;
import dev.weft.routing.exchange.trace.TraceContext;
import dev.weft.routing.stage.trace.Spans;
import dev.weft.routing.stage.trace.TraceStage;
import dev.weft.routing.stage.trace.TraceStage.Wanted;
import dev.weft.routing.stage.trace.UnderWay;
import dev.weft.routing.telemetry.ExchangeObserver;
import dev.weft.routing.telemetry.ExchangeObserver.Ending;
import dev.weft.routing.telemetry.trace.SpanSink;
import dev.weft.routing.telemetry.trace.Tags;
import dev.weft.routing.telemetry.trace.TraceObserver;
import dev.weft.routing.telemetry.trace.TraceRing;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpVersion;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
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
import org.openjdk.jmh.annotations.Warmup;

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

  private static final String CAME = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0";
  private static final Ending FINE = new Ending(200, Optional.empty(), OptionalInt.empty(), 0, 0);

  /** What is done about traces. */
  @Param public Kind kind = Kind.NOTHING;

  private final Loop loop = new Loop(0, (delay, task) -> () -> {}, new SystemTicker());
  private final Caller caller = Caller.anonymous("127.0.0.1", 40_000, 8080, false);
  private final Decision decision =
      new Decision(
          new RouteId("default/shop#0", 0),
          new Forward(ClusterName.outbound("shop.test", 80, ""), 0),
          "/find",
          "shop.test",
          Optional.empty(),
          List.of());
  private final Future<Response> answer =
      Future.succeededFuture(new LocalResponse(200, Buffer.buffer()));
  private Service service =
      exchange -> {
        exchange.attempt("127.0.0.1:80", Map.of(), "unknown");
        return answer;
      };
  private ExchangeObserver observer = (exchange, ending) -> {};
  private long seed = 7;

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
    /** It is told to a collector, which takes it at once. */
    SAMPLED(true, "1");

    private final boolean noted;
    private final String flag;

    Kind(boolean noted, String flag) {
      this.noted = noted;
      this.flag = flag;
    }
  }

  /** Builds what a snapshot would have. */
  @Setup(Level.Trial)
  public void compile() {
    if (!kind.noted) {
      return;
    }
    observer =
        new TraceObserver(new TraceRing(), SpanSink.NONE, TraceSettings.DEFAULT, Tags.NONE, "1");
    Service noting =
        exchange -> {
          exchange.attempting(loop.ticker().nanos(), "CLOSED", Spans.attempt(exchange, 0));
          exchange.attempt("127.0.0.1:80", Map.of(), "unknown");
          exchange.answered(loop.ticker().nanos(), 200);
          return answer;
        };
    Stage stage = new TraceStage(new Wanted(0, TraceContext.W3C, true), new UnderWay());
    service = kind == Kind.KEPT ? noting : Stage.chain(List.of(stage), noting);
  }

  /** One request. */
  @Benchmark
  public Future<Response> request() {
    MultiMap headers =
        HttpHeaders.headers().add("host", "shop.test").add("x-request-id", "r").add("accept", "*");
    if (!kind.flag.isEmpty()) {
      headers.add("traceparent", CAME + kind.flag);
    }
    RequestHead head = new RequestHead("GET", "http", "shop.test", "/find", "", headers);
    Request request = new Request(head, HttpVersion.HTTP_1_1, false, new NoBody(), headers);
    Exchange exchange = new Exchange(request, caller, loop, seed++);
    exchange.decided(decision);
    Future<Response> served = service.serve(exchange);
    observer.ended(exchange, FINE);
    return served;
  }
}
