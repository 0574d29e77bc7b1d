package dev.weft.routing.cluster;

import dev.weft.config.model.TrafficPolicy;
import dev.weft.routing.clock.Ticker;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.resilience.CircuitBreaker;
import dev.weft.routing.resilience.RetryBudget;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;

/**
 * The running side of a cluster: endpoints, health, limits, breaker and budget. One for each
 * cluster name; it outlives snapshots, and a changed setting resets only what it governs. Any
 * thread may enter; nothing here waits.
 */
public final class Upstream {

  private static final int TRIES = 4;
  private static final double DEFAULT_BUDGET_PERCENT = 20;
  private static final int DEFAULT_BUDGET_MINIMUM = 3;

  /** For how long the last endpoints stay once there are none any more. */
  public static final Duration HOLD = Duration.ofSeconds(2);

  private final ClusterName name;
  private final Ticker ticker;
  private final CircuitBreaker breaker;
  private final BiConsumer<Endpoint, Boolean> ejections;
  private final AtomicInteger inFlight = new AtomicInteger();
  private final AtomicInteger retries = new AtomicInteger();
  private volatile UpstreamSettings settings;
  private volatile RetryBudget budget;
  private volatile Optional<OutlierDetector> outliers;
  private volatile Balanced balanced;
  private Optional<Vanishing> vanishing = Optional.empty();

  /** No endpoints, from a time on. */
  private record Vanishing(EndpointSet set, long atNanos) {}

  /** Endpoints and the balancer made for them: replaced together. */
  private record Balanced(EndpointSet set, Optional<LoadBalancer> balancer) {}

  /**
   * @param breaker of this cluster
   * @param ejections hears of an endpoint whether it was ejected (true) or is back (false)
   */
  public Upstream(
      UpstreamSettings settings,
      Ticker ticker,
      CircuitBreaker breaker,
      BiConsumer<Endpoint, Boolean> ejections) {
    this.name = settings.name();
    this.ticker = ticker;
    this.breaker = breaker;
    this.ejections = ejections;
    this.settings = settings;
    this.budget = budget(settings.policy());
    this.outliers = outliers(settings.policy());
    this.balanced = new Balanced(EndpointSet.EMPTY, Optional.empty());
  }

  private static RetryBudget budget(TrafficPolicy policy) {
    TrafficPolicy.RetryBudget wanted =
        policy
            .retryBudget()
            .orElse(new TrafficPolicy.RetryBudget(DEFAULT_BUDGET_PERCENT, DEFAULT_BUDGET_MINIMUM));
    return new RetryBudget(wanted.percent(), wanted.minRetryConcurrency());
  }

  private Optional<OutlierDetector> outliers(TrafficPolicy policy) {
    return policy.outlierDetection().map(wanted -> new OutlierDetector(wanted, ejections));
  }

  public ClusterName name() {
    return name;
  }

  public UpstreamSettings settings() {
    return settings;
  }

  /** Takes new settings; what they do not change goes on as it was. One thread at a time. */
  public void settings(UpstreamSettings wanted) {
    TrafficPolicy before = settings.policy();
    settings = wanted;
    if (!before.retryBudget().equals(wanted.policy().retryBudget())) {
      budget = budget(wanted.policy());
    }
    if (!before.outlierDetection().equals(wanted.policy().outlierDetection())) {
      outliers = outliers(wanted.policy());
    }
    if (!before.loadBalancer().equals(wanted.policy().loadBalancer())) {
      balanced = balanced(balanced.set);
    }
  }

  public EndpointSet endpoints() {
    return balanced.set;
  }

  /**
   * Takes new endpoints; those that stay keep their health. None at all is believed after {@link
   * #HOLD} only: until then the last ones stay, since a list that is empty for a moment must not
   * end what works. Any thread, not on a request's way.
   */
  public synchronized void endpoints(EndpointSet wanted) {
    boolean none = wanted.endpoints().isEmpty();
    if (!none || balanced.set.endpoints().isEmpty()) {
      vanishing = Optional.empty();
      take(wanted);
    } else {
      long at = vanishing.map(Vanishing::atNanos).orElse(ticker.nanos() + HOLD.toNanos());
      vanishing = Optional.of(new Vanishing(wanted, at));
    }
  }

  private void take(EndpointSet wanted) {
    List<Endpoint> before = balanced.set.endpoints();
    EndpointSet kept = wanted.keeping(balanced.set);
    if (!kept.equals(balanced.set)) {
      balanced = balanced(kept);
      Set<Endpoint> stay = Set.copyOf(kept.endpoints()); // compared by identity
      before.stream().filter(one -> !stay.contains(one)).forEach(Endpoint::leave);
    }
  }

  /** Its cluster is gone: connections finish what they do and close. */
  public void leave() {
    balanced.set.endpoints().forEach(Endpoint::leave);
  }

