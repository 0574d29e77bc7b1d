package dev.weft.routing.process;

import dev.weft.config.model.settings.Breaker;
import dev.weft.routing.admin.AdminApi;
import dev.weft.routing.admin.AppProbes;
import dev.weft.routing.admin.canary.CanaryPages;
import dev.weft.routing.admin.control.ControlAdmin;
import dev.weft.routing.admin.dashboard.Dashboard.Counters;
import dev.weft.routing.clock.SystemTicker;
import dev.weft.routing.clock.Ticker;
import dev.weft.routing.discovery.standing.Standing;
import dev.weft.routing.discovery.standing.Standing.About;
import dev.weft.routing.exchange.Workload;
import dev.weft.routing.identity.IdentitySource;
import dev.weft.routing.identity.IdentityStore;
import dev.weft.routing.listener.Refusals;
import dev.weft.routing.listener.intercept.Carriage;
import dev.weft.routing.process.lint.Linter;
import dev.weft.routing.process.warmup.WarmUp;
import dev.weft.routing.process.wiring.AccessLogs;
import dev.weft.routing.process.wiring.GatewayStanding;
import dev.weft.routing.process.wiring.ProxyVertx;
import dev.weft.routing.resilience.ConnectionLimits;
import dev.weft.routing.resilience.WindowedCircuitBreaker;
import dev.weft.routing.resilience.rate.RateLimiters;
import dev.weft.routing.snapshot.EdgeIndex;
import dev.weft.routing.snapshot.Plan;
import dev.weft.routing.snapshot.Snapshot;
import dev.weft.routing.snapshot.SnapshotCompiler;
import dev.weft.routing.snapshot.SnapshotStore;
import dev.weft.routing.snapshot.UpstreamRegistry;
import dev.weft.routing.snapshot.trace.Tracings;
import dev.weft.routing.telemetry.AccessLog;
import dev.weft.routing.telemetry.MeshSignals;
import dev.weft.routing.telemetry.PrometheusMetrics;
import dev.weft.routing.telemetry.RequestSignals;
import dev.weft.routing.telemetry.Saturation;
import dev.weft.routing.telemetry.Tap;
import dev.weft.routing.telemetry.tcp.TcpSignals;
import dev.weft.routing.transport.MeshCredentials;
import dev.weft.routing.transport.keys.KeyFetcher;
import dev.weft.routing.transport.redis.RedisBuckets;
import dev.weft.routing.transport.tcp.TcpTls;
import dev.weft.routing.verticle.CircuitBreakerVerticle;
import dev.weft.routing.verticle.ConfigVerticle;
import dev.weft.routing.verticle.DiscoveryVerticle;
import dev.weft.routing.verticle.IdentityVerticle;
import dev.weft.routing.verticle.Listening;
import dev.weft.routing.verticle.OpenPorts;
import dev.weft.routing.verticle.OverloadVerticle;
import dev.weft.routing.verticle.RetryVerticle;
import dev.weft.routing.verticle.WeightedRoutingVerticle;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A proxy of one process, wired: identity, configuration, event loops, admin. Gateway and sidecar
 * say only which ports they want.
 */
public final class Proxy {

  private static final Logger LOG = LoggerFactory.getLogger(Proxy.class);
  private static final Duration GRACE = Duration.ofSeconds(20);
  private static final Duration FLUSH = Duration.ofSeconds(2);
  private static final String NO_IDENTITY = "there is no identity yet";
  private static final String NO_CONFIGURATION = "no configuration serves yet";

