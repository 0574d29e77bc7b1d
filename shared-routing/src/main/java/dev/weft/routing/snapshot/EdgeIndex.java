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
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Finds the counters of an exchange's edge: at the source by the endpoint that it reached, at the
 * destination by whom the caller's certificate names. Each event loop has a map of its own, since a
 * look-up among 25 labels would be dear; it begins anew where another configuration says in which
 * namespaces services stand.
 */
public final class EdgeIndex implements EdgeFinder {

  private static final int MOST = 4096;
  private static final String LATEST = "latest"; // Istio's canonical revision of no version

  private final MeshSignals signals;
  private final Workload workload;
  private final Supplier<Function<String, Optional<String>>> namespaces;
  private final List<Known> loops = new ArrayList<>();

  /** What an event loop has found, and by what it did. */
  private static final class Known {
    private final Map<Key, EdgeSignals> edges = new HashMap<>();
    private Function<String, Optional<String>> by = host -> Optional.empty();
  }

  /** What tells one edge of this proxy from another. */
  private record Key(
      ClusterName cluster, String name, String app, String version, String principal, boolean tls) {

    private boolean nobody() {
      return List.of(name, app, version).stream().allMatch(EdgeLabels.UNKNOWN::equals);
    }
  }

  /**
   * @param eventLoops how many there are
   * @param namespaces where the ServiceEntry of a host stands, by what serves now: the same object
   *     for as long as that is the same; empty for a host that no ServiceEntry has
   */
  public EdgeIndex(
      MeshSignals signals,
      Workload workload,
      int eventLoops,
      Supplier<Function<String, Optional<String>>> namespaces) {
    this.signals = signals;
    this.workload = workload;
    this.namespaces = namespaces;
    for (int i = 0; i < eventLoops; i++) {
      loops.add(new Known());
    }
  }

  @Override
  public EdgeSignals edge(Exchange exchange, boolean reached) {
    Key key = key(exchange, reached);
    Known mine = loops.get(exchange.loop().index());
    Function<String, Optional<String>> now = namespaces.get();
    if (mine.by != now) {
      mine.edges.clear();
      mine.by = now;
    }
    EdgeSignals known = mine.edges.get(key);
    if (known == null) {
      known = signals.edge(labels(key, now));
      if (mine.edges.size() >= MOST) {
        mine.edges.clear(); // hosts that callers invent must not fill the memory
      }
      mine.edges.put(key, known);
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
      String principal = caller.principal().orElse(EdgeLabels.UNKNOWN);
      return caller.workload().isEmpty()
          ? key(cluster, Map.of(), principal, caller.tls())
          : key(cluster, caller.workload().get(), principal, caller.tls());
    }
    return reached
        ? key(cluster, exchange.endpointLabels(), exchange.endpointPrincipal(), false)
        : key(cluster, Map.of(), EdgeLabels.UNKNOWN, false);
  }

  private static Key key(ClusterName cluster, PeerWorkload told, String principal, boolean tls) {
    return new Key(cluster, told.workload(), told.app(), told.version(), principal, tls);
  }

  private static Key key(
      ClusterName cluster, Map<String, String> labels, String principal, boolean tls) {
    return new Key(
        cluster,
        labels.getOrDefault(PeerWorkload.NAME, EdgeLabels.UNKNOWN),
        PeerWorkload.app(labels),
        PeerWorkload.version(labels),
        principal,
        tls);
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
    return labels(key(cluster, endpoint, principal, tls), namespaces.get());
  }

  /** Who showed no certificate on this edge has no principal there, not even this proxy. */
  private EdgeLabels labels(Key key, Function<String, Optional<String>> namespaces) {
    String host = key.cluster.host();
    boolean inbound = key.cluster.direction() == Direction.INBOUND;
    boolean shown = inbound ? key.tls : !key.principal.equals(EdgeLabels.UNKNOWN);
    String identity = shown ? workload.spiffeId() : EdgeLabels.UNKNOWN;
    EdgeLabels.Workload own = workload(PeerWorkload.of(workload), workload.namespace(), identity);
    if (inbound) {
      Security security = key.tls ? Security.MUTUAL_TLS : Security.NONE;
      DestinationService service =
          service(host, namespaces.apply(host).orElse(workload.namespace()));
      EdgeLabels.Workload caller =
          SpiffeId.parse(key.principal)
              .map(id -> other(key, id.serviceAccount(), id.namespace()))
              .orElse(EdgeLabels.Workload.NOBODY);
      return new EdgeLabels(Reporter.DESTINATION, caller, own, service, security);
    }
    DestinationService service = service(host, namespaces.apply(host).orElse(EdgeLabels.UNKNOWN));
    EdgeLabels.Workload reached =
        SpiffeId.parse(key.principal)
            .map(id -> other(key, id.serviceAccount(), id.namespace()))
            .orElseGet(
                () ->
                    key.nobody()
                        ? EdgeLabels.Workload.NOBODY
                        : other(key, key.name, service.namespace()));
    return new EdgeLabels(Reporter.SOURCE, own, reached, service, Security.UNKNOWN);
  }

  /**
   * The workload on the other side.
   *
   * @param account what stands for an app that no label tells
   */
  private static EdgeLabels.Workload other(Key key, String account, String namespace) {
    String app = key.app.equals(EdgeLabels.UNKNOWN) ? account : key.app;
    return workload(PeerWorkload.of(key.name, app, key.version), namespace, key.principal);
  }

  private static EdgeLabels.Workload workload(
      PeerWorkload named, String namespace, String principal) {
    String revision = named.version().equals(EdgeLabels.UNKNOWN) ? LATEST : named.version();
    return new EdgeLabels.Workload(
        named.workload(),
        namespace,
        principal,
        named.app(),
        named.version(),
        new Canonical(named.app(), revision, EdgeLabels.UNKNOWN));
  }

  /** Only a Service of Kubernetes has a name of its own; a ServiceEntry's is its whole host. */
  private static DestinationService service(String host, String namespace) {
    String[] parts = host.split("\\.", -1);
    if (parts.length > 2 && parts[2].equals("svc")) {
      return new DestinationService(host, parts[0], parts[1]);
    }
    boolean none = host.equals(EdgeLabels.UNKNOWN);
    return new DestinationService(host, host, none ? EdgeLabels.UNKNOWN : namespace);
  }
}
