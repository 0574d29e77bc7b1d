package dev.weft.benchmarks;

import dev.weft.config.ConfigDocument;
import dev.weft.config.ConfigLoader;
import dev.weft.config.model.settings.PathHandling.Ambiguous;
import dev.weft.routing.authorization.Authorization;
import dev.weft.routing.authorization.AuthorizationCompiler;
import dev.weft.routing.authorization.Verdict;
import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.exchange.Workload;
import io.vertx.core.http.HttpHeaders;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
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
 * Guards what authorization costs a request, {@code Authorization.decide}.
 *
 * <p>Budget: at most 3 microseconds with 1,000 policies, and nothing, no byte either, with none.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class AuthorizationBenchmark {

  private static final int HEADS = 1024; // asked in turn: one head alone would be learnt by heart
  private static final long SEED = 7;
  private static final Workload SEARCH = new Workload("prod", "search", "cluster.local", Map.of());

  /** How many policies. */
  @Param({"0", "10", "1000"})
  public int policies;

  /** What tells one policy from another. */
  @Param public Kind kind = Kind.IDENTITY;

  private Authorization authorization = Authorization.NONE;
  private List<RequestHead> heads = List.of();
  private List<Caller> callers = List.of();
  private int next;

  /** What a policy asks for. */
  public enum Kind {
    /** An identity each, and a method. */
    IDENTITY(
        "{from: [{source: {principals: [cluster.local/ns/a/sa/caller-%d]}}],"
            + " to: [{operation: {methods: [GET]}}]}"),
    /** A folder each, for one namespace. */
    FOLDER("{from: [{source: {namespaces: [a]}}], to: [{operation: {paths: [/service-%d/*]}}]}"),
    /** The end of a path each. */
    SUFFIX("{to: [{operation: {paths: ['*-%d/find']}}]}");

    private final String rule;

    Kind(String rule) {
      this.rule = rule;
    }

    private String policy(int number) {
      return """
      apiVersion: security.istio.io/v1
      kind: AuthorizationPolicy
      metadata: {name: p%d, namespace: prod}
      spec: {rules: [%s]}
      """
          .formatted(number, rule.formatted(number));
    }
  }

  /** Compiles the policies, and requests that each of them allows. */
  @Setup(Level.Trial)
  public void compile() {
    String text =
        IntStream.range(0, policies).mapToObj(kind::policy).collect(Collectors.joining("---\n"));
    authorization =
        new AuthorizationCompiler(
                ConfigLoader.load(List.of(new ConfigDocument("b", "b.yaml", text))).config(),
                SEARCH,
                Ambiguous.STRICT)
            .requests();
    List<Integer> numbers = new ArrayList<>();
    for (int i = 0; i < HEADS; i++) {
      numbers.add((int) ((long) i * policies / HEADS));
    }
    Collections.shuffle(numbers, new Random(SEED));
    heads = numbers.stream().map(AuthorizationBenchmark::head).toList();
    callers = numbers.stream().map(AuthorizationBenchmark::caller).toList();
  }

  private static RequestHead head(int number) {
    return new RequestHead(
        "GET", "http", "app.test", "/service-" + number + "/find", "", HttpHeaders.headers());
  }

  private static Caller caller(int number) {
    return Caller.anonymous("127.0.0.1", 40_000, 15006, true)
        .to("127.0.0.1")
        .proved("spiffe://cluster.local/ns/a/sa/caller-" + number, "a");
  }

  /** One decision. */
  @Benchmark
  public Verdict decide() {
    next = (next + 1) % HEADS;
    RequestHead head = heads.get(next);
    return authorization.decide(head, head.headers(), callers.get(next), 8080);
  }
}
