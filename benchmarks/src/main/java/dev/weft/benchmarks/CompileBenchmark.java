package dev.weft.benchmarks;

import dev.weft.config.ConfigDocument;
import dev.weft.config.ConfigUnits;
import dev.weft.config.model.MeshConfig;
import dev.weft.routing.clock.SystemTicker;
import dev.weft.routing.cluster.Endpoint;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.exchange.Workload;
import dev.weft.routing.resilience.CircuitBreaker;
import dev.weft.routing.snapshot.Plan;
import dev.weft.routing.snapshot.Snapshot;
import dev.weft.routing.snapshot.SnapshotCompiler;
import dev.weft.routing.snapshot.UpstreamRegistry;
import java.util.ArrayList;
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
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Guards the edit of one weight among 10,000 mixed rules (prefixes, regexes, headers, methods) over
 * 1,000 hosts: reading and checking what changed, and compiling a snapshot.
 *
 * <p>Budget: {@link #read} and {@link #compile} together at most 60 ms warm, which leaves 40 of the
 * 100 ms of an edit to the quiet of 10 ms, the folder and publishing.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class CompileBenchmark {

  private static final int HOSTS = 1000;
  private static final String UNIT = "table";
  private static final UpstreamRegistry.Listener NOBODY =
      new UpstreamRegistry.Listener() {
        @Override
        public void breaker(ClusterName cluster, CircuitBreaker.State state) {
          // nobody asks
        }

        @Override
        public void ejection(ClusterName cluster, Endpoint endpoint, boolean ejected) {
          // nobody asks
        }
      };

  private final ConfigUnits units = new ConfigUnits(List.of(UNIT));
  private final List<ConfigDocument> documents = new ArrayList<>();
  private final SnapshotCompiler compiler =
      new SnapshotCompiler(
          new Workload("default", "edge", "cluster.local", Map.of()),
          new Plan(Map.of(), true, false),
          new UpstreamRegistry(new SystemTicker(), (name, told) -> new NeverOpen(), NOBODY),
          (version, log) -> (exchange, ending) -> {},
          List.of());
  private final List<MeshConfig> read = new ArrayList<>(); // with one weight and with another
  private long version;

  /** Reads the table twice, with an edited weight between. */
  @Setup(Level.Trial)
  public void begin() {
    for (int i = 0; i < HOSTS; i++) {
      documents.add(new ConfigDocument(UNIT, "app-" + i + ".yaml", app(i, 95)));
    }
    read.add(read());
    read.add(read());
  }

  private static String app(int i, int weight) {
    StringBuilder rules = new StringBuilder();
    for (int rule = 0; rule < 3; rule++) {
      rules.append("  - {match: [{uri: {prefix: /p%d/}}], %s}\n".formatted(rule, to(i)));
      rules.append("  - {match: [{uri: {regex: '/r%d/[0-9]+'}}], %s}\n".formatted(rule, to(i)));
      rules.append(
          "  - {match: [{headers: {x-user: {exact: u%d}}, method: {exact: GET}}], %s}\n"
              .formatted(rule, to(i)));
    }
    return """
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: app-%1$d}
    spec:
      hosts: [app-%1$d.test]
      http:
    %2$s  - route:
        - {destination: {host: backend-%1$d.test, subset: v1}, weight: %3$d}
        - {destination: {host: backend-%1$d.test, subset: v2}, weight: %4$d}
    ---
    apiVersion: networking.istio.io/v1
    kind: ServiceEntry
    metadata: {name: backend-%1$d}
    spec:
      hosts: [backend-%1$d.test]
      resolution: STATIC
      ports: [{number: 80, name: http, protocol: HTTP}]
      endpoints:
      - {address: 127.0.0.1, labels: {version: v1}}
      - {address: 127.0.0.2, labels: {version: v2}}
    """
        .formatted(i, rules, weight, 100 - weight);
  }

  private static String to(int i) {
    return "route: [{destination: {host: backend-%d.test}}]".formatted(i);
  }

  /** Reads and checks the folder after one weight was edited. */
  @Benchmark
  public MeshConfig read() {
    int weight = ++version % 2 == 0 ? 95 : 50;
    documents.set(
        HOSTS / 2, new ConfigDocument(UNIT, "app-" + HOSTS / 2 + ".yaml", app(HOSTS / 2, weight)));
    return units.change(UNIT, Map.of(UNIT, List.copyOf(documents))).config().orElseThrow();
  }

  /** Compiles it. */
  @Benchmark
  public Snapshot compile() {
    return compiler.compile(++version, read.get((int) (version % 2)), Map.of());
  }
}
