package dev.weft.routing.process.warmup;

import dev.weft.config.ConfigDocument;
import dev.weft.config.ConfigLoader;
import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.PeerAuthentication.Mode;
import dev.weft.routing.clock.Ticker;
import dev.weft.routing.cluster.Endpoint;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.exchange.Workload;
import dev.weft.routing.identity.IdentityStore;
import dev.weft.routing.identity.SpiffeId;
import dev.weft.routing.listener.ListenerSettings;
import dev.weft.routing.listener.ListenerSettings.Role;
import dev.weft.routing.listener.MeshServerTls;
import dev.weft.routing.listener.ServerTls;
import dev.weft.routing.resilience.CircuitBreaker.State;
import dev.weft.routing.resilience.WindowedCircuitBreaker;
import dev.weft.routing.snapshot.EdgeIndex;
import dev.weft.routing.snapshot.Plan;
import dev.weft.routing.snapshot.Snapshot;
import dev.weft.routing.snapshot.SnapshotCompiler;
import dev.weft.routing.snapshot.SnapshotStore;
import dev.weft.routing.snapshot.UpstreamRegistry;
import dev.weft.routing.telemetry.MeshSignals;
import dev.weft.routing.telemetry.RequestSignals;
import dev.weft.routing.telemetry.Tap;
import dev.weft.routing.verticle.Listening;
import dev.weft.routing.verticle.WeightedRoutingVerticle;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends requests through this process before it is ready, so that the first real ones do not pay
 * for cold code: over ports of its own on the loopback interface, by the edge, over mTLS with the
 * workload's own identity where there is one, and the way of a sidecar's inbound port, to an
 * application that it plays itself. All is the real path but for the counters, which nobody sees;
 * caller and application are bare sockets ({@link Lanes}, {@link Echo}), lest they cost as much as
 * the proxy.
 *
 * <p>What goes wrong here is logged and stops nothing.
 */
public final class WarmUp {

  private static final Logger LOG = LoggerFactory.getLogger(WarmUp.class);
  static final String HOST = "warm-up.invalid";

  private static final int INBOUND = 0; // the plan's key; the port itself is a free one

  private final Vertx vertx;
  private final WeightedRoutingVerticle loop;
  private final IdentityStore identities;
  private final Workload workload;
  private final Ticker ticker;
  private final SnapshotStore store = new SnapshotStore();

  public WarmUp(
      Vertx vertx,
      WeightedRoutingVerticle loop,
      IdentityStore identities,
      Workload workload,
      Ticker ticker) {
    this.vertx = vertx;
    this.loop = loop;
    this.identities = identities;
    this.workload = workload;
    this.ticker = ticker;
  }

  /**
   * @param requests from 0
   * @param longest no request is begun after it
   * @return never fails; the ports are closed again then
   */
  public Future<Void> run(int requests, Duration longest) {
    if (requests == 0) {
      return Future.succeededFuture();
    }
    Lanes lanes = new Lanes(vertx, ticker, requests, longest);
    return Echo.listen(vertx)
        .compose(
            application ->
                listen(application.actualPort())
                    .compose(lanes::send)
                    .eventually(application::close))
        .onFailure(cause -> LOG.warn("not warmed up: {}", cause.getMessage()))
        .transform(done -> loop.open(List.of()))
        .otherwiseEmpty();
  }

  /** Opens a sidecar's inbound port before the application, and the edge before that. */
  private Future<Integer> listen(int application) {
    Optional<SpiffeId> own = identities.current().map(identity -> identity.id());
    Plan plan =
        new Plan(Map.of(INBOUND, new Plan.Application(Echo.LOOPBACK, application)), true, false);
    SnapshotCompiler compiler = compiler(plan);
    ServerTls tls =
        own.isPresent()
            ? new MeshServerTls(identities, ticker, any -> Mode.STRICT, 0)
            : ServerTls.NONE;
    Listening inbound =
        new Listening(
            "warm-up inbound",
            ListenerSettings.of(Echo.LOOPBACK, 0, own.isPresent() ? Role.MESH_INBOUND : Role.EDGE),
            tls,
            store.service(snapshot -> snapshot.inbound().get(INBOUND)));
    Listening edge =
        new Listening(
            "warm-up edge",
            ListenerSettings.of(Echo.LOOPBACK, 0, Role.EDGE),
            ServerTls.NONE,
            store.service(Snapshot::mesh));
    return loop.open(List.of(inbound, edge))
        .compose(open -> loop.port(inbound.name()))
        .compose(
            port -> vertx.executeBlocking(() -> compiler.compile(1, config(own, port), Map.of())))
        .onSuccess(store::publish)
        .compose(published -> loop.port(edge.name()));
  }

  private SnapshotCompiler compiler(Plan plan) {
    UpstreamRegistry registry =
        new UpstreamRegistry(
            ticker,
            (name, transition) ->
                new WindowedCircuitBreaker(name.toString(), vertx, ticker, transition),
            new Deaf());
    RequestSignals signals =
        new RequestSignals(Optional.empty(), new Tap(), RequestSignals.Noted.DEFAULT);
    EdgeIndex edges =
        new EdgeIndex(
            new MeshSignals(1, MeshSignals.Limits.DEFAULT, ticker), workload, 1, store::namespaces);
    return new SnapshotCompiler(
        workload,
        plan,
        registry,
        (version, log) -> signals.observer(edges, version),
        List.of(loop.client()));
  }

  private static MeshConfig config(Optional<SpiffeId> own, int inbound) {
    String text =
        """
        apiVersion: networking.istio.io/v1
        kind: ServiceEntry
        metadata: {name: warm-up, namespace: NAMESPACE}
        spec:
          hosts: [HOST]
          location: LOCATION
          resolution: STATIC
          ports: [{number: 80, name: http, protocol: HTTP}]
          endpoints: [{address: 127.0.0.1, ports: {http: INBOUND}, labels: {version: v1}ACCOUNT}]
        ---
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: warm-up, namespace: NAMESPACE}
        spec:
          hosts: [HOST]
          http:
          - match: [{uri: {prefix: /find}}]
            timeout: 5s
            retries: {attempts: 2, perTryTimeout: 2s, retryOn: "connect-failure,refused-stream,503"}
            route: [{destination: {host: HOST}}]
        """
            .replace("HOST", HOST)
            .replace("NAMESPACE", own.map(SpiffeId::namespace).orElse("default"))
            .replace("LOCATION", own.isPresent() ? "MESH_INTERNAL" : "MESH_EXTERNAL")
            .replace("INBOUND", Integer.toString(inbound))
            .replace(
                "ACCOUNT", own.map(id -> ", serviceAccount: " + id.serviceAccount()).orElse(""));
    return ConfigLoader.load(List.of(new ConfigDocument("warm-up", "warm-up", text))).config();
  }

  /** Nobody wants to know what happens to these upstreams. */
  private static final class Deaf implements UpstreamRegistry.Listener {
    @Override
    public void breaker(ClusterName cluster, State state) {}

    @Override
    public void ejection(ClusterName cluster, Endpoint endpoint, boolean ejected) {}
  }
}
