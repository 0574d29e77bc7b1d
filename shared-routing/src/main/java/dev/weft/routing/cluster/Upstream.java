package dev.weft.routing.cluster;

import dev.weft.config.model.TrafficPolicy;
import dev.weft.config.model.balance.HealthCheck;
import dev.weft.routing.clock.Ticker;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.resilience.CircuitBreaker;
import dev.weft.routing.resilience.RetryBudget;
import dev.weft.routing.resilience.overload.AdaptiveLimit;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;

/**
 * The running side of a cluster: endpoints, health, limits, breaker and budget. One for each
 * cluster name; it outlives snapshots, and a changed setting resets only what it governs. Any
 * thread may enter; nothing here waits.
 */
public final class Upstream {

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
  private final AdaptiveLimit overload = new AdaptiveLimit();
  private final Originals originals = new Originals();
  private volatile UpstreamSettings settings;
  private volatile RetryBudget budget;
  private volatile Optional<OutlierDetector> outliers;
  private volatile boolean measures;
  private volatile boolean asMeant;
  private volatile Balanced balanced;
  private Optional<Vanishing> vanishing = Optional.empty();

  /** No endpoints, from a time on. */
  private record Vanishing(EndpointSet set, long atNanos) {}

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
    this.measures = settings.measures();
    this.asMeant = settings.asMeant();
    this.balanced = new Balanced(EndpointSet.EMPTY, settings, ticker);
  }

  private static RetryBudget budget(TrafficPolicy policy) {
    TrafficPolicy.RetryBudget wanted =
        policy
            .retryBudget()
            .orElse(new TrafficPolicy.RetryBudget(DEFAULT_BUDGET_PERCENT, DEFAULT_BUDGET_MINIMUM));
    return new RetryBudget(wanted.percent(), wanted.minRetryConcurrency());
  }

  private Optional<OutlierDetector> outliers(TrafficPolicy policy) {
    return policy
        .outlierDetection()
        .map(
            wanted ->
                new OutlierDetector(
                    wanted,
                    (endpoint, ejected) -> {
                      weigh();
                      ejections.accept(endpoint, ejected);
                    }));
  }

  public ClusterName name() {
    return name;
  }

  public UpstreamSettings settings() {
    return settings;
  }

  /** Takes new settings; what they do not change goes on as it was. One thread at a time. */
  public void settings(UpstreamSettings wanted) {
    UpstreamSettings last = settings;
    TrafficPolicy before = last.policy();
    take(wanted);
    measures = wanted.measures();
    asMeant = wanted.asMeant();
    if (!before.retryBudget().equals(wanted.policy().retryBudget())) {
      budget = budget(wanted.policy());
    }
    if (!before.outlierDetection().equals(wanted.policy().outlierDetection())) {
      outliers = outliers(wanted.policy());
    }
    boolean balance =
        !before.loadBalancer().equals(wanted.policy().loadBalancer())
            || before.outlierDetection().isPresent() != outliers.isPresent()
            || !last.vantage().equals(wanted.vantage());
    if (balance) {
      rebalance();
    }
    weigh();
  }

  /** What was found by another check says nothing any more. */
  private synchronized void take(UpstreamSettings wanted) {
    boolean other = !settings.healthCheck().equals(wanted.healthCheck());
    settings = wanted;
    if (other) {
      endpoints().endpoints().forEach(endpoint -> endpoint.health().unchecked());
    }
  }

  private synchronized void rebalance() {
    balanced = new Balanced(balanced.set(), settings, ticker);
  }

  public EndpointSet endpoints() {
    return balanced.set();
  }

  /**
   * Takes new endpoints; those that stay keep their health. None at all is believed after {@link
   * #HOLD} only: until then the last ones stay, since a list that is empty for a moment must not
   * end what works. Any thread, not on a request's way.
   */
  public synchronized void endpoints(EndpointSet wanted) {
    boolean none = !wanted.leads();
    if (!none || balanced.set().endpoints().isEmpty()) {
      vanishing = Optional.empty();
      take(wanted);
    } else {
      long at = vanishing.map(Vanishing::atNanos).orElse(ticker.nanos() + HOLD.toNanos());
      vanishing = Optional.of(new Vanishing(wanted, at));
    }
  }

  private void take(EndpointSet wanted) {
    List<Endpoint> before = endpoints().endpoints();
    int[] weights = endpoints().weights();
    EndpointSet kept = wanted.keeping(endpoints());
    boolean same = kept.equals(endpoints()) && Arrays.equals(weights, kept.weights());
    if (!same) {
      welcome(kept.endpoints(), before);
      balanced = new Balanced(kept, settings, ticker);
      weigh();
      Set<Endpoint> stay = Set.copyOf(kept.endpoints()); // compared by identity
      before.stream().filter(one -> !stay.contains(one)).forEach(Endpoint::leave);
      originals.use(kept.original());
    }
  }

  /** Those that join others are new; the first ones were there before this proxy. */
  private void welcome(List<Endpoint> all, List<Endpoint> before) {
    if (before.isEmpty()) {
      return;
    }
    Set<String> known = before.stream().map(Endpoint::address).collect(Collectors.toSet());
    long now = ticker.nanos();
    all.stream().filter(one -> !known.contains(one.address())).forEach(one -> one.young(now));
  }

  /** Somebody fell ill or recovered. Cheap enough for an event loop, but not for each request. */
  private void weigh() {
    Balanced now = balanced;
    long time = ticker.nanos();
    List<Endpoint> all = now.set().endpoints();
    boolean panic = outliers.isPresent() && outliers.get().panic(all, time);
    now.weigh(endpoint -> endpoint.health().available(time), panic);
  }

  /** Its cluster is gone: connections finish what they do and close. */
  public void leave() {
    endpoints().endpoints().forEach(Endpoint::leave);
    originals.use(Optional.empty());
  }

  public CircuitBreaker breaker() {
    return breaker;
  }

  public RetryBudget budget() {
    return budget;
  }

  /** What it can take at once, as far as is known. */
  public AdaptiveLimit overload() {
    return overload;
  }

  /** Attempts under way, across all event loops. */
  public int inFlight() {
    return inFlight.get();
  }

  /**
   * The endpoint for an attempt: the balancer's choice in the locality that is due, unless it is
   * ejected, fails its health check, just failed or was tried; then another by the same rules, and
   * such a one only where nothing else is left. One that is ejected is never chosen; ones that fail
   * their health check are where nobody passes it, since that says more about the check. The caller
   * counts it in {@link Endpoint#inFlight()}.
   *
   * @return empty where there is none, or all are ejected
   */
  public Optional<Endpoint> pick(Pick pick) {
    return balanced.pick(pick.draw(), pick.hash(), pick.tried(), ticker.nanos());
  }

  /** Whether an instance that a caller chose by its address is the one that it gets. */
  public boolean asMeant() {
    return asMeant;
  }

  /** The endpoint at an address, however it fares; empty where there is none. */
  public Optional<Endpoint> at(InetSocketAddress address) {
    Optional<Endpoint> listed = balanced.at(address);
    return listed.isPresent() ? listed : originals.at(address);
  }

  /** Those that are listed, and those that are where connections were going. */
  public List<Endpoint> known() {
    return originals.beside(endpoints().endpoints());
  }

  /** Why {@link #pick} found none. */
  public String why() {
    EndpointSet set = endpoints();
    if (set.endpoints().isEmpty()) {
      return set.reason();
    }
    String told =
        set.endpoints().stream().noneMatch(one -> balanced.group(one).isPresent())
            ? "none of its endpoints is in a locality that localityLbSetting names"
            : "all its endpoints are ejected";
    return set.reason().isEmpty() ? told : told + "; " + set.reason();
  }

  /** Whether {@link #pick} found none since no address of their names is known. */
  public boolean unresolved() {
    EndpointSet set = endpoints();
    return set.endpoints().isEmpty() && set.unresolved();
  }

  /** How an endpoint is chosen now. */
  public Standing standing(Endpoint endpoint) {
    Balanced now = balanced;
    OptionalInt group = now.group(endpoint);
    return new Standing(
        group,
        group.isEmpty() ? 0 : now.share(group.getAsInt()),
        now.warmth(endpoint, ticker.nanos()));
  }

  /**
   * @param group of the endpoints that are equally near or share a part of the requests, 0 for the
   *     first; empty where it gets no requests
   * @param share of all requests that this group gets now, 0 to 1
   * @param warmth part of its share that it gets while it is new, 0 to 1
   */
  public record Standing(OptionalInt group, double share, double warmth) {}

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
    } else {
      endpoint.health().erred(ticker.nanos());
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

  /** Whether anybody wants to know how long answers take: the balancer, or the limit. */
  public boolean times() {
    return measures || overload.learns();
  }

  /** Whether answers have to be told to {@link #measured} and {@link #unanswered}. */
  public boolean measures() {
    return measures;
  }

  /**
   * The head of an answer came, {@code nanos} after its attempt began.
   *
   * @param pause for which it asked to be left alone; zero where it did not
   */
  public void measured(Endpoint endpoint, int status, Duration pause, long nanos) {
    long now = ticker.nanos();
    if (!pause.isZero()) {
      endpoint.latency().refused(pause.toNanos(), now);
    } else if (status >= 500) {
      endpoint.latency().failed(nanos, now);
    } else {
      endpoint.latency().answered(nanos, now);
    }
  }

  /** An attempt ended without an answer, {@code nanos} after it began. */
  public void unanswered(Endpoint endpoint, long nanos) {
    endpoint.latency().failed(nanos, ticker.nanos());
  }

  /**
   * What an active check found; with a policy that warms up, one that recovers begins anew.
   *
   * @param check that was asked; without effect where another one holds by now, or none
   * @return whether that is news
   */
  public synchronized boolean checked(Endpoint endpoint, HealthCheck check, boolean well) {
    if (settings.healthCheck().filter(check::equals).isEmpty()) {
      return false;
    }
    boolean before = endpoint.health().wasChecked();
    boolean news = endpoint.health().checked(well);
    if (news) {
      if (well && before) {
        endpoint.young(ticker.nanos());
      }
      weigh();
    }
    return news;
  }

  /** Ends what was to last for a time: ejections, the last endpoints; to be called often. */
  public void sweep() {
    expire();
    outliers.ifPresent(detector -> detector.sweep(endpoints().endpoints(), ticker.nanos()));
    if (outliers.isPresent() || balanced.weighs()) {
      weigh();
    }
  }

  private synchronized void expire() {
    if (vanishing.isPresent() && vanishing.get().atNanos - ticker.nanos() <= 0) {
      take(vanishing.get().set);
      vanishing = Optional.empty();
    }
  }
}
