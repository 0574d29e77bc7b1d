package dev.weft.routing.process.lint;

import dev.weft.config.model.HttpAction.WeightedDestination;
import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.ServiceEntry;
import dev.weft.config.model.ServiceEntry.Resolution;
import dev.weft.config.model.TrafficPolicy;
import dev.weft.config.problem.Codes;
import dev.weft.config.problem.Place;
import dev.weft.routing.cluster.Endpoint;
import dev.weft.routing.cluster.EndpointSet;
import dev.weft.routing.cluster.UpstreamTls;
import dev.weft.routing.discovery.EndpointCatalog;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.exchange.Workload;
import dev.weft.routing.process.lint.cover.Asked;
import dev.weft.routing.route.CompiledRoute;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What stands behind destinations, as far as configuration says: subsets and services without
 * endpoints, and weights between endpoints that are the same. Of a Service whose endpoints the API
 * server knows alone nothing is said.
 */
final class Endpoints {

  private static final String LOOKED_UP = "192.0.2.1"; // in place of every address (RFC 5737)

  private final MeshConfig config;
  private final EndpointCatalog catalog;
  private final Findings findings;
  private final Overruled overruled;
  private final Areas areas;
  private final Map<ClusterName, Set<String>> known = new HashMap<>();

  Endpoints(MeshConfig config, Workload workload, Findings findings) {
    this.config = config;
    this.findings = findings;
    this.overruled = new Overruled(config, workload, findings);
    this.areas = new Areas(config, findings);
    Map<String, List<String>> addresses =
        EndpointCatalog.names(config).stream()
            .collect(Collectors.toMap(name -> name, name -> List.of(LOOKED_UP)));
    this.catalog = new EndpointCatalog(config, workload, addresses);
  }

  private Set<String> of(ClusterName name) {
    return known.computeIfAbsent(
        name,
        any ->
            catalog.endpoints(name).endpoints().stream()
                .map(Endpoint::address)
                .collect(Collectors.toUnmodifiableSet()));
  }

  /** Where several DestinationRules speak of a cluster. */
  Overruled overruled() {
    return overruled;
  }

  /** Whether some endpoint is reached otherwise than over the mesh's TLS. */
  boolean withoutMesh(ClusterName name) {
    return catalog.endpoints(name).endpoints().stream()
        .anyMatch(one -> !(one.tls() instanceof UpstreamTls.Mesh));
  }

  private TrafficPolicy policy(ClusterName name) {
    return catalog.settings(name).policy();
  }

  private boolean divided(ClusterName name) {
    return areas.any() && Areas.concerns(policy(name), endpoints(name));
  }

  private List<Endpoint> endpoints(ClusterName name) {
    return catalog.endpoints(name).endpoints();
  }

  /**
   * Tells of areas without endpoints.
   *
   * @param asked a request that goes there
   * @param part of such requests
   */
  void areas(ClusterName name, String asked, String part) {
    if (divided(name)) {
      areas.check(name, policy(name), endpoints(name), asked, part);
    }
  }

  /** Whether a destination has no endpoint, or has those of another. */
  boolean concerns(CompiledRoute route) {
    int size = route.destinations().size();
    for (int i = 0; i < size; i++) {
      ClusterName name = route.clusters().get(i);
      if (overruled.concerns(name) || divided(name)) {
        return true;
      }
      for (int j = 0; j < size; j++) {
        if (of(route.clusters().get(i)).isEmpty() || (i != j && alike(route, i, j))) {
          return true;
        }
      }
    }
    return false;
  }

  /**
   * Tells where a destination has no endpoint.
   *
   * @param proof a request that goes there
   */
  void missing(CompiledRoute route, int index, String field, String proof) {
    missing(
        route.clusters().get(index),
        route.destinations().get(index).destination().place(),
        field + ".route[" + index + "].destination",
        proof);
  }

  /**
   * Likewise.
   *
   * @param at field of the destination
   */
  void missing(ClusterName name, Place place, String at, String proof) {
    if (!of(name).isEmpty()) {
      return;
    }
    Set<String> whole = of(ClusterName.outbound(name.host(), name.port(), ""));
    if (!name.subset().isEmpty() && !whole.isEmpty()) {
      findings.add(
          Codes.UNSERVED,
          place,
          at + ".subset",
          "none of the "
              + whole.size()
              + " endpoints of "
              + name.host()
              + " is of subset '"
              + name.subset()
              + "'; e.g. "
              + proof,
          "give endpoints the labels of the subset, or send nothing there");
    } else if (empty(name)) {
      findings.add(
          Codes.UNSERVED,
          place,
          at + ".host",
          "no endpoint of " + name.host() + " is written down; e.g. " + proof,
          "add endpoints to its ServiceEntry, or WorkloadEntries that it selects");
    }
  }

  /** Whether configuration alone says which endpoints there are, and says none. */
  private boolean empty(ClusterName name) {
    List<ServiceEntry> entries =
        config.serviceEntries().stream().filter(entry -> entry.has(name.host())).toList();
    EndpointSet set = catalog.endpoints(name);
    return !entries.isEmpty()
        && entries.stream().allMatch(entry -> entry.resolution() == Resolution.STATIC)
        && config.services().stream().noneMatch(one -> one.host().equals(name.host()))
        && set.reason().equals(EndpointSet.EMPTY.reason())
        && !set.unresolved();
  }

  /** Tells of destinations whose endpoints are the same, or some of the others'. */
  void divided(CompiledRoute route, String field, Asked asked) {
    List<WeightedDestination> all = route.destinations();
    for (int i = 0; i < all.size(); i++) {
      for (int j = 0; j < all.size(); j++) {
        if (i != j && alike(route, i, j) && Ends.draws(asked, i) && Ends.draws(asked, j)) {
          told(route, field, asked, new int[] {i, j});
          return;
        }
      }
    }
  }

  /** Whether all endpoints of the second are the first's too, and nothing tells them apart. */
  private boolean alike(CompiledRoute route, int first, int second) {
    ClusterName one = route.clusters().get(first);
    ClusterName other = route.clusters().get(second);
    boolean service = one.host().equals(other.host()) && one.port() == other.port();
    List<WeightedDestination> all = route.destinations();
    boolean same = of(one).equals(of(other));
    return service
        && all.get(first).headers().equals(all.get(second).headers())
        && !of(other).isEmpty()
        && of(one).containsAll(of(other))
        && !(same && first > second);
  }

  private void told(CompiledRoute route, String field, Asked asked, int[] pair) {
    ClusterName one = route.clusters().get(pair[0]);
    ClusterName other = route.clusters().get(pair[1]);
    boolean same = of(one).equals(of(other));
    boolean twice = one.equals(other);
    String example = of(other).stream().sorted().findFirst().orElse("");
    findings.add(
        Codes.WEIGHTS,
        route.destinations().get(pair[1]).destination().place(),
        field + ".route[" + pair[1] + "].weight",
        (twice
                ? shown(other) + " stands there twice"
                : shown(other)
                    + (same ? " has the endpoints that " : " is a part of what ")
                    + shown(one)
                    + (same ? " has" : " is"))
            + (same ? ": their weights divide nothing" : ": it gets more than its weight")
            + "; e.g. "
            + asked.told()
            + " reaches "
            + example
            + " by either",
        twice
            ? "write it once, with both weights, or another subset"
            : "write subsets whose labels no endpoint has in common");
  }

  private static String shown(ClusterName name) {
    return name.subset().isEmpty()
        ? "the whole of " + name.host()
        : "subset '" + name.subset() + "'";
  }
}
