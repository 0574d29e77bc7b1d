package dev.weft.routing.discovery;

import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.ServiceEntry;
import dev.weft.config.model.ServiceEntry.Resolution;
import dev.weft.config.model.core.Service;
import dev.weft.routing.cluster.Endpoint;
import dev.weft.routing.exchange.ClusterName;
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
 * network before a larger one, an older resource before a younger one. Immutable; a look-up of an
 * address that is known is one of a map.
 */
public final class Destinations {

  /** Of the others no endpoints are known. */
  private static final Set<Resolution> ENUMERATED =
      EnumSet.of(Resolution.STATIC, Resolution.DNS, Resolution.DNS_ROUND_ROBIN);

  private final Map<InetSocketAddress, Known> exact;
  private final List<Network> networks; // the smallest first
  private final Set<ClusterName> clusters;

  private Destinations(
      Map<InetSocketAddress, Known> exact, List<Network> networks, Set<ClusterName> clusters) {
    this.exact = Map.copyOf(exact);
    this.networks = List.copyOf(networks);
    this.clusters = Set.copyOf(clusters);
  }

  /**
   * Whose address it is.
   *
   * @param instance whether of one instance alone, and not of the service
   * @param protocol of the port, as it was written; empty where nothing says
   */
  public record Known(ClusterName cluster, boolean instance, String protocol) {}

  /** All addresses whose first bits are those of one, at one port. */
  private record Network(InetAddress address, int bits, int port, Known known) {
    boolean has(byte[] other) {
      byte[] own = address.getAddress();
      if (other.length != own.length) {
        return false;
      }
      for (int i = 0; i < bits; i++) {
        int mask = 0x80 >> (i & 7);
        if ((other[i >> 3] & mask) != (own[i >> 3] & mask)) {
          return false;
        }
      }
      return true;
    }
  }

  /** Of one configuration and the answers of name look-ups that {@code catalog} has. */
  public static Destinations of(MeshConfig config, EndpointCatalog catalog) {
    Builder builder = new Builder(catalog);
    for (Service service : config.services()) {
      for (Service.Port port : service.ports()) {
        builder.service(service.host(), port.number(), service.addresses());
      }
    }
    for (ServiceEntry entry : config.serviceEntries()) {
      for (String host : entry.hosts()) {
        if (ENUMERATED.contains(entry.resolution()) && catalog.knows(entry, host)) {
          entry.ports().forEach(port -> builder.service(host, port.number(), entry.addresses()));
        }
      }
    }
    return builder.build();
  }

  /** What is at an address; empty where nothing is known of it. */
  public Optional<Known> at(InetSocketAddress meant) {
    Known known = exact.get(meant);
    if (known != null || networks.isEmpty()) {
      return Optional.ofNullable(known);
    }
    byte[] address = meant.getAddress().getAddress();
    return networks.stream()
        .filter(network -> network.port == meant.getPort() && network.has(address))
        .map(Network::known)
        .findFirst();
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

    Builder(EndpointCatalog catalog) {
      this.catalog = catalog;
    }

    void service(String host, int port, List<String> addresses) {
      ClusterName name = ClusterName.outbound(host, port, "");
      String protocol = catalog.protocol(name);
      Known service = new Known(name, false, protocol);
      addresses.forEach(address -> address(address, port, service));
      Known instance = new Known(name, true, protocol);
      for (Endpoint endpoint : catalog.endpoints(name).endpoints()) {
        literal(endpoint.host())
            .ifPresent(
                at -> instances.putIfAbsent(new InetSocketAddress(at, endpoint.port()), instance));
      }
      clusters.add(name);
    }

    private void address(String written, int port, Known service) {
      int slash = written.indexOf('/');
      Optional<InetAddress> address = literal(slash < 0 ? written : written.substring(0, slash));
      if (address.isEmpty()) {
        return;
      }
      if (slash < 0) {
        own.putIfAbsent(new InetSocketAddress(address.get(), port), service);
      } else {
        int most = address.get().getAddress().length * Byte.SIZE;
        int bits = Math.min(Integer.parseInt(written.substring(slash + 1)), most);
        networks.add(new Network(address.get(), bits, port, service));
      }
    }

    Destinations build() {
      instances.putAll(own);
      networks.sort(Comparator.comparingInt(network -> -network.bits));
      return new Destinations(instances, networks, clusters);
    }

    private static Optional<InetAddress> literal(String text) {
      @Nullable InetAddress address = NetUtil.createInetAddressFromIpAddressString(text);
      return Optional.ofNullable(address);
    }
  }
}
