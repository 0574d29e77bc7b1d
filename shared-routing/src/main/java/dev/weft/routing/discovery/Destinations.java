package dev.weft.routing.discovery;

import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.ServiceEntry;
import dev.weft.config.model.ServiceEntry.Resolution;
import dev.weft.config.model.core.Service;
import dev.weft.routing.cluster.Endpoint;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.route.tcp.HostIndex;
import dev.weft.routing.route.tcp.Subnet;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What configuration knows of addresses: which service is meant by one, or which instance has it. A
 * service's own address counts before those of instances, an address before a network, a smaller
 * network before a larger one, an address before a port at any address, an older resource before a
 * younger one. Immutable; a look-up of an address that is known is one of a map.
 */
public final class Destinations {

  /** Of the others no endpoints are known. */
  private static final Set<Resolution> ENUMERATED =
      EnumSet.of(Resolution.STATIC, Resolution.DNS, Resolution.DNS_ROUND_ROBIN);

  private final Map<InetSocketAddress, Known> exact;
  private final List<Network> networks; // the smallest first
  private final Set<ClusterName> clusters;
  private final Map<Integer, Known> everywhere; // at any address, by the port
  private final Map<Integer, HostIndex<Known>> named; // by the port, by their handshakes' names

  private Destinations(Builder of) {
    this.exact = Map.copyOf(of.instances);
    this.networks = List.copyOf(of.networks);
    this.clusters = Set.copyOf(of.clusters);
    this.everywhere = Map.copyOf(of.everywhere);
    Map<Integer, HostIndex<Known>> byPort = new HashMap<>();
    of.named.forEach((port, hosts) -> byPort.put(port, new HostIndex<>(hosts)));
    this.named = Map.copyOf(byPort);
  }

  /**
   * Whose address it is.
   *
   * @param instance whether of one instance alone, and not of the service
   * @param addressed whether the service has an address of its own
   * @param protocol of the port, as it was written; empty where nothing says
   */
  public record Known(ClusterName cluster, boolean instance, boolean addressed, String protocol) {}

  /** All addresses of a subnet, at one port. */
  private record Network(Subnet subnet, int port, Known known) {}

  /** Of one configuration and the answers of name look-ups that {@code catalog} has. */
  public static Destinations of(MeshConfig config, EndpointCatalog catalog) {
    Builder builder = new Builder(catalog);
    for (Service service : config.services()) {
      for (Service.Port port : service.ports()) {
        builder.service(service.host(), port.number(), service.addresses());
      }
    }
    for (ServiceEntry entry : config.serviceEntries()) {
      entry.hosts().stream()
          .filter(host -> catalog.knows(entry, host))
          .forEach(host -> builder.entry(entry, host));
    }
    return builder.build();
  }

  /** What is at an address; empty where nothing is known of it. */
  public Optional<Known> at(InetSocketAddress meant) {
    Optional<Known> owner = owner(meant);
    return owner.isPresent() ? owner : Optional.ofNullable(everywhere.get(meant.getPort()));
  }

  /** Whose address it is; empty where it is nobody's, whatever a port means at any address. */
  public Optional<Known> owner(InetSocketAddress meant) {
    Known known = exact.get(meant);
    if (known != null || networks.isEmpty()) {
      return Optional.ofNullable(known);
    }
    return networks.stream()
        .filter(network -> network.port == meant.getPort())
        .filter(network -> network.subnet.has(meant.getAddress()))
        .map(Network::known)
        .findFirst();
  }

  /**
   * Which service the name of a handshake means, of those that have no address of their own and
   * whose port may speak TLS, the closest host first; empty where none has it.
   */
  public Optional<Known> named(String serverName, int port) {
    return Optional.ofNullable(named.get(port)).flatMap(hosts -> hosts.closest(serverName));
  }

  /** Whether the name of a handshake may mean a service. */
  public boolean byName() {
    return !named.isEmpty();
  }

  /** All clusters that an address leads to. */
  public Set<ClusterName> clusters() {
    return clusters;
  }

  private static final class Builder {

    private final EndpointCatalog catalog;
    private final Map<InetSocketAddress, Known> own = new HashMap<>();
    private final Map<InetSocketAddress, Known> instances = new HashMap<>();
    private final List<Network> networks = new ArrayList<>();
    private final Set<ClusterName> clusters = new HashSet<>();
    private final Map<Integer, Known> everywhere = new HashMap<>();
    private final Map<Integer, Map<String, Known>> named = new HashMap<>();

    Builder(EndpointCatalog catalog) {
      this.catalog = catalog;
    }

    void entry(ServiceEntry entry, String host) {
      boolean enumerated = ENUMERATED.contains(entry.resolution()) && !host.startsWith("*");
      for (ServiceEntry.Port port : entry.ports()) {
        if (enumerated || entry.asMeant()) {
          service(host, port.number(), entry.addresses());
        }
        if (entry.asMeant() && entry.addresses().isEmpty()) {
          everywhere(host, port.number());
        }
      }
    }

    void service(String host, int port, List<String> addresses) {
      ClusterName name = ClusterName.outbound(host, port, "");
      String protocol = catalog.protocol(name);
      boolean addressed = !addresses.isEmpty();
      Known service = new Known(name, false, addressed, protocol);
      addresses.forEach(address -> address(address, port, service));
      Known instance = new Known(name, true, addressed, protocol);
      Speech speech = Speech.of(protocol, port);
      if (!addressed && (speech == Speech.TLS || speech == Speech.UNKNOWN)) {
        named.computeIfAbsent(port, any -> new HashMap<>()).putIfAbsent(host, service);
      }
      for (Endpoint endpoint : catalog.endpoints(name).endpoints()) {
        literal(endpoint.host())
            .ifPresent(
                at -> instances.putIfAbsent(new InetSocketAddress(at, endpoint.port()), instance));
      }
      clusters.add(name);
    }

    /** A port that tells neither a Host nor the name of a handshake tells nothing but itself. */
    void everywhere(String host, int port) {
      ClusterName name = ClusterName.outbound(host, port, "");
      String protocol = catalog.protocol(name);
      if (Speech.of(protocol, port) == Speech.OPAQUE) {
        everywhere.putIfAbsent(port, new Known(name, false, false, protocol));
      }
    }

    private void address(String written, int port, Known service) {
      Optional<Subnet> subnet = Subnet.parse(written);
      if (subnet.isEmpty()) {
        return;
      }
      if (written.indexOf('/') < 0) {
        own.putIfAbsent(new InetSocketAddress(subnet.get().address(), port), service);
      } else {
        networks.add(new Network(subnet.get(), port, service));
      }
    }

    Destinations build() {
      instances.putAll(own);
      networks.sort(Comparator.comparingInt(network -> -network.subnet.bits()));
      return new Destinations(this);
    }

    private static Optional<InetAddress> literal(String text) {
      @Nullable InetAddress address = NetUtil.createInetAddressFromIpAddressString(text);
      return Optional.ofNullable(address);
    }
  }
}
