package dev.weft.routing.process.wiring;

import dev.weft.routing.discovery.standing.Standing;
import dev.weft.routing.discovery.standing.Standing.About;
import dev.weft.routing.discovery.standing.Standing.Certified;
import dev.weft.routing.discovery.standing.Standing.Ports;
import dev.weft.routing.discovery.standing.Standing.Trouble;
import dev.weft.routing.identity.CertificateFaults.Fault;
import dev.weft.routing.identity.CertificateFaults.Kind;
import dev.weft.routing.identity.IdentityStore;
import dev.weft.routing.identity.WorkloadIdentity;
import dev.weft.routing.snapshot.Plan;
import dev.weft.routing.snapshot.PortServers.Owned;
import dev.weft.routing.snapshot.Snapshot;
import dev.weft.routing.snapshot.SnapshotStore;
import dev.weft.routing.verticle.GatewayListening;
import dev.weft.routing.verticle.OpenPorts;
import dev.weft.routing.verticle.edge.GatewayServerTls;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** What a proxy has to tell of its ports and certificates, by the Gateways that they are of. */
public final class GatewayStanding {

  private final Map<String, String> closed;
  private final List<Fault> faults;
  private final Set<Trouble> troubles = new LinkedHashSet<>(); // several servers may say the same
  private final Map<String, Set<Integer>> listening = new TreeMap<>();
  private final Map<String, Set<Integer>> waiting = new TreeMap<>();

  private GatewayStanding(Map<String, String> closed, List<Fault> faults) {
    this.closed = closed;
    this.faults = faults;
  }

  /**
   * As things are now.
   *
   * @param about what this process says of itself beside its certificate, which is added
   */
  public static Standing of(
      Plan plan, SnapshotStore store, OpenPorts open, IdentityStore identities, About about) {
    Standing ports =
        of(
            plan.gateway(),
            store.current().map(Snapshot::ports).orElse(List.of()),
            open.closed(),
            identities.faults().all());
    About all =
        new About(
            about.weft(),
            about.adminPort(),
            identities.current().map(WorkloadIdentity::leaf).map(Certified::of));
    return new Standing(ports.kind(), all, ports.troubles(), ports.gateways());
  }

  /**
   * Of what was asked.
   *
   * @param gateway whether Gateways hold for it; else it is a sidecar
   * @param ports that Gateways want; none at a sidecar
   * @param closed why a listener is not open, by its name
   * @param faults of certificates
   */
  static Standing of(
      boolean gateway, List<Plan.Port> ports, Map<String, String> closed, List<Fault> faults) {
    GatewayStanding all = new GatewayStanding(closed, faults);
    ports.forEach(all::port);
    Set<String> ofGateways = new HashSet<>(ports.stream().map(GatewayListening::name).toList());
    new TreeMap<>(closed)
        .forEach(
            (name, why) -> {
              if (!ofGateways.contains(name)) {
                all.troubles.add(new Trouble("Listener", "", name, 0, why));
              }
            });
    return new Standing(gateway ? "gateway" : "sidecar", List.copyOf(all.troubles), all.gateways());
  }

  private void port(Plan.Port port) {
    Optional<String> why = Optional.ofNullable(closed.get(GatewayListening.name(port)));
    for (Owned server : port.servers().servers()) {
      Map<String, Set<Integer>> where = why.isEmpty() ? listening : waiting;
      where.computeIfAbsent(server.gateway(), first -> new TreeSet<>()).add(port.number());
      why.ifPresent(words -> add(server, words));
      faults.stream()
          .filter(fault -> of(fault, server))
          .forEach(fault -> add(server, words(fault, port.number())));
    }
  }

  private static boolean of(Fault fault, Owned server) {
    if (fault.kind() == Kind.ACME) {
      return server
          .server()
          .tls()
          .filter(tls -> tls.credentialName().equals(fault.of()))
          .isPresent();
    }
    return GatewayServerTls.name(server).equals(fault.of());
  }

  private static String words(Fault fault, int port) {
    String what =
        switch (fault.kind()) {
          case SERVER -> "has a certificate on port %d that cannot be read or used: ";
          case STAPLE -> "shows no OCSP response on port %d: ";
          case REVOCATION -> "has old news of revoked callers on port %d: ";
          case ACME -> "obtains no certificate for port %d: ";
        };
    return what.formatted(port) + fault.message();
  }

  private void add(Owned server, String words) {
    troubles.add(
        new Trouble(
            "Gateway",
            server.namespace(),
            server.gateway().substring(server.namespace().length() + 1),
            server.server().port(),
            words));
  }

  private List<Ports> gateways() {
    Set<String> names = new TreeSet<>(listening.keySet());
    names.addAll(waiting.keySet());
    List<Ports> all = new ArrayList<>();
    for (String name : names) {
      int slash = name.indexOf('/');
      all.add(
          new Ports(
              name.substring(0, slash),
              name.substring(slash + 1),
              List.copyOf(listening.getOrDefault(name, Set.of())),
              List.copyOf(waiting.getOrDefault(name, Set.of()))));
    }
    return all;
  }
}