  private final ProxyOptions options;
  private final Plan plan;
  private final Ports ports;
  private final Workload workload;
  private final Ticker ticker = new SystemTicker();
  private final SnapshotStore store = new SnapshotStore();
  private final IdentityStore identities = new IdentityStore();
  private final ConnectionLimits limits = new ConnectionLimits();
  private final Refusals refusals = new Refusals(ticker);
  private final List<WeightedRoutingVerticle> loops = new ArrayList<>();
  private final List<AutoCloseable> sources = new ArrayList<>();
  private final Set<String> missing = ConcurrentHashMap.newKeySet();
  private final Tap tap = new Tap();
  private final Tracings tracings = new Tracings(ticker);
  private final ControlAdmin controlAdmin = new ControlAdmin(identities, ticker);
  private final MeshCredentials credentials;
  private final ConfigSources configs;
  private final AtomicReference<Breaker> breaker = new AtomicReference<>(Breaker.DEFAULT);
  private List<AppProbes.Asked> asked = List.of();
  private volatile boolean draining;
  private volatile @Nullable OpenPorts opening;
  private volatile Optional<Carriage> carriage = Optional.empty();
  private @Nullable Vertx vertx;
  private @Nullable Future<Void> leaving;

  /** Which ports shall be open, given what serves. */
  public interface Ports extends BiFunction<Snapshot, Proxy, List<Listening>> {}

  public Proxy(ProxyOptions options, Plan plan, Ports ports) {
    this(options, plan, ports, Optional.empty());
  }

  /**
   * @param opener of further sources of configuration
   */
  public Proxy(ProxyOptions options, Plan plan, Ports ports, Optional<SourceOpener> opener) {
    this.options = options;
    this.plan = plan;
    this.ports = ports;
    this.workload = options.workload();
    this.credentials = new MeshCredentials(identities, ticker, workload);
    this.configs = new ConfigSources(options, opener, credentials, store, this::standing);
    sources.add(configs);
    missing.add(NO_CONFIGURATION);
    if (options.identity().isPresent()) {
      missing.add(NO_IDENTITY);
    }
  }

  public Workload workload() {
    return workload;
  }

  public SnapshotStore store() {
    return store;
  }

  public IdentityStore identities() {
    return identities;
  }

  public Ticker ticker() {
    return ticker;
  }

  /** What it takes to carry what is not HTTP, at a gateway or where connections are redirected. */
  public Carriage carriage() {
    return carriage.orElseThrow();
  }

  /** Questions that are answered for the own application on the health port. */
  public Proxy asking(List<AppProbes.Asked> wanted) {
    asked = List.copyOf(wanted);
    return this;
  }

  /** Whether the process ends once it is ready. */
  boolean train() {
    return options.train();
  }

  /** Starts everything; fails with one sentence where that cannot be. */
  public Future<Void> start() {
    int count = options.loops();
    configs.check();
    MeshSignals signals = new MeshSignals(count, MeshSignals.Limits.DEFAULT, ticker);
    PrometheusMetrics metrics = new PrometheusMetrics(signals);
    Vertx made = ProxyVertx.of(count, metrics, tracings.calls(), plan.sockets());
    vertx = made;
    CircuitBreakerVerticle breakers = new CircuitBreakerVerticle(credentials);
    UpstreamRegistry registry =
        new UpstreamRegistry(
            ticker,
            (name, transition) ->
                new WindowedCircuitBreaker(name.toString(), made, ticker, breaker::get, transition),
            breakers);
    breakers.watch(registry);
    return deployLoops(made, count)
        .compose(deployed -> made.deployVerticle(breakers))
        .compose(deployed -> made.deployVerticle(new RetryVerticle(registry::all)))
        .compose(
            deployed -> made.deployVerticle(new OverloadVerticle(registry::all, store, ticker)))
        .compose(deployed -> configured(made, registry, signals, metrics))
        .onFailure(failed -> made.close());
  }

  private Future<Void> identity(Vertx made) {
    Optional<IdentitySource> source = options.identitySource(made, identities, ticker);
    if (source.isEmpty()) {
      return Future.succeededFuture();
    }
    return made.deployVerticle(new IdentityVerticle(source.get(), identities))
        .onSuccess(
            deployed -> {
              missing.remove(NO_IDENTITY);
              identities.current().ifPresent(own -> options.compare(own, workload));
              identities.onChange(next -> loops.forEach(WeightedRoutingVerticle::reconnect));
            })
        .mapEmpty();
  }

