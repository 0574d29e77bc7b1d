package dev.weft.routing.process.lint;

import dev.weft.config.model.DestinationRule;
import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.Meta;
import dev.weft.config.model.PeerAuthentication;
import dev.weft.config.model.PeerAuthentication.Mode;
import dev.weft.config.model.ServiceEntry;
import dev.weft.config.model.ServiceEntry.Location;
import dev.weft.config.problem.Codes;
import dev.weft.routing.discovery.PeerModes;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.exchange.Workload;
import dev.weft.routing.process.lint.cover.Asked;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Workloads that are spoken to in what they do not take: a DestinationRule has no mTLS where a
 * PeerAuthentication wants nothing else. Only of endpoints that are written down with an account of
 * the mesh, since what has no proxy takes whatever it takes.
 */
final class Unspoken {

  private final MeshConfig config;
  private final Findings findings;

  Unspoken(MeshConfig config, Findings findings) {
    this.config = config;
    this.findings = findings;
  }

  /** Whether there may be something to tell of a cluster. */
  boolean concerns(ClusterName name) {
    return config.peerAuthentications().stream().anyMatch(Unspoken::strict)
        && config.destinationRules().stream().anyMatch(rule -> says(rule, name))
        && config.serviceEntries().stream().anyMatch(entry -> inside(entry, name));
  }

  private static boolean says(DestinationRule rule, ClusterName name) {
    boolean top = rule.trafficPolicy().tls().isPresent();
    boolean finer =
        !rule.trafficPolicy().portLevel().isEmpty()
            || rule.subsets().stream().anyMatch(one -> one.trafficPolicy().isPresent());
    return (top || finer) && rule.host().equals(name.host());
  }

  private static boolean inside(ServiceEntry entry, ClusterName name) {
    return entry.location() == Location.MESH_INTERNAL && entry.has(name.host());
  }

  /**
   * @param asked a request that goes to the cluster
   * @param share of such requests, for people
   */
  void check(ClusterName name, Asked asked, String share, Endpoints endpoints) {
    if (!concerns(name) || !endpoints.withoutMesh(name)) {
      return;
    }
    for (ServiceEntry entry : config.serviceEntries()) {
      for (ServiceEntry.Endpoint one :
          inside(entry, name) ? entry.endpoints() : List.<ServiceEntry.Endpoint>of()) {
        Optional<PeerAuthentication> by = refuses(entry, one, name.port());
        if (by.isPresent()) {
          told(name, one, by.get(), asked.told() + " gets 503" + share);
          return;
        }
      }
    }
  }

  /** What makes a workload of the mesh take mTLS alone; empty where that is not said. */
  private Optional<PeerAuthentication> refuses(
      ServiceEntry entry, ServiceEntry.Endpoint one, int named) {
    if (one.serviceAccount().isEmpty()) {
      return Optional.empty();
    }
    String namespace = entry.meta().namespace();
    Workload peer = new Workload(namespace, one.serviceAccount(), "cluster.local", one.labels());
    int port =
        entry.ports().stream()
            .filter(by -> by.number() == named)
            .findFirst()
            .map(by -> one.ports().getOrDefault(by.name(), by.targetPort()))
            .orElse(named);
    return PeerModes.mode(config, peer, port) == Mode.STRICT
        ? config.peerAuthentications().stream()
            .filter(by -> strict(by) && holds(by, namespace, one.labels()))
            .findFirst()
        : Optional.empty();
  }

  private static boolean strict(PeerAuthentication one) {
    return one.mode() == Mode.STRICT || one.portLevel().containsValue(Mode.STRICT);
  }

  private static boolean holds(
      PeerAuthentication one, String namespace, Map<String, String> labels) {
    boolean there =
        one.meta().namespace().equals(namespace)
            || Meta.ROOT_NAMESPACES.contains(one.meta().namespace());
    return there && labels.entrySet().containsAll(one.selector().entrySet());
  }

  private void told(
      ClusterName name, ServiceEntry.Endpoint one, PeerAuthentication by, String proof) {
    config.destinationRules().stream()
        .filter(rule -> says(rule, name))
        .findFirst()
        .ifPresent(
            rule ->
                findings.add(
                    Codes.CONTRADICTORY,
                    rule.meta().place(),
                    "spec.trafficPolicy.tls",
                    "reaches "
                        + name.host()
                        + " without the mesh's TLS, and "
                        + one.address()
                        + " of account "
                        + one.serviceAccount()
                        + " takes nothing else (PeerAuthentication "
                        + by.meta().qualifiedName()
                        + " is STRICT, "
                        + by.meta().place()
                        + "); e.g. "
                        + proof,
                    "write ISTIO_MUTUAL or nothing here, or PERMISSIVE there"));
  }
}
