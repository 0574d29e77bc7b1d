package dev.weft.benchmarks;

import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.Workload;
import dev.weft.routing.snapshot.EdgeIndex;
import dev.weft.routing.telemetry.AccessLog;
import dev.weft.routing.telemetry.ExchangeObserver;
import dev.weft.routing.telemetry.MeshSignals;
import dev.weft.routing.telemetry.MeshSignals.Limits;
import dev.weft.routing.telemetry.RequestSignals;
import dev.weft.routing.telemetry.RequestSignals.Noted;
import dev.weft.routing.telemetry.Tap;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
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

/**
 * Guards what signals cost a request: an exchange is made and ends, without its connections, which
 * take 27 microseconds beside it.
 *
 * <p>Budget of {@code COUNTED} over {@code NOTHING}: 250 nanoseconds, 1 % of a request. A log's
 * lines are written by a thread of its own, which competes for the processor here.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class SignalsBenchmark {

  /** What is told. */
  @Param public Kind kind = Kind.NOTHING;

  private final Exchanges exchanges = new Exchanges();
  private final Map<String, String> labels = Map.of("app", "shop", "version", "v1");
  private Optional<AccessLog> log = Optional.empty();
  private ExchangeObserver observer = (exchange, ending) -> {};

  /** How much of it. */
  public enum Kind {
    /** Nobody hears how it ended. */
    NOTHING,
    /** By edge, outcome, rule and bucket: what every request pays. */
    COUNTED,
    /** And a line of the access log, which goes nowhere. */
    LOGGED
  }

  /** Builds what a process would have. */
  @Setup(Level.Trial)
  public void open() throws IOException {
    if (kind == Kind.NOTHING) {
      return;
    }
    if (kind == Kind.LOGGED) {
      log = Optional.of(AccessLog.start(OutputStream::nullOutputStream, 8192));
    }
    MeshSignals signals = new MeshSignals(1, Limits.DEFAULT, exchanges.loop.ticker());
    Workload own = new Workload("default", "gateway", "cluster.local", Map.of("app", "gateway"));
    Function<String, Optional<String>> none = host -> Optional.empty();
    observer =
        new RequestSignals(log, new Tap(), Noted.DEFAULT)
            .observer(new EdgeIndex(signals, own, 1, () -> none), "1");
  }

  /** Ends the log. */
  @TearDown(Level.Trial)
  public void close() {
    log.ifPresent(AccessLog::close);
  }

  /** One request. */
  @Benchmark
  public Exchange request() {
    Exchange exchange = exchanges.next("");
    exchange.attempt("127.0.0.1:80", labels, "unknown");
    observer.ended(exchange, Exchanges.FINE);
    return exchange;
  }
}
