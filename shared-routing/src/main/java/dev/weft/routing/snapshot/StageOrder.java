package dev.weft.routing.snapshot;

import dev.weft.config.model.HeaderEdits;
import dev.weft.config.model.HttpAction.WeightedDestination;
import dev.weft.config.model.TrafficPolicy;
import dev.weft.config.model.settings.RateLimit;
import dev.weft.config.model.settings.RouteSettings;
import dev.weft.config.model.settings.Settings;
import dev.weft.config.model.settings.StickyKey;
import dev.weft.routing.cluster.Upstream;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.exchange.Decision.Forward;
import dev.weft.routing.exchange.Service;
import dev.weft.routing.exchange.Stage;
import dev.weft.routing.resilience.RetryPolicy;
import dev.weft.routing.resilience.rate.RateLimiters;
import dev.weft.routing.route.CompiledRoute;
import dev.weft.routing.route.sticky.Cohorts;
import dev.weft.routing.stage.BodyLimitStage;
import dev.weft.routing.stage.CorsStage;
import dev.weft.routing.stage.FaultStage;
import dev.weft.routing.stage.MirrorStage;
import dev.weft.routing.stage.ObserveStage;
import dev.weft.routing.stage.RateLimitStage;
import dev.weft.routing.stage.RespondService;
import dev.weft.routing.stage.RetryingService;
import dev.weft.routing.stage.RewriteStage;
import dev.weft.routing.stage.StickyCookieStage;
import dev.weft.routing.stage.TimeoutStage;
import dev.weft.routing.stage.UpstreamService;
import dev.weft.routing.telemetry.ExchangeObserver;
import dev.weft.routing.transport.UpstreamClient;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The order of stages, written once: what stands above what, and why. A stage that a rule does not
 * need is absent from its chain.
 */
final class StageOrder {

  private final ExchangeObserver observer;
  private final Settings settings;
  private final RateLimiters limiters;
  private final Optional<Stage> admit;
  private final List<Stage> outermost;
  private final List<UpstreamClient> clients;
  private final Function<ClusterName, Upstream> upstreams;

  /**
   * @param admit whether a request may be under way at all
   */
  StageOrder(
      ExchangeObserver observer,
      List<UpstreamClient> clients,
      Settings settings,
      RateLimiters limiters,
      Optional<Stage> admit,
      Function<ClusterName, Upstream> upstreams) {
    this.observer = observer;
    this.settings = settings;
    this.limiters = limiters;
    this.admit = admit;
    this.outermost = outermost();
    this.clients = List.copyOf(clients);
    this.upstreams = upstreams;
  }

  /** The same order towards other upstreams. */
  StageOrder towards(Function<ClusterName, Upstream> others) {
    return new StageOrder(observer, clients, settings, limiters, admit, others);
  }

  /**
   * @param targets what the rule's destinations lead to now, in their order
   */
  Service chain(CompiledRoute route, List<ClusterName> targets) {
    return observed(steps(route, targets));
  }

  /** What is of one snapshot, not of a rule. */
  private List<Stage> outermost() {
    List<Stage> stages = new ArrayList<>();
    stages.add(new ObserveStage(observer)); // outermost: it sees every answer, refusals too
    admit.ifPresent(stages::add); // above all work: what is refused costs nothing
    long most = settings.limits().bodyBytes();
    if (most > 0) {
      stages.add(new BodyLimitStage(most)); // above all work: what is too long costs nothing
    }
    return List.copyOf(stages);
  }

  Service observed(Service steps) {
    return Stage.chain(outermost, steps);
  }

  /** What holds for a cluster of which no resource speaks. */
  TrafficPolicy policy() {
    return settings.completed(TrafficPolicy.NONE);
  }

  /** All below observing: the same for every snapshot that has this rule with these targets. */
  Service steps(CompiledRoute route, List<ClusterName> targets) {
    List<Stage> stages = new ArrayList<>();
    cors(route).ifPresent(stages::add); // above the rest: a preflight is no request of the service
    limit(route.id().name(), route.clusters())
        .ifPresent(stages::add); // below cors: a preflight does not count; above all that costs
    cookie(route).ifPresent(stages::add); // below the limit: who is refused is on no version
    fault(route).ifPresent(stages::add); // above the deadline: the delay is not the upstream's
    rewrite(route).ifPresent(stages::add); // below fault: an abort changes nothing
    mirror(route).ifPresent(stages::add); // below rewrite: the copy goes where the original goes
    timeout(route).ifPresent(stages::add); // above retry: it covers all tries
    return Stage.chain(
        stages, chosen(route, targets)); // a retry stays with the version it was drawn for
  }

