package dev.weft.routing.telemetry;

import dev.weft.routing.clock.Ticker;
import dev.weft.routing.telemetry.MeshSignals.Family;
import dev.weft.routing.telemetry.MeshSignals.Sample;
import dev.weft.routing.telemetry.MeshSignals.Spread;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * How full a proxy is, and how old what it relies on: what Istio's metrics do not tell. Registers
 * the {@code weft_*} families over values that others keep; suppliers are asked at each scrape, on
 * the thread that scrapes, so they must be quick and safe from any thread.
 */
public final class Saturation {

  private static final List<String> BY_CLUSTER = List.of("cluster");
  private static final List<String> BY_LIMIT = List.of("limit");
  private static final double MILLIS = 1000;
  private static final double NANOS = 1e9;

  private final MeshSignals signals;

  /** Registers nothing by itself. */
  public Saturation(MeshSignals signals) {
    this.signals = signals;
  }

  /**
   * An upstream at one moment.
   *
   * @param cluster {@code ClusterName} as text; each once
   * @param inFlight attempts under way
   * @param connections open
   * @param pending requests that wait for a connection
   * @param healthy endpoints that get requests
   * @param unhealthy endpoints that do not: ejected, failing their checks
   * @param breaker state of its circuit breaker
   * @param retryTokens retries that its budget would allow now
   */
  public record Cluster(
      String cluster,
      long inFlight,
      long connections,
      long pending,
      long healthy,
      long unhealthy,
      Breaker breaker,
      long retryTokens) {}

  /** A breaker's state. */
  public enum Breaker {
    CLOSED(0),
    HALF_OPEN(1),
    OPEN(2);

    private final long value;

    Breaker(long value) {
      this.value = value;
    }
  }

  /**
   * The configuration that serves.
   *
   * @param rejected changes refused since the start
   */
  public record Config(String version, long appliedEpochMillis, long rejected) {}

  /** Tells in-flight, connections, queue, endpoints, breaker and budget by cluster. */
  public void clusters(Supplier<List<Cluster>> now) {
    byCluster(MetricNames.IN_FLIGHT, "Attempts under way.", now, Cluster::inFlight);
    byCluster(MetricNames.CONNECTIONS, "Open connections.", now, Cluster::connections);
    byCluster(MetricNames.PENDING, "Requests that wait for a connection.", now, Cluster::pending);
    byCluster(
        MetricNames.RETRY_TOKENS,
        "Retries that the budget would allow now.",
        now,
        Cluster::retryTokens);
    byCluster(
        MetricNames.BREAKER_STATE,
        "State of the circuit breaker: 0 closed, 1 half-open, 2 open.",
        now,
        cluster -> cluster.breaker().value);
    signals.gauge(
        new Family(
            MetricNames.ENDPOINTS, "Endpoints by their health.", List.of("cluster", "state")),
        () ->
            now.get().stream()
                .flatMap(
                    each ->
                        Stream.of(
                            new Sample(List.of(each.cluster(), "healthy"), (double) each.healthy()),
                            new Sample(
                                List.of(each.cluster(), "unhealthy"), (double) each.unhealthy())))
                .toList());
  }

  /**
   * What an upstream can take at once.
   *
   * @param limit empty while it is not overloaded
   * @param shed since the start
   */
  public record Overload(String cluster, OptionalInt limit, long shed) {}

  /** Tells where more comes than can be done, and how much of it was shed. */
  public void overload(Supplier<List<Overload>> now) {
    signals.gauge(
        new Family(
            MetricNames.OVERLOAD_LIMIT,
            "Attempts at once while the upstream is overloaded.",
            BY_CLUSTER),
        () ->
            now.get().stream()
                .filter(each -> each.limit().isPresent())
                .map(each -> new Sample(List.of(each.cluster()), each.limit().getAsInt()))
                .toList());
    signals.counter(
        new Family(
            MetricNames.OVERLOAD_SHED,
            "Attempts that were shed, since more would only have waited.",
            BY_CLUSTER),
        () ->
            now.get().stream()
                .map(each -> new Sample(List.of(each.cluster()), each.shed()))
                .toList());
  }