  private Balanced balanced(EndpointSet set) {
    return new Balanced(
        set,
        set.endpoints().isEmpty()
            ? Optional.empty()
            : Optional.of(LoadBalancers.of(settings.policy(), set.endpoints())));
  }

  public CircuitBreaker breaker() {
    return breaker;
  }

  public RetryBudget budget() {
    return budget;
  }

  /** Attempts under way, across all event loops. */
  public int inFlight() {
    return inFlight.get();
  }

  /**
   * The endpoint for an attempt: the balancer's choice, unless it is ejected, just failed or was
   * tried; then another by the same rules, and one that just failed or was tried only where nothing
   * else is left. The caller counts it in {@link Endpoint#inFlight()}.
   *
   * @return empty where there is none, or all are ejected
   */
  public Optional<Endpoint> pick(Pick pick) {
    Balanced now = balanced;
    if (now.balancer.isEmpty()) {
      return Optional.empty();
    }
    List<Endpoint> all = now.set.endpoints();
    long time = ticker.nanos();
    boolean panic = outliers.isPresent() && outliers.get().panic(all, time);
    long draw = pick.draw();
    for (int i = 0; i < TRIES; i++) {
      OptionalLongOnce hash = new OptionalLongOnce(pick, i);
      Endpoint endpoint = all.get(now.balancer.get().choose(draw, hash.value()));
      if (rank(endpoint, pick.tried(), time, panic) == 0) {
        return Optional.of(endpoint);
      }
      draw = Long.rotateLeft(draw * 0xBF58476D1CE4E5B9L, 31);
    }
    return lastResort(all, pick, time, panic);
  }

  /** The key's hash counts for the first try only; further ones go by chance. */
  private record OptionalLongOnce(Pick pick, int round) {
    OptionalLong value() {
      return round == 0 ? pick.hash() : OptionalLong.empty();
    }
  }

  private static Optional<Endpoint> lastResort(
      List<Endpoint> all, Pick pick, long time, boolean panic) {
    int from = (int) Long.remainderUnsigned(pick.draw(), all.size());
    Optional<Endpoint> best = Optional.empty();
    int bestRank = Rank.EJECTED;
    for (int i = 0; i < all.size(); i++) {
      Endpoint endpoint = all.get((from + i) % all.size());
      int rank = rank(endpoint, pick.tried(), time, panic);
      if (rank < bestRank) {
        bestRank = rank;
        best = Optional.of(endpoint);
      }
    }
    return best;
  }

  private static int rank(Endpoint endpoint, List<Endpoint> tried, long time, boolean panic) {
    if (!panic && endpoint.health().ejected(time)) {
      return Rank.EJECTED;
    }
    int rank = endpoint.health().chosenLast(time) ? Rank.JUST_FAILED : 0;
    return !tried.isEmpty() && tried.contains(endpoint) ? rank + Rank.TRIED : rank;
  }

  /** How much speaks against an endpoint. */
  private static final class Rank {
    private static final int JUST_FAILED = 1;
    private static final int TRIED = 2;
    private static final int EJECTED = 4;
  }

  /** Whether the limit of requests leaves room; {@code true} takes a place. */
  public boolean admit() {
    return entered(inFlight, settings.connectionPool().maxRequests());
  }

  /** Gives back the place that {@link #admit} took. */
  public void release() {
    inFlight.decrementAndGet();
  }

  /** Whether the limit of concurrent retries leaves room; {@code true} takes a place. */
  public boolean admitRetry() {
    return entered(retries, settings.connectionPool().maxRetries());
  }

  /** Gives back the place that {@link #admitRetry} took. */
  public void releaseRetry() {
    retries.decrementAndGet();
  }

  private static boolean entered(AtomicInteger count, OptionalInt limit) {
    if (count.incrementAndGet() > limit.orElse(Integer.MAX_VALUE)) {
      count.decrementAndGet();
      return false;
    }
    return true;
  }

  /** An endpoint answered. */
  public void answered(Endpoint endpoint, int status) {
    if (status < 500) {
      endpoint.health().succeeded();
    }
    if (outliers.isPresent()) {
      outliers.get().answered(endpoint, status, endpoints().endpoints(), ticker.nanos());
    }
  }

  /** An attempt at an endpoint failed without an answer. */
  public void failed(Endpoint endpoint, Cause cause) {
    long now = ticker.nanos();
    endpoint.health().failed(now);
    if (outliers.isPresent()) {
      outliers.get().failed(endpoint, cause, endpoints().endpoints(), now);
    }
  }

  /** Ends what was to last for a time: ejections, the last endpoints; to be called often. */
  public void sweep() {
    expire();
    outliers.ifPresent(detector -> detector.sweep(endpoints().endpoints(), ticker.nanos()));
  }

  private synchronized void expire() {
    if (vanishing.isPresent() && vanishing.get().atNanos - ticker.nanos() <= 0) {
      take(vanishing.get().set);
      vanishing = Optional.empty();
    }
  }
}