  private Future<?> deployLoops(Vertx made, int count) {
    Future<?> deployed = Future.succeededFuture();
    for (int i = 0; i < count; i++) {
      WeightedRoutingVerticle loop =
          new WeightedRoutingVerticle(i, ticker, credentials, limits, refusals);
      loops.add(loop);
      deployed = deployed.compose(before -> made.deployVerticle(loop));
    }
    return deployed
        .map(all -> tracings.exporter().from(loops.get(0).loop(), loops.get(0).context()))
        .compose(made::deployVerticle);
  }

  private Future<Void> configured(
      Vertx made, UpstreamRegistry registry, MeshSignals signals, PrometheusMetrics metrics) {
    Optional<AccessLog> log;
    try {
      log = AccessLogs.open(options.accessLog());
      log.ifPresent(sources::add);
    } catch (IOException e) {
      return Future.failedFuture("--access-log " + options.accessLog() + ": " + e.getMessage());
    }
    RequestSignals requests = told(log);
    EdgeIndex edges = new EdgeIndex(signals, workload, loops.size(), store::namespaces);
    TcpTls tls = new TcpTls(identities, ticker, credentials, made);
    Optional<TcpSignals> carried = plan.carried(() -> new TcpSignals(signals));
    carriage =
        carried
            .map(counted -> new Carriage.Counted(counted, edges, requests.rules()))
            .map(counted -> Carriage.of(tls, limits, counted, store.log(requests, ticker)));
    RateLimiters limiters =
        new RateLimiters(ticker, redis -> RedisBuckets.open(made, redis, ticker, contexts()));
    SnapshotCompiler compiler =
        new SnapshotCompiler(
            workload,
            plan,
            registry,
            (version, wanted) -> requests.as(wanted).observer(edges, version),
            loops.stream().map(WeightedRoutingVerticle::client).toList(),
            new SnapshotCompiler.Shared(
                limiters, new KeyFetcher(made, ticker, options.jwksRoots()), tracings));
    OpenPorts open = new OpenPorts(made, loops, this::serving);
    opening = open;
    Linter linter = new Linter(made, ticker, workload);
    ConfigVerticle config =
        configs.verticle(compiler, ticker, next -> published(signals, open, next), linter);
    ProxyAdmin.Parts parts =
        new ProxyAdmin.Parts(
            workload, store, registry, limits, identities, config, metrics, tracings, ticker);
    ProxyAdmin admin = new ProxyAdmin(parts, linter, this::notReady, this::leave);
    Saturation saturation = new Saturation(signals);
    admin.register(saturation, signals, requests);
    saturation.refusals(this::refused);
    saturation.loops(() -> loops.stream().map(WeightedRoutingVerticle::delays).toList());
    saturation.limits(limiters::refused, limiters::keys);
    saturation.sharedLimits(limiters::answers, limiters::unanswered);
    log.ifPresent(lines -> saturation.accessLog(lines::dropped));
    saturation.traces(tracings.exporter()::sent, tracings.exporter()::dropped);
    AdminApi api = new AdminApi(made, admin, tap, () -> log.map(AccessLog::last).orElse(List.of()));
    admin.why(made, api);
    api.and(configs.pages(made, config, signals::totals)::mount);
    AppProbes probes = new AppProbes(made, credentials, asked);
    CanaryPages.Configured weights = configs.weights(made, config);
    return admin
        .dashboard(made, api, new Counters(signals, carried), requests.rules(), weights)
        .compose(watching -> made.deployVerticle(config))
        .compose(
            deployed -> made.deployVerticle(new DiscoveryVerticle(store, config, registry::all)))
        .compose(deployed -> ProxyAdmin.open(made, options, api, probes, plan::own))
        .compose(listening -> identity(made)) // after the admin port, which tells that it lacks
        .compose(known -> ControlPort.open(made, options, api, controlAdmin))
        .compose(opened -> warmUp(made))
        .compose(warm -> configs.open(made, config));
  }