  Upstream upstream(ClusterName cluster) {
    return upstreams.apply(cluster);
  }

  /** Whether a cluster has endpoints now. */
  boolean works(ClusterName cluster) {
    return !upstreams.apply(cluster).endpoints().endpoints().isEmpty();
  }

  /** What no rule matched. */
  Service refusal() {
    return observed(new RespondService());
  }

  /** The way to one cluster, without a rule: the own application. */
  Service direct(ClusterName cluster) {
    Service way = to(cluster, RetryPolicy.DEFAULT);
    List<Stage> stages = limit("", List.of(cluster)).stream().toList();
    return observed(Stage.chain(stages, way));
  }

  /** The way to the instance of a cluster that the caller chose by its address. */
  Service exact(ClusterName cluster) {
    UpstreamService one = new UpstreamService(upstreams.apply(cluster), clients, true);
    List<Stage> stages = limit("", List.of(cluster)).stream().toList();
    return observed(Stage.chain(stages, new RetryingService(RetryPolicy.DEFAULT, one)));
  }

  /** The limit that holds for a rule, or for the service that it leads to. */
  private Optional<Stage> limit(String rule, List<ClusterName> clusters) {
    List<String> hosts = clusters.stream().map(ClusterName::host).toList();
    return settings.routes().stream()
        .filter(entry -> entry.rateLimit().isPresent() && entry.match().holds(rule, hosts))
        .findFirst()
        .map(entry -> limited(entry, entry.rateLimit().get()));
  }

  private Stage limited(RouteSettings entry, RateLimit limit) {
    return new RateLimitStage(
        limiters.of(entry.match(), limit),
        limiters.shared(entry.match(), limit, settings.redis()),
        limit.key());
  }

  private static Optional<Stage> cookie(CompiledRoute route) {
    return route
        .cohorts()
        .map(Cohorts::key)
        .filter(StickyKey.Cookie.class::isInstance)
        .map(key -> new StickyCookieStage((StickyKey.Cookie) key));
  }

  private static Optional<Stage> cors(CompiledRoute route) {
    return route.rule().cors().map(CorsStage::new);
  }

  private static Optional<Stage> fault(CompiledRoute route) {
    return route.rule().fault().map(any -> new FaultStage());
  }

  private static Optional<Stage> rewrite(CompiledRoute route) {
    List<HeaderEdits> edits =
        route.destinations().stream().map(WeightedDestination::headers).toList();
    boolean nothing =
        route.rule().rewrite().isEmpty()
            && route.rule().headers().equals(HeaderEdits.NONE)
            && edits.stream().allMatch(HeaderEdits.NONE::equals);
    return nothing
        ? Optional.empty()
        : Optional.of(new RewriteStage(route.rule().headers(), edits));
  }

  private Optional<Stage> mirror(CompiledRoute route) {
    if (route.mirrors().isEmpty()) {
      return Optional.empty();
    }
    Map<ClusterName, Service> mirrors = new HashMap<>();
    for (ClusterName cluster : route.mirrors()) {
      mirrors.put(cluster, to(cluster, RetryPolicy.DEFAULT));
    }
    return Optional.of(new MirrorStage(mirrors));
  }

  private static Optional<Stage> timeout(CompiledRoute route) {
    boolean faulty = route.rule().fault().isPresent(); // SEMANTICS: neither counts beside a fault
    return faulty
        ? Optional.empty()
        : Optional.of(new TimeoutStage(route.rule().timeout(), retries(route).perTryTimeout()));
  }

  private static RetryPolicy retries(CompiledRoute route) {
    boolean faulty = route.rule().fault().isPresent(); // as with the timeout
    return faulty
        ? RetryPolicy.NEVER
        : route.rule().retries().map(RetryPolicy::new).orElse(RetryPolicy.DEFAULT);
  }

  private Service chosen(CompiledRoute route, List<ClusterName> targets) {
    RetryPolicy policy = retries(route);
    List<Service> destinations = targets.stream().map(cluster -> to(cluster, policy)).toList();
    if (destinations.isEmpty()) {
      return new RespondService();
    }
    return exchange ->
        destinations.get(((Forward) exchange.decision().action()).destination()).serve(exchange);
  }

  private Service to(ClusterName cluster, RetryPolicy policy) {
    return new RetryingService(policy, new UpstreamService(upstreams.apply(cluster), clients));
  }
}
