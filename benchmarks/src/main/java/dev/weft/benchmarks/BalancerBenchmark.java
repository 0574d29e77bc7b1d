package dev.weft.benchmarks;

import dev.weft.config.model.TrafficPolicy;
import dev.weft.config.model.TrafficPolicy.ConsistentHash;
import dev.weft.config.model.TrafficPolicy.HashKey;
import dev.weft.config.model.TrafficPolicy.HashTable;
import dev.weft.config.model.TrafficPolicy.LoadBalancer;
import dev.weft.config.model.TrafficPolicy.LoadBalancer.Simple;
import dev.weft.config.model.TrafficPolicy.OutlierDetection;
import dev.weft.config.model.balance.Locality;
import dev.weft.config.model.balance.LocalityPolicy;
import dev.weft.config.model.balance.LocalityPolicy.Distribute;
import dev.weft.config.model.balance.LocalityPolicy.Share;
import dev.weft.routing.clock.SystemTicker;
import dev.weft.routing.cluster.Endpoint;
import dev.weft.routing.cluster.EndpointSet;
import dev.weft.routing.cluster.Pick;
import dev.weft.routing.cluster.Upstream;
import dev.weft.routing.cluster.UpstreamSettings;
import dev.weft.routing.cluster.UpstreamSettings.HttpChoice;
import dev.weft.routing.cluster.UpstreamTls;
import dev.weft.routing.cluster.balance.Vantage;
import dev.weft.routing.exchange.ClusterName;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
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
 * Guards the choice of an endpoint, {@code Upstream.pick}, health and ejections included.
 *
 * <p>Budget: at most 120 nanoseconds for each balancer at 10 and at 1,000 endpoints, but 200 for
 * peak EWMA and for a ring of 10 endpoints, and 500 for one of 1,000, which is searched among
 * 512,000 places; with {@code -prof gc} no bytes that grow with the endpoints.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class BalancerBenchmark {

  private static final int RING_POINTS = 1024;
  private static final int MAGLEV_SLOTS = 65_537;
  private static final long SEED = 7;
  private static final List<String> PLACES = List.of("eu/a", "eu/b", "us/a");

  private static final LocalityPolicy DISTRIBUTED =
      new LocalityPolicy(
          true,
          List.of(
              new Distribute(
                  Locality.parse("eu/*"),
                  List.of(
                      new Share(Locality.parse("eu/a"), 80),
                      new Share(Locality.parse("eu/b"), 20)))),
          List.of(),
          List.of());

  /** Without which nothing fails over. */
  private static final OutlierDetection DETECTION =
      new OutlierDetection(
          5,
          0,
          false,
          5,
          Duration.ofSeconds(10),
          Duration.ofSeconds(30),
          10,
          0,
          List.of(),
          Optional.empty());

  /** How many endpoints. */
  @Param({"10", "1000"})
  public int endpoints;

  /** How one of them is chosen. */
  @Param public Kind kind = Kind.ROUND_ROBIN;

  private final SplittableRandom random = new SplittableRandom(SEED);
  private Upstream upstream = upstream(Kind.ROUND_ROBIN);

  /** Fills the balancer. */
  @Setup(Level.Trial)
  public void fill() {
    upstream = upstream(kind);
    upstream.endpoints(
        new EndpointSet(
            IntStream.range(0, endpoints).mapToObj(BalancerBenchmark::endpoint).toList(), ""));
  }

  /** One choice; a hashing balancer gets another key each time. */
  @Benchmark
  public Optional<Endpoint> pick() {
    long draw = random.nextLong();
    return upstream.pick(new Pick(draw, OptionalLong.of(draw), List.of()));
  }

  private static Upstream upstream(Kind kind) {
    return new Upstream(
        new UpstreamSettings(
            ClusterName.outbound("backend.test", 80, ""),
            kind.policy(),
            HttpChoice.HTTP_1,
            Optional.empty(),
            new Vantage(Locality.parse("eu/a"), Map.of()),
            false),
        new SystemTicker(),
        new NeverOpen(),
        (endpoint, ejected) -> {});
  }

  private static Endpoint endpoint(int number) {
    String address = "10.0.%d.%d".formatted(number / 250, number % 250);
    String locality = PLACES.get(number % PLACES.size());
    return new Endpoint(address, 80, Map.of(), locality, 1, new UpstreamTls.Plaintext());
  }

  /** A balancer. */
  public enum Kind {
    /** One after the other. */
    ROUND_ROBIN,
    /** By chance. */
    RANDOM,
    /** The less busy of two. */
    LEAST_REQUEST,
    /** The sooner of two. */
    PEAK_EWMA,
    /** By a ring of hashes. */
    RING_HASH,
    /** By Maglev's table. */
    MAGLEV,
    /** The less busy of two of the nearest locality. */
    LOCALITY_FAILOVER,
    /** The less busy of two of the locality that is due. */
    LOCALITY_DISTRIBUTION;

    private Optional<HashTable> table() {
      return switch (this) {
        case ROUND_ROBIN, RANDOM, LEAST_REQUEST, PEAK_EWMA -> Optional.empty();
        case LOCALITY_FAILOVER, LOCALITY_DISTRIBUTION -> Optional.empty();
        case RING_HASH -> Optional.of(new HashTable.Ring(RING_POINTS));
        case MAGLEV -> Optional.of(new HashTable.Maglev(MAGLEV_SLOTS));
      };
    }

    private Simple simple() {
      return switch (this) {
        case ROUND_ROBIN -> Simple.ROUND_ROBIN;
        case RANDOM -> Simple.RANDOM;
        case PEAK_EWMA -> Simple.PEAK_EWMA;
        case LEAST_REQUEST, RING_HASH, MAGLEV -> Simple.LEAST_REQUEST;
        case LOCALITY_FAILOVER, LOCALITY_DISTRIBUTION -> Simple.LEAST_REQUEST;
      };
    }

    private LoadBalancer balancer() {
      Optional<LocalityPolicy> locality =
          this == LOCALITY_DISTRIBUTION ? Optional.of(DISTRIBUTED) : Optional.empty();
      Optional<ConsistentHash> hash =
          table().map(wanted -> new ConsistentHash(new HashKey.SourceIp(), wanted));
      return hash.map(LoadBalancer::of)
          .orElseGet(
              () -> new LoadBalancer(simple(), Optional.empty(), Optional.empty(), locality));
    }

    private TrafficPolicy policy() {
      return new TrafficPolicy(
          Optional.of(balancer()),
          Optional.empty(),
          this == LOCALITY_FAILOVER ? Optional.of(DETECTION) : Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Map.of());
    }
  }
}
