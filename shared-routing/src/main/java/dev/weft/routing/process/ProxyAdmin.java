package dev.weft.routing.process;

import dev.weft.config.ConfigDocument;
import dev.weft.config.model.Sidecar.Unknown;
import dev.weft.routing.admin.AdminApi;
import dev.weft.routing.admin.AdminGuard;
import dev.weft.routing.admin.AdminSource;
import dev.weft.routing.admin.AdminView;
import dev.weft.routing.admin.AppProbes;
import dev.weft.routing.admin.WhyPage;
import dev.weft.routing.admin.canary.CanaryPages;
import dev.weft.routing.admin.canary.ProxyShares;
import dev.weft.routing.admin.dashboard.Dashboard;
import dev.weft.routing.admin.dashboard.Golden;
import dev.weft.routing.clock.Ticker;
import dev.weft.routing.cluster.Endpoint;
import dev.weft.routing.cluster.Upstream;
import dev.weft.routing.exchange.Workload;
import dev.weft.routing.exchange.body.Buffered;
import dev.weft.routing.identity.IdentityStore;
import dev.weft.routing.identity.PeerVerifier;
import dev.weft.routing.identity.WorkloadIdentity;
import dev.weft.routing.process.explain.Explainer;
import dev.weft.routing.process.explain.Replays;
import dev.weft.routing.process.lint.Linter;
import dev.weft.routing.resilience.ConnectionLimits;
import dev.weft.routing.resilience.ConnectionLimits.Waits;
import dev.weft.routing.snapshot.Redirection;
import dev.weft.routing.snapshot.Snapshot;
import dev.weft.routing.snapshot.SnapshotStore;
import dev.weft.routing.snapshot.UpstreamRegistry;
import dev.weft.routing.snapshot.trace.Tracings;
import dev.weft.routing.telemetry.MeshSignals;
import dev.weft.routing.telemetry.PrometheusMetrics;
import dev.weft.routing.telemetry.RequestSignals;
import dev.weft.routing.telemetry.Saturation;
import dev.weft.routing.telemetry.rule.RuleCounts;
import dev.weft.routing.telemetry.rule.RuleSignals;
import dev.weft.routing.telemetry.trace.HopTrace;
import dev.weft.routing.telemetry.trace.TraceRing;
import dev.weft.routing.verticle.AdminVerticle;
import dev.weft.routing.verticle.ConfigVerticle;
import dev.weft.routing.verticle.DashboardVerticle;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a proxy's admin API shows of it. Any thread may ask. */
final class ProxyAdmin implements AdminSource {

  private static final double MICROS_IN_A_MILLI = 1000;

  private final Workload workload;
  private final SnapshotStore store;
  private final UpstreamRegistry registry;
  private final ConnectionLimits connections;
  private final IdentityStore identities;
  private final ConfigVerticle config;
  private final Linter linter;
  private final PrometheusMetrics metrics;
  private final TraceRing ring;
  private final Ticker ticker;
  private final Supplier<List<String>> notReady;
  private final Runnable drain;
  private final ProcessLog log = ProcessLog.instance();

  /** What it is made of; a record since they are many. */
  record Parts(
      Workload workload,
      SnapshotStore store,
      UpstreamRegistry registry,
      ConnectionLimits connections,
      IdentityStore identities,
      ConfigVerticle config,
      PrometheusMetrics metrics,
      Tracings tracings,
      Ticker ticker) {}

  /**
   * @param linter looks at what serves
   * @param notReady what is missing, in sentences
   * @param drain begins to drain
   */
  ProxyAdmin(Parts parts, Linter linter, Supplier<List<String>> notReady, Runnable drain) {
    this.workload = parts.workload;
    this.store = parts.store;
    this.registry = parts.registry;
    this.connections = parts.connections;
    this.identities = parts.identities;
    this.config = parts.config;
    this.linter = linter;
    this.metrics = parts.metrics;
    this.ring = parts.tracings.ring();
    this.ticker = parts.ticker;
    this.notReady = notReady;
    this.drain = drain;
  }

  @Override
  public List<String> notReady() {
    return notReady.get();
  }

  @Override
  public String metrics() {
    return metrics.scrape();
  }

  @Override
  public String openMetrics() {
    return metrics.openMetrics();
  }

  @Override
  public AdminView.Config config() {
    return linter.with(config.status());
  }

  @Override
  public List<ConfigDocument> texts() {
    return config.texts();
  }

  @Override
  public List<AdminView.Route> routes() {
    return store.current().map(RouteViews::of).orElse(List.of());
  }

