package dev.weft.routing.snapshot;

import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.exchange.ClusterName.Direction;
import dev.weft.routing.exchange.Decision.Forward;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.PeerWorkload;
import dev.weft.routing.exchange.Workload;
import dev.weft.routing.identity.SpiffeId;
import dev.weft.routing.telemetry.EdgeLabels;
import dev.weft.routing.telemetry.EdgeLabels.Canonical;
import dev.weft.routing.telemetry.EdgeLabels.DestinationService;
import dev.weft.routing.telemetry.EdgeLabels.Reporter;
import dev.weft.routing.telemetry.EdgeLabels.Security;
import dev.weft.routing.telemetry.EdgeSignals;
import dev.weft.routing.telemetry.MeshSignals;
import dev.weft.routing.telemetry.RequestSignals.EdgeFinder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Finds the counters of an exchange's edge: at the source by the endpoint that it reached, at the
 * destination by whom the caller's certificate names. Each event loop has a map of its own, since a
 * look-up among 25 labels would be dear.
 */
public final class EdgeIndex implements EdgeFinder {

  private static final int MOST = 4096;

  private final MeshSignals signals;
  private final Workload workload;
  private final List<Map<Key, EdgeSignals>> loops = new ArrayList<>();

  /** What tells one edge of this proxy from another. */
  private record Key(
      ClusterName cluster, String app, String version, String principal, boolean tls) {}

  /**
   * @param eventLoops how many there are
   */
  public EdgeIndex(MeshSignals signals, Workload workload, int eventLoops) {
    this.signals = signals;
    this.workload = workload;
    for (int i = 0; i < eventLoops; i++) {
      loops.add(new HashMap<>());
    }
  }

  @Override
  public EdgeSignals edge(Exchange exchange, boolean reached) {
    Key key = key(exchange, reached);
    Map<Key, EdgeSignals> mine = loops.get(exchange.loop().index());
    EdgeSignals known = mine.get(key);
    if (known == null) {
      known = signals.edge(labels(key));
      if (mine.size() >= MOST) {
        mine.clear(); // hosts that callers invent must not fill the memory
      }
      mine.put(key, known);
    }
    return known;
  }

  private static Key key(Exchange exchange, boolean reached) {
    ClusterName cluster =
        exchange.decision().action() instanceof Forward forward
            ? forward.cluster()
            : ClusterName.outbound(EdgeLabels.UNKNOWN, 0, "");
    if (cluster.direction() == Direction.INBOUND) {
      Caller caller = exchange.caller();
      return new Key(
          cluster,
          caller.workload().map(PeerWorkload::app).orElse(EdgeLabels.UNKNOWN),
          caller.workload().map(PeerWorkload::version).orElse(EdgeLabels.UNKNOWN),
          caller.principal().orElse(EdgeLabels.UNKNOWN),
          caller.tls());
    }
    Map<String, String> labels = reached ? exchange.endpointLabels() : Map.of();
    return new Key(
        cluster,
        labels.getOrDefault("app", EdgeLabels.UNKNOWN),
        labels.getOrDefault("version", EdgeLabels.UNKNOWN),
        reached ? exchange.endpointPrincipal() : EdgeLabels.UNKNOWN,
        false);
  }

  /**
   * The edge of a connection that is not HTTP.
   *
   * @param endpoint labels of the one that it reached
   * @param principal of the other side, {@code unknown} where nothing is proved
   * @param tls whether it arrived encrypted
   */
  public EdgeLabels edge(
      ClusterName cluster, Map<String, String> endpoint, String principal, boolean tls) {
    return labels(
        new Key(
            cluster,
            endpoint.getOrDefault("app", EdgeLabels.UNKNOWN),
            endpoint.getOrDefault("version", EdgeLabels.UNKNOWN),
            principal,
            tls));
  }

  private EdgeLabels labels(Key key) {
    boolean inbound = key.cluster.direction() == Direction.INBOUND;
    EdgeLabels.Workload own =
        workload(workload.app(), workload.version(), workload.namespace(), workload.spiffeId());
    if (inbound) {
      Security security = key.tls ? Security.MUTUAL_TLS : Security.NONE;
      DestinationService service = service(key.cluster.host(), workload.namespace());
      return new EdgeLabels(Reporter.DESTINATION, caller(key), own, service, security);
    }
    DestinationService service = service(key.cluster.host(), "default");
    EdgeLabels.Workload reached =
        key.app.equals(EdgeLabels.UNKNOWN) && key.version.equals(EdgeLabels.UNKNOWN)
            ? EdgeLabels.Workload.NOBODY
            : workload(key.app, key.version, service.namespace(), key.principal);
    return new EdgeLabels(Reporter.SOURCE, own, reached, service, Security.UNKNOWN);
  }

  private static EdgeLabels.Workload caller(Key key) {
    Optional<SpiffeId> id = SpiffeId.parse(key.principal);
    if (id.isEmpty()) {
      return EdgeLabels.Workload.NOBODY;
    }
    String app = key.app.equals(EdgeLabels.UNKNOWN) ? id.get().serviceAccount() : key.app;
    return workload(app, key.version, id.get().namespace(), key.principal);
  }

  private static EdgeLabels.Workload workload(
      String app, String version, String namespace, String principal) {
    return new EdgeLabels.Workload(
        app + "-" + version,
        namespace,
        principal,
        app,
        version,
        new Canonical(app, version, EdgeLabels.UNKNOWN));
  }

  private static DestinationService service(String host, String namespace) {
    String[] parts = host.split("\\.", -1);
    boolean kubernetes = parts.length > 2 && parts[2].equals("svc");
    return new DestinationService(host, parts[0], kubernetes ? parts[1] : namespace);
  }
}