  /**
   * Tells which program it is.
   *
   * @param component as Istio names it: {@code proxy}
   * @param tag its version
   */
  public void build(String component, String tag) {
    signals.gauge(
        new Family(
            MetricNames.BUILD, "1, with the version of the program.", List.of("component", "tag")),
        () -> List.of(new Sample(List.of(component, tag), 1)));
  }

  /** Tells version and age of the configuration, and how many changes were refused. */
  public void config(Supplier<Config> serving, Ticker ticker) {
    signals.gauge(
        new Family(
            MetricNames.CONFIG_VERSION, "1, with the version that serves.", List.of("version")),
        () -> List.of(new Sample(List.of(serving.get().version()), 1)));
    signals.gauge(
        new Family(
            MetricNames.CONFIG_AGE,
            "Seconds since the version that serves was applied.",
            List.of()),
        () -> one((ticker.epochMillis() - serving.get().appliedEpochMillis()) / MILLIS));
    signals.counter(
        new Family(MetricNames.CONFIG_REJECTED, "Changes that were refused.", List.of()),
        () -> one((double) serving.get().rejected()));
  }

  /**
   * Tells what is wrong with the configuration that serves.
   *
   * @param counts of warnings, by code
   */
  public void findings(Supplier<Map<String, Long>> counts) {
    signals.gauge(
        new Family(
            MetricNames.CONFIG_FINDINGS,
            "Warnings of the configuration that serves, what its lint found included.",
            List.of("code")),
        () -> labelled(counts.get()));
  }

  /**
   * Tells when certificates end.
   *
   * @param expiries milliseconds since 1970, by identity
   */
  public void certificates(Supplier<Map<String, Long>> expiries) {
    signals.gauge(
        new Family(
            MetricNames.CERTIFICATE_EXPIRY,
            "When the certificate ends, in seconds since 1970.",
            List.of("identity")),
        () ->
            expiries.get().entrySet().stream()
                .map(each -> new Sample(List.of(each.getKey()), each.getValue() / MILLIS))
                .toList());
  }

  /**
   * Tells of how many certificates something is wrong.
   *
   * @param counts by kind
   */
  public void certificateFaults(Supplier<Map<String, Long>> counts) {
    signals.gauge(
        new Family(
            MetricNames.CERTIFICATE_FAULTS,
            "Certificates with which something is wrong.",
            List.of("kind")),
        () -> labelled(counts.get()));
  }

  /**
   * Tells what was turned away.
   *
   * @param counts by reason, e.g. {@link LogOncePerMinute#counts}
   */
  public void refusals(Supplier<Map<String, Long>> counts) {
    signals.counter(
        new Family(
            MetricNames.REFUSALS, "Connections and requests turned away.", List.of("reason")),
        () -> labelled(counts.get()));
  }

  /**
   * Tells why requests ended without their service's answer.
   *
   * @param counts by cause, see {@code docs/causes.md}
   */
  public void failures(Supplier<Map<String, Long>> counts) {
    signals.counter(
        new Family(
            MetricNames.FAILURES,
            "Requests that ended without their service's answer.",
            List.of("cause")),
        () -> labelled(counts.get()));
  }

  /**
   * Tells of rate limits.
   *
   * @param refused requests, by the rule or service that is limited
   * @param keys that are known, likewise
   */
  public void limits(Supplier<Map<String, Long>> refused, Supplier<Map<String, Long>> keys) {
    signals.counter(
        new Family(MetricNames.RATE_LIMITED, "Requests beyond a rate limit.", BY_LIMIT),
        () -> labelled(refused.get()));
    signals.gauge(
        new Family(MetricNames.RATE_LIMIT_KEYS, "Keys that a rate limit knows.", BY_LIMIT),
        () -> labelled(keys.get()));
  }

  /**
   * Tells of limits for all proxies together.
   *
   * @param answers whether a Redis does, by its address
   * @param alone requests that were counted without it, by the reason
   */
  public void sharedLimits(
      Supplier<Map<String, Boolean>> answers, Supplier<Map<String, Long>> alone) {
    signals.gauge(
        new Family(
            MetricNames.RATE_LIMIT_REDIS,
            "1 while the Redis of shared rate limits answers.",
            List.of("redis")),
        () ->
            answers.get().entrySet().stream()
                .map(each -> new Sample(List.of(each.getKey()), each.getValue() ? 1 : 0))
                .toList());
    signals.counter(
        new Family(
            MetricNames.RATE_LIMIT_ALONE,
            "Requests of shared rate limits that this proxy counted alone.",
            List.of("reason")),
        () -> labelled(alone.get()));
  }