  /** Adds the pages for people to {@code api}, and begins to keep the hour that they show. */
  Future<Void> dashboard(
      Vertx vertx,
      AdminApi api,
      Dashboard.Counters counters,
      RuleCounts rules,
      CanaryPages.Configured weights) {
    Dashboard.Sources sources =
        new Dashboard.Sources(
            workload.namespace() + "/" + workload.app(),
            ProxyCommand.version(),
            this,
            counters,
            () -> Golden.of(rules),
            rules.failures()::counts);
    Dashboard pages = new Dashboard(vertx, sources, ticker);
    api.and(pages::on);
    CanaryPages canary =
        new CanaryPages(vertx, new ProxyShares(vertx, ticker, this, rules::shares), weights);
    api.and(canary::mount);
    Runnable step =
        () -> {
          pages.step();
          canary.step();
        };
    return vertx.deployVerticle(new DashboardVerticle(step)).mapEmpty();
  }

  /** Adds the page that tells why requests went where they went. */
  void why(Vertx vertx, AdminApi api) {
    Supplier<Map<String, List<String>>> addresses = () -> config.status().addresses();
    Replays replays = new Replays(workload, store, config.history(), addresses, api.past());
    api.and(new WhyPage(vertx, replays)::mount);
  }

  /** Opens the ports for {@code api}. */
  static Future<Void> open(
      Vertx vertx, ProxyOptions options, AdminApi api, AppProbes probes, IntConsumer port) {
    HostPort at = options.admin();
    Set<String> names = new HashSet<>(List.of(at.host(), "localhost", "127.0.0.1", "::1"));
    List<AdminVerticle.Port> opened = new ArrayList<>();
    opened.add(
        new AdminVerticle.Port("admin", at.host(), at.port(), api.router(new AdminGuard(names))));
    options
        .metrics()
        .map(on -> new AdminVerticle.Port("metrics", on.host(), on.port(), api.metricsRouter()))
        .ifPresent(opened::add);
    options
        .health()
        .map(on -> new AdminVerticle.Port("health", on.host(), on.port(), api.healthRouter(probes)))
        .ifPresent(opened::add);
    return vertx.deployVerticle(new AdminVerticle(opened, port)).mapEmpty();
  }

  @Override
  public List<HopTrace> traces() {
    return ring.newestFirst();
  }

  @Override
  public List<AdminView.Cluster> clusters() {
    return registry.all().stream().map(this::view).toList();
  }

  private AdminView.Cluster view(Upstream upstream) {
    long now = ticker.nanos();
    List<AdminView.Endpoint> endpoints = new ArrayList<>();
    for (Endpoint endpoint : upstream.known()) {
      endpoints.add(
          new AdminView.Endpoint(
              endpoint.address(),
              health(endpoint, now),
              endpoint.health().ejections(),
              endpoint.inFlight().get(),
              endpoint.connections().get(),
              endpoint.labels(),
              balance(upstream, endpoint, now)));
    }
    String breaker = upstream.breaker().state().name().toLowerCase(Locale.ROOT).replace('_', '-');
    return new AdminView.Cluster(
        upstream.name().toString(),
        breaker,
        upstream.budget().tokens(),
        upstream.inFlight(),
        connections.open(upstream.name()),
        connections.waiting(upstream.name()),
        endpoints);
  }

  private static String health(Endpoint endpoint, long now) {
    if (endpoint.health().ejected(now)) {
      return "ejected";
    }
    if (endpoint.health().failsCheck()) {
      return "fails its health check";
    }
    return endpoint.health().chosenLast(now) ? "just failed" : "healthy";
  }

  private static AdminView.Balance balance(Upstream upstream, Endpoint endpoint, long now) {
    Upstream.Standing standing = upstream.standing(endpoint);
    boolean timed = upstream.measures() && endpoint.latency().known();
    return new AdminView.Balance(
        endpoint.weight(),
        endpoint.where().toString(),
        standing.group(),
        standing.share(),
        standing.warmth(),
        timed
            ? OptionalDouble.of(endpoint.latency().micros(now) / MICROS_IN_A_MILLI)
            : OptionalDouble.empty());
  }

