package dev.weft.benchmarks;

import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.Decision;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.route.DecisionSink;
import dev.weft.routing.route.RouteTable;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
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
 * Guards the decision of a request, {@code RouteTable.decide}.
 *
 * <p>Budget: at most 1 microsecond at 10, 1,000 and 10,000 rules of each kind, and with {@code
 * -prof gc} the same bytes per decision at each length.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class DecisionBenchmark {

  private static final int HEADS = 1024; // asked in turn: one head alone would be learnt by heart
  private static final long SEED = 7;
  private static final Caller CALLER = Caller.anonymous("127.0.0.1", 40_000, 8080, false);

  /** How many rules. */
  @Param({"10", "1000", "10000"})
  public int rules;

  /** What tells one rule from another. */
  @Param public Kind kind = Kind.PREFIX;

  private RouteTable table = RouteTable.EMPTY;
  private List<RequestHead> heads = List.of();
  private int next;

  /** Compiles the table, and heads that reach rules all over it. */
  @Setup(Level.Trial)
  public void compile() {
    table = kind.table(rules);
    List<RequestHead> all = new ArrayList<>();
    for (int i = 0; i < HEADS; i++) {
      all.add(kind.head((int) ((long) i * rules / HEADS)));
    }
    Collections.shuffle(all, new Random(SEED));
    heads = List.copyOf(all);
  }

  /** One decision. */
  @Benchmark
  public Decision decide() {
    next = (next + 1) % HEADS;
    return table.decide(heads.get(next), CALLER, SEED * next, DecisionSink.NONE);
  }

  /** A kind of table. */
  public enum Kind {
    /** A path prefix each. */
    PREFIX {
      @Override
      RouteTable table(int rules) {
        return Tables.oneHost(rules, i -> "{uri: {prefix: /service-%d/}}".formatted(i));
      }

      @Override
      RequestHead head(int rule) {
        return get("app.test", "/service-" + rule + "/find");
      }
    },
    /** An exact path each. */
    EXACT {
      @Override
      RouteTable table(int rules) {
        return Tables.oneHost(rules, i -> "{uri: {exact: /service-%d}}".formatted(i));
      }

      @Override
      RequestHead head(int rule) {
        return get("app.test", "/service-" + rule);
      }
    },
    /** A value of one header each. */
    HEADER {
      @Override
      RouteTable table(int rules) {
        return Tables.oneHost(rules, i -> "{headers: {x-route: {exact: r%d}}}".formatted(i));
      }

      @Override
      RequestHead head(int rule) {
        return get("app.test", "/find", "x-route", "r" + rule);
      }
    },
    /** A host each. */
    HOST {
      @Override
      RouteTable table(int rules) {
        return Tables.manyHosts(rules);
      }

      @Override
      RequestHead head(int rule) {
        return get("app-" + rule + ".test", "/find");
      }
    };

    abstract RouteTable table(int rules);

    abstract RequestHead head(int rule);

    private static RequestHead get(String host, String path, String... header) {
      MultiMap headers = HttpHeaders.headers().add("user-agent", "jmh").add("accept", "*/*");
      if (header.length == 2) {
        headers.add(header[0], header[1]);
      }
      return new RequestHead("GET", "http", host, path, "", headers);
    }
  }
}
