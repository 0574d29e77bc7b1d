package dev.weft.routing.snapshot;

import dev.weft.config.model.HeaderEdits;
import dev.weft.config.model.HttpRoute.CorsPolicy;
import dev.weft.config.model.HttpRoute.Retries;
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
import dev.weft.routing.stage.AdmitStage;
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
import dev.weft.routing.stage.edge.EdgePolicies;
import dev.weft.routing.stage.edge.EdgeStages;
import dev.weft.routing.telemetry.ExchangeObserver;
import dev.weft.routing.transport.UpstreamClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * The order of stages, written once: what stands above what, and why. A stage that a rule does not
 * need is absent from its chain.
 */
final class StageOrder {

  private final ExchangeObserver observer;
  private final Asked asked;
  private final Settings settings;
  private final RateLimiters limiters;
  private final Optional<AdmitStage> admit;
  private final List<Stage> outermost;
  private final List<UpstreamClient> clients;
  private final Function<ClusterName, Upstream> upstreams;
  private final Map<Form, Service> made = new HashMap<>();
  private final IdentityHashMap<Service, Service> watched = new IdentityHashMap<>(); // by its steps
  private final Map<Policed, Service> policed = new HashMap<>();

  /**
   * What was asked for.
   *
   * @param edge of callers from outside
   * @param tracing empty where nothing is traced
   */
  record Asked(Settings settings, EdgePolicies edge, Optional<Stage> tracing) {}

  /** Steps and what stands above them at the edge. */
  private record Policed(EdgeStages above, Service steps) {}

  /**
   * All that the steps of a rule depend on. Rules that are alike in it share their steps: of 10,000
   * rules that differ in what they match, each request would otherwise meet steps that no cache of
   * the processor holds.
   *
   * @param edits of headers, the rule's before its destinations'; empty where nothing is rewritten
   */
  private record Form(
      Optional<CorsPolicy> cors,
      Optional<RouteSettings> limit,
      Optional<StickyKey.Cookie> cookie,
      boolean faulty,
      Optional<List<HeaderEdits>> edits,
      Optional<Duration> timeout,
      Optional<Retries> retries,
      List<ClusterName> targets) {}

  /**
   * @param admit whether a request may be under way at all
   */
  StageOrder(
      ExchangeObserver observer,
      List<UpstreamClient> clients,
      Asked asked,
      RateLimiters limiters,
      Optional<AdmitStage> admit,
      Function<ClusterName, Upstream> upstreams) {
    this.observer = observer;
    this.asked = asked;
    this.settings = asked.settings;
    this.limiters = limiters;
    this.admit = admit;
    this.outermost = outermost(EdgeStages.NONE);
    this.clients = List.copyOf(clients);
    this.upstreams = upstreams;
  }

  /** The same order towards other upstreams. */
  StageOrder towards(Function<ClusterName, Upstream> others) {
    return new StageOrder(observer, clients, asked, limiters, admit, others);
  }

  /**
   * @param targets what the rule's destinations lead to now, in their order
   */
  Service chain(CompiledRoute route, List<ClusterName> targets) {
    return observed(route, steps(route, targets));
  }

  /** What is of one snapshot, not of a rule. */
  private List<Stage> outermost(EdgeStages edge) {
    List<Stage> stages = new ArrayList<>();
    stages.add(new ObserveStage(observer)); // outermost: it sees every answer, refusals too
    asked.tracing.ifPresent(stages::add); // above what answers by itself: refusals are traced too
    stages.addAll(edge.telling()); // above what answers by itself: refusals tell it too
    admit.ifPresent(stages::add); // above all work; a guard before it has seen to it already
    long most = settings.limits().bodyBytes();
    if (most > 0) {
      stages.add(new BodyLimitStage(most)); // above all work: what is too long costs nothing
    }
    stages.addAll(edge.asking()); // above a rule's own steps: who may not come changes nothing
    return List.copyOf(stages);
  }

  /** Whether rules with the same steps may ask different things of their callers. */
  boolean tellsApart() {
    return !asked.edge.none();
  }

  /** The steps of a rule below what is asked of its callers. */
  Service observed(CompiledRoute route, Service steps) {
    return asked.edge.none() ? observed(steps) : below(asked.edge.of(route), steps);
  }

  private Service below(EdgeStages edge, Service steps) {
    return edge.equals(EdgeStages.NONE)
        ? observed(steps)
        : policed.computeIfAbsent(
            new Policed(edge, steps), all -> Stage.chain(outermost(edge), steps));
  }

  Service observed(Service steps) {
    return watched.computeIfAbsent(steps, all -> Stage.chain(outermost, all));
  }

  /** What holds for a cluster of which no resource speaks. */
  TrafficPolicy policy() {
    return settings.completed(TrafficPolicy.NONE);
  }

  /**
   * All below observing: the same for every snapshot that has this rule with these targets. How
   * many copies may be under way is counted for each rule, so that one with mirrors has its own.
   */
  Service steps(CompiledRoute route, List<ClusterName> targets) {
    Form form =
        new Form(
            route.rule().cors(),
            limit(route.id().name(), route.clusters()),
            cookie(route),
            route.rule().fault().isPresent(),
            edits(route),
            route.rule().timeout(),
            route.rule().retries(),
            targets);
    return route.mirrors().isEmpty()
        ? made.computeIfAbsent(form, one -> steps(one, Optional.empty()))
        : steps(form, Optional.of(mirror(route)));
  }