  /** Tells the same as metrics. */
  void register(Saturation saturation, MeshSignals signals, RequestSignals requests) {
    saturation.build("proxy", ProxyCommand.number().orElse("unknown"));
    saturation.failures(requests.causes()::counts);
    RuleSignals.tell(signals, requests.rules());
    store.onPublish(next -> requests.rules().configured(RouteViews.names(next), ticker));
    saturation.overflow(() -> overflow(signals.overflow(), requests.rules()));
    saturation.buffered(Buffered::bytes);
    saturation.clusters(() -> registry.all().stream().map(this::saturation).toList());
    saturation.overload(() -> registry.all().stream().map(ProxyAdmin::overload).toList());
    saturation.config(
        () -> {
          ConfigVerticle.Status now = config.status();
          return new Saturation.Config(
              Long.toString(now.version()), now.since().toEpochMilli(), now.rejected());
        },
        ticker);
    saturation.findings(linter::counts);
    saturation.waits(() -> waits(Waits::count), () -> waits(Waits::nanos));
    saturation.certificates(
        () ->
            identities.current().stream()
                .collect(
                    Collectors.toMap(
                        own -> own.id().toString(), own -> own.notAfter().toEpochMilli())));
    saturation.certificateFaults(
        () ->
            identities.faults().counts().entrySet().stream()
                .collect(Collectors.toMap(one -> one.getKey().word(), Map.Entry::getValue)));
  }

  private Map<String, Long> waits(Function<Waits, Long> which) {
    return registry.all().stream()
        .collect(
            Collectors.toMap(
                one -> one.name().toString(), one -> which.apply(connections.waits(one.name()))));
  }

  /** By what it was: the metric's label. */
  private static Map<String, Long> overflow(MeshSignals.Overflow all, RuleCounts rules) {
    long routes = rules.overflow().count().requests();
    return Map.of(
        "edges", all.edges(), "outcomes", all.outcomes(), "routes", routes, "tags", all.tags());
  }

  private static Saturation.Overload overload(Upstream upstream) {
    int limit = upstream.overload().limit();
    OptionalInt told = limit == Integer.MAX_VALUE ? OptionalInt.empty() : OptionalInt.of(limit);
    return new Saturation.Overload(upstream.name().toString(), told, upstream.overload().shed());
  }

  private Saturation.Cluster saturation(Upstream upstream) {
    long now = ticker.nanos();
    List<Endpoint> all = upstream.known();
    long ejected = all.stream().filter(one -> !one.health().available(now)).count();
    return new Saturation.Cluster(
        upstream.name().toString(),
        upstream.inFlight(),
        connections.open(upstream.name()),
        connections.waiting(upstream.name()),
        all.size() - ejected,
        ejected,
        Saturation.Breaker.valueOf(upstream.breaker().state().name()),
        upstream.budget().tokens());
  }

  @Override
  public List<AdminView.Certificate> certificates() {
    return Stream.concat(
            identities.current().stream().map(ProxyAdmin::view),
            identities.served().all().stream().map(ProxyAdmin::view))
        .toList();
  }

  @Override
  public List<AdminView.CertificateFault> certificateFaults() {
    return identities.faults().all().stream()
        .map(one -> new AdminView.CertificateFault(one.kind().word(), one.of(), one.message()))
        .toList();
  }

  private static AdminView.Certificate view(WorkloadIdentity identity) {
    return new AdminView.Certificate(
        identity.id().toString(),
        identity.leaf().getIssuerX500Principal().getName(),
        identity.leaf().getNotBefore().toInstant(),
        identity.notAfter());
  }

  /** Named by what it is for; one without names is told by its subject. */
  private static AdminView.Certificate view(X509Certificate served) {
    List<String> names = PeerVerifier.names(served);
    return new AdminView.Certificate(
        names.isEmpty() ? served.getSubjectX500Principal().getName() : String.join(", ", names),
        served.getIssuerX500Principal().getName(),
        served.getNotBefore().toInstant(),
        served.getNotAfter().toInstant());
  }

  @Override
  public Future<Explanation> explain(Question question) {
    if (store.current().isEmpty()) {
      return Future.failedFuture(new IllegalArgumentException("no configuration serves yet"));
    }
    Snapshot now = store.current().get();
    boolean passes = now.redirection().map(Redirection::passes).orElse(true);
    Explainer explainer =
        new Explainer(
            now.config(),
            workload,
            config.status().addresses(),
            passes ? Unknown.ALLOW_ANY : Unknown.REGISTRY_ONLY);
    try {
      boolean edge = !now.gateway().isEmpty();
      Optional<Explanation> outside = edge ? explainer.atGateway(question) : Optional.empty();
      return Future.succeededFuture(
          outside.orElseGet(() -> explainer.inMesh(question, now.explaining().edge())));
    } catch (IllegalArgumentException e) {
      return Future.failedFuture(e);
    }
  }

  @Override
  public Map<String, String> logLevels() {
    return log.levels();
  }

  @Override
  public void logLevel(String logger, String level) {
    log.set(logger, level);
  }

  @Override
  public void drain() {
    drain.run();
  }
}
