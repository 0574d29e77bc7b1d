package dev.weft.routing.process;

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
import dev.weft.routing.telemetry.RequestTap;
import dev.weft.routing.verticle.Listening;
import dev.weft.routing.verticle.WeightedRoutingVerticle;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends requests through this process before it is ready, so that the first real ones do not pay
 * for cold code: over ports of its own on the loopback interface, by the edge, over mTLS with the
 * workload's own identity where there is one, and the way of a sidecar's inbound port, to an
 * application that it plays itself. All is the real path but for the counters, which nobody sees.
 *
 * <p>What goes wrong here is logged and stops nothing.
 */
final class WarmUp {

  private static final Logger LOG = LoggerFactory.getLogger(WarmUp.class);
  private static final String LOOPBACK = "127.0.0.1";
  private static final int AT_A_TIME = 8;
  private static final int INBOUND = 0; // the plan's key; the port itself is a free one
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Buffer BODY = Buffer.buffer("warm".repeat(32));

  private final Vertx vertx;
  private final WeightedRoutingVerticle loop;
  private final IdentityStore identities;
  private final Workload workload;
  private final Ticker ticker;
  private final SnapshotStore store = new SnapshotStore();
  private final AtomicInteger left = new AtomicInteger();
  private long deadline;

  WarmUp(
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
  Future<Void> run(int requests, Duration longest) {
    if (requests == 0) {
      return Future.succeededFuture();
    }
    left.set(requests);
    deadline = ticker.nanos() + longest.toNanos();
    HttpClient client =
        vertx.createHttpClient(new PoolOptions().setHttp1MaxSize(AT_A_TIME).setHttp2MaxSize(1));
    HttpServer application =
        vertx
            .createHttpServer()
            .requestHandler(
                request -> request.end().onSuccess(end -> request.response().end(BODY)));
    return application
        .listen(0, LOOPBACK)
        .compose(open -> listen(open.actualPort()))
        .compose(port -> send(client, port))
        .onFailure(cause -> LOG.warn("not warmed up: {}", cause.getMessage()))
        .transform(done -> loop.open(List.of()))
        .transform(closed -> Future.join(client.close(), application.close()))
        .otherwiseEmpty()
        .mapEmpty();
  }

  /** Opens a sidecar's inbound port before the application, and the edge before that. */
  private Future<Integer> listen(int application) {
    Optional<SpiffeId> own = identities.current().map(identity -> identity.id());
    Plan plan = new Plan(Map.of(INBOUND, new Plan.Application(LOOPBACK, application)), true, false);
    SnapshotCompiler compiler = compiler(plan);
    ServerTls tls =
        own.isPresent()
            ? new MeshServerTls(identities, ticker, any -> Mode.STRICT, 0)
            : ServerTls.NONE;
    Listening inbound =
        new Listening(
            "warm-up inbound",
            ListenerSettings.of(LOOPBACK, 0, own.isPresent() ? Role.MESH_INBOUND : Role.EDGE),
            tls,
            store.service(snapshot -> snapshot.inbound().get(INBOUND)));
    Listening edge =
        new Listening(
            "warm-up edge",
            ListenerSettings.of(LOOPBACK, 0, Role.EDGE),
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
        new RequestSignals(Optional.empty(), new RequestTap(), RequestSignals.Noted.DEFAULT);
    EdgeIndex edges =
        new EdgeIndex(new MeshSignals(1, MeshSignals.Limits.DEFAULT, ticker), workload, 1);
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
          hosts: [warm-up.invalid]
          location: LOCATION
          resolution: STATIC
          ports: [{number: 80, name: http, protocol: HTTP}]
          endpoints: [{address: 127.0.0.1, ports: {http: INBOUND}, labels: {version: v1}ACCOUNT}]
        ---
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: warm-up, namespace: NAMESPACE}
        spec:
          hosts: [warm-up.invalid]
          http:
          - match: [{uri: {prefix: /find}}]
            timeout: 5s
            retries: {attempts: 2, perTryTimeout: 2s, retryOn: "connect-failure,refused-stream,503"}
            route: [{destination: {host: warm-up.invalid}}]
        """
            .replace("NAMESPACE", own.map(SpiffeId::namespace).orElse("default"))
            .replace("LOCATION", own.isPresent() ? "MESH_INTERNAL" : "MESH_EXTERNAL")
            .replace("INBOUND", Integer.toString(inbound))
            .replace(
                "ACCOUNT", own.map(id -> ", serviceAccount: " + id.serviceAccount()).orElse(""));
    return ConfigLoader.load(List.of(new ConfigDocument("warm-up", "warm-up", text))).config();
  }

  private Future<Void> send(HttpClient client, int port) {
    List<Future<?>> lanes = new ArrayList<>();
    for (int i = 0; i < AT_A_TIME; i++) {
      Promise<Void> done = Promise.promise();
      next(client, port, done);
      lanes.add(done.future());
    }
    return Future.join(lanes).mapEmpty();
  }

  /** One after the other; a chain of futures as long as this would be too deep to complete. */
  private void next(HttpClient client, int port, Promise<Void> done) {
    int number = left.getAndDecrement();
    if (number <= 0 || ticker.nanos() - deadline > 0) {
      done.complete();
      return;
    }
    one(client, port, number).onSuccess(end -> next(client, port, done)).onFailure(done::fail);
  }

  private static Future<Void> one(HttpClient client, int port, int number) {
    boolean post = number % 8 == 0;
    RequestOptions options =
        new RequestOptions()
            .setHost(LOOPBACK)
            .setPort(port)
            .setMethod(post ? HttpMethod.POST : HttpMethod.GET)
            .setURI("/find?n=" + number)
            .setTimeout(PATIENCE.toMillis())
            .putHeader("host", "warm-up.invalid");
    return client
        .request(options)
        .compose(request -> post ? request.send(BODY) : request.send())
        .compose(
            response ->
                response.statusCode() == 200
                    ? response.end()
                    : Future.failedFuture("status " + response.statusCode()));
  }

  /** Nobody wants to know what happens to these upstreams. */
  private static final class Deaf implements UpstreamRegistry.Listener {
    @Override
    public void breaker(ClusterName cluster, State state) {}

    @Override
    public void ejection(ClusterName cluster, Endpoint endpoint, boolean ejected) {}
  }
}