  private Service steps(Form form, Optional<Stage> mirror) {
    List<Stage> stages = new ArrayList<>();
    cors(form).ifPresent(stages::add); // above the rest: a preflight is no request of the service
    form.limit.map(this::limited).ifPresent(stages::add); // below cors: a preflight does not count
    cookie(form).ifPresent(stages::add); // below the limit: who is refused is on no version
    fault(form).ifPresent(stages::add); // above the deadline: the delay is not the upstream's
    rewrite(form).ifPresent(stages::add); // below fault: an abort changes nothing
    mirror.ifPresent(stages::add); // below rewrite: the copy goes where the original goes
    timeout(form).ifPresent(stages::add); // above retry: it covers all tries
    return Stage.chain(stages, chosen(form)); // a retry stays with the version it was drawn for
  }

  Upstream upstream(ClusterName cluster) {
    return upstreams.apply(cluster);
  }

  /** Whether a cluster has endpoints now. */
  boolean works(ClusterName cluster) {
    return upstreams.apply(cluster).endpoints().leads();
  }

  /** What no rule matched. */
  Service refusal() {
    return below(asked.edge.wide(), new RespondService());
  }

  /** What a policy denied. */
  Service denial() {
    return below(asked.edge.denied(), new RespondService());
  }

  /** The way to one cluster, without a rule: the own application. */
  Service direct(ClusterName cluster) {
    Service way = to(cluster, RetryPolicy.DEFAULT);
    return observed(Stage.chain(limits(cluster), way));
  }

  /** The way to the instance of a cluster that the caller chose by its address. */
  Service exact(ClusterName cluster) {
    UpstreamService one = new UpstreamService(upstreams.apply(cluster), clients, true);
    return observed(Stage.chain(limits(cluster), new RetryingService(RetryPolicy.DEFAULT, one)));
  }

  /**
   * One way for clusters that are known by an exchange only, each with its own limits. Event loops
   * ask.
   */
  Function<ClusterName, Service> each(Service way) {
    if (settings.routes().stream().allMatch(entry -> entry.rateLimit().isEmpty())) {
      Service all = observed(way);
      return any -> all;
    }
    Map<ClusterName, Service> known = new ConcurrentHashMap<>();
    return cluster ->
        known.computeIfAbsent(
            cluster, one -> Stage.chain(outermost, Stage.chain(limits(one), way)));
  }

  private List<Stage> limits(ClusterName cluster) {
    return limit("", List.of(cluster)).map(this::limited).stream().toList();
  }

  /** The limit that holds for a rule, or for the service that it leads to. */
  private Optional<RouteSettings> limit(String rule, List<ClusterName> clusters) {
    List<String> hosts = clusters.stream().map(ClusterName::host).toList();
    return settings.routes().stream()
        .filter(entry -> entry.rateLimit().isPresent() && entry.match().holds(rule, hosts))
        .findFirst();
  }

  private Stage limited(RouteSettings entry) {
    RateLimit limit = entry.rateLimit().orElseThrow();
    return new RateLimitStage(
        limiters.of(entry.match(), limit),
        limiters.shared(entry.match(), limit, settings.redis()),
        limit.key());
  }

  private static Optional<StickyKey.Cookie> cookie(CompiledRoute route) {
    return route
        .cohorts()
        .map(Cohorts::key)
        .filter(StickyKey.Cookie.class::isInstance)
        .map(StickyKey.Cookie.class::cast);
  }

  private static Optional<Stage> cookie(Form form) {
    return form.cookie.map(StickyCookieStage::new);
  }

  private static Optional<Stage> cors(Form form) {
    return form.cors.map(CorsStage::new);
  }

  private static Optional<Stage> fault(Form form) {
    return form.faulty ? Optional.of(new FaultStage()) : Optional.empty();
  }

  private static Optional<List<HeaderEdits>> edits(CompiledRoute route) {
    List<HeaderEdits> all = new ArrayList<>(List.of(route.rule().headers()));
    route.destinations().forEach(destination -> all.add(destination.headers()));
    boolean nothing =
        route.rule().rewrite().isEmpty() && all.stream().allMatch(HeaderEdits.NONE::equals);
    return nothing ? Optional.empty() : Optional.of(all);
  }

  private static Optional<Stage> rewrite(Form form) {
    return form.edits.map(all -> new RewriteStage(all.get(0), all.subList(1, all.size())));
  }

  private Stage mirror(CompiledRoute route) {
    Map<ClusterName, Service> mirrors = new HashMap<>();
    for (ClusterName cluster : route.mirrors()) {
      mirrors.put(cluster, to(cluster, RetryPolicy.DEFAULT));
    }
    return new MirrorStage(mirrors);
  }

  private static Optional<Stage> timeout(Form form) {
    return form.faulty // SEMANTICS: neither counts beside a fault
        ? Optional.empty()
        : Optional.of(new TimeoutStage(form.timeout, retries(form).perTryTimeout()));
  }

  private static RetryPolicy retries(Form form) {
    return form.faulty // as with the timeout
        ? RetryPolicy.NEVER
        : form.retries.map(RetryPolicy::new).orElse(RetryPolicy.DEFAULT);
  }

  private Service chosen(Form form) {
    RetryPolicy policy = retries(form);
    List<Service> destinations = form.targets.stream().map(one -> to(one, policy)).toList();
    if (destinations.isEmpty()) {
      return new RespondService();
    }
    return exchange ->
        destinations.get(((Forward) exchange.decision().action()).destination()).serve(exchange);
  }

  /** The way to one cluster that nobody observes: to whom the proxy itself asks something. */
  Service aside(ClusterName cluster) {
    return to(cluster, RetryPolicy.DEFAULT);
  }

  private Service to(ClusterName cluster, RetryPolicy policy) {
    return new RetryingService(policy, new UpstreamService(upstreams.apply(cluster), clients));
  }
}