  /**
   * Tells how late event loops are.
   *
   * @param delays in milliseconds, by the loop's index
   */
  public void loops(Supplier<List<Histogram>> delays) {
    signals.histogram(
        new Family(
            MetricNames.LOOP_DELAY,
            "How late an event loop begins what is due, in milliseconds.",
            List.of("loop")),
        scrape -> {
          List<Histogram> all = delays.get();
          return IntStream.range(0, all.size())
              .mapToObj(loop -> new Spread(List.of(Integer.toString(loop)), all.get(loop)))
              .toList();
        });
  }

  /**
   * Tells how attempts waited for connections.
   *
   * @param counts of those that wait no more, by cluster
   * @param nanos that they waited, likewise
   */
  public void waits(Supplier<Map<String, Long>> counts, Supplier<Map<String, Long>> nanos) {
    signals.counter(
        new Family(MetricNames.WAITED, "Attempts that waited for a connection.", BY_CLUSTER),
        () -> labelled(counts.get()));
    signals.counter(
        new Family(MetricNames.WAITED_SECONDS, "How long they did, all together.", BY_CLUSTER),
        () -> labelled(nanos.get(), one -> one / NANOS));
  }

  /**
   * Tells what was not told apart from others, since there would be too many series.
   *
   * @param counts by kind
   */
  public void overflow(Supplier<Map<String, Long>> counts) {
    signals.counter(
        new Family(
            MetricNames.OVERFLOW,
            "What was counted in a series of less detail, since there are too many.",
            List.of("kind")),
        () -> labelled(counts.get()));
  }

  private static <T> List<Sample> labelled(Map<String, T> values, ToDoubleFunction<T> value) {
    return values.entrySet().stream()
        .map(each -> new Sample(List.of(each.getKey()), value.applyAsDouble(each.getValue())))
        .toList();
  }

  /**
   * Tells what became of the spans of sampled requests.
   *
   * @param sent requests whose spans a collector took
   * @param dropped those whose spans were lost, by the reason
   */
  public void traces(LongSupplier sent, Supplier<Map<String, Long>> dropped) {
    signals.counter(
        new Family(
            MetricNames.TRACES_SENT, "Sampled requests whose spans a collector took.", List.of()),
        () -> one((double) sent.getAsLong()));
    signals.counter(
        new Family(
            MetricNames.TRACES_DROPPED,
            "Sampled requests whose spans were lost.",
            List.of("reason")),
        () -> labelled(dropped.get()));
  }

  private static List<Sample> labelled(Map<String, Long> values) {
    return values.entrySet().stream()
        .map(each -> new Sample(List.of(each.getKey()), each.getValue()))
        .toList();
  }

  /** Tells how many access log lines were lost, e.g. {@link AccessLog#dropped}. */
  public void accessLog(LongSupplier dropped) {
    signals.counter(
        new Family(MetricNames.ACCESS_LOG_DROPPED, "Access log lines that were lost.", List.of()),
        () -> one((double) dropped.getAsLong()));
  }

  /**
   * Tells how much of bodies is in memory, e.g. {@code Buffered.bytes}.
   *
   * @param bytes of the process
   */
  public void buffered(LongSupplier bytes) {
    signals.gauge(
        new Family(
            MetricNames.BUFFERED,
            "Bytes of bodies that wait for a side that does not read, or for a further attempt.",
            List.of()),
        () -> one((double) bytes.getAsLong()));
  }

  private void byCluster(
      String name, String help, Supplier<List<Cluster>> now, Function<Cluster, Long> value) {
    signals.gauge(
        new Family(name, help, BY_CLUSTER),
        () ->
            now.get().stream()
                .map(each -> new Sample(List.of(each.cluster()), value.apply(each)))
                .toList());
  }

  private static List<Sample> one(double value) {
    return List.of(new Sample(List.of(), value));
  }
}