  private RequestSignals told(Optional<AccessLog> log) {
    RequestSignals requests = new RequestSignals(log, tap, RequestSignals.Noted.DEFAULT);
    refusals.tell(store.refusals(requests, ticker));
    return requests;
  }

  private List<Context> contexts() {
    return loops.stream().map(WeightedRoutingVerticle::context).toList();
  }

  /** Both directions: who called, and who was called. */
  private Map<String, Long> refused() {
    Map<String, Long> all = new LinkedHashMap<>(refusals.counts());
    all.putAll(credentials.refused());
    return all;
  }

  private Future<Void> warmUp(Vertx made) {
    int requests = options.warmUp();
    return new WarmUp(made, loops.get(0), identities, workload, ticker)
        .run(requests, Duration.ofSeconds(1).plusMillis(requests));
  }

  /** A snapshot serves: its ports are opened on every loop, those it has not any more drained. */
  private Future<Void> published(MeshSignals signals, OpenPorts open, Snapshot snapshot) {
    breaker.set(snapshot.settings().breaker());
    signals.tell(snapshot.settings().metrics());
    credentials.retain(snapshot.config());
    if (draining) {
      return Future.succeededFuture();
    }
    return open.open(ports.apply(snapshot, this));
  }

  /** What the control plane is told beside a version. */
  private Standing standing() {
    OpenPorts open = opening;
    return open == null
        ? Standing.NONE
        : GatewayStanding.of(
            plan,
            store,
            open,
            identities,
            new About(ProxyCommand.version(), controlAdmin.port(), Optional.empty()));
  }

  private void serving() {
    if (missing.remove(NO_CONFIGURATION)) {
      LOG.info("ready");
    }
  }

  private List<String> notReady() {
    if (draining) {
      return List.of("it is draining");
    }
    return List.copyOf(missing);
  }

  /**
   * Not ready any more at once; for {@code --drain-wait} requests are still taken, each the last of
   * its connection, so that whoever sends them can notice; then nothing new is taken, and what is
   * under way may finish. Once is enough, and any thread may say so.
   */
  private synchronized Future<Void> leave() {
    Vertx made = vertx;
    Future<Void> begun = leaving;
    if (made == null || begun != null) {
      return begun == null ? Future.succeededFuture() : begun;
    }
    draining = true;
    int wait = options.drainWait();
    Future<Void> told =
        Future.join(loops.stream().map(WeightedRoutingVerticle::leave).toList()).mapEmpty();
    Future<Void> noticed =
        wait == 0 ? told : told.compose(any -> made.timer(wait, TimeUnit.SECONDS)).mapEmpty();
    Future<Void> ended = noticed.transform(any -> drain());
    leaving = ended;
    return ended;
  }

  /** How long {@link #end} takes at most. */
  Duration longestEnd() {
    return GRACE.plus(FLUSH).plusSeconds(5).plusSeconds(options.drainWait());
  }

  /** Leaves as {@code --drain-wait} says, then ends. */
  public Future<Void> end() {
    return leave().transform(left -> stop());
  }

  /** Not ready any more, nothing new is taken, what is under way may finish. */
  private Future<Void> drain() {
    draining = true;
    OpenPorts open = opening;
    if (open != null) {
      open.stop();
    }
    return Future.join(loops.stream().map(loop -> loop.drain(GRACE)).toList()).mapEmpty();
  }

  /** Drains without waiting for anybody to notice, then ends. */
  public Future<Void> stop() {
    Vertx made = vertx;
    return drain()
        .transform(done -> tracings.exporter().flush(FLUSH))
        .transform(done -> made == null ? Future.succeededFuture() : made.close())
        .onComplete(closed -> closeSources());
  }

  private void closeSources() {
    for (AutoCloseable source : sources) {
      try {
        source.close();
      } catch (Exception e) {
        LOG.warn("closing: {}", e.getMessage());
      }
    }
  }
}
