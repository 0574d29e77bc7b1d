package dev.weft.routing.discovery;

import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.ServiceEntry;
import dev.weft.config.model.ServiceEntry.Resolution;
import dev.weft.config.model.WorkloadEntry;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The instances of a ServiceEntry: its own endpoints, the WorkloadEntries of its namespace that it
 * selects, or its own host.
 *
 * <p>Source: Istio networking/v1 {@code ServiceEntry.workloadSelector}.
 */
final class EntryInstances {

  private EntryInstances() {}

  static List<ServiceEntry.Endpoint> of(MeshConfig config, ServiceEntry entry, String host) {
    if (!entry.workloadSelector().isEmpty()) {
      return selected(config, entry).toList();
    }
    if (ownName(entry)) {
      return List.of(
          new ServiceEntry.Endpoint(host, Map.of(), Map.of(), "", "", 1, "", entry.meta().place()));
    }
    return entry.endpoints();
  }

  /** Names that have to be looked up for {@code config}. */
  static Set<String> names(MeshConfig config) {
    Set<String> names = new LinkedHashSet<>();
    for (ServiceEntry entry : config.serviceEntries()) {
      if (ownName(entry)) {
        names.addAll(entry.hosts());
      } else if (dns(entry)) {
        Stream.concat(entry.endpoints().stream(), selected(config, entry))
            .map(ServiceEntry.Endpoint::address)
            .filter(address -> !literal(address))
            .forEach(names::add);
      }
    }
    return names;
  }

  /** Whether an address of an instance is a name. */
  static boolean lookedUp(ServiceEntry entry, String address) {
    return dns(entry) && !literal(address);
  }

  /** Whether its hosts themselves are looked up. */
  private static boolean ownName(ServiceEntry entry) {
    return dns(entry) && entry.endpoints().isEmpty() && entry.workloadSelector().isEmpty();
  }

  private static Stream<ServiceEntry.Endpoint> selected(MeshConfig config, ServiceEntry entry) {
    if (entry.workloadSelector().isEmpty()) {
      return Stream.empty();
    }
    return config.workloadEntries().stream()
        .filter(one -> one.meta().namespace().equals(entry.meta().namespace()))
        .map(WorkloadEntry::endpoint)
        .filter(one -> one.labels().entrySet().containsAll(entry.workloadSelector().entrySet()));
  }

  private static boolean dns(ServiceEntry entry) {
    return entry.resolution() == Resolution.DNS || entry.resolution() == Resolution.DNS_ROUND_ROBIN;
  }

  private static boolean literal(String address) {
    return address.matches("\\d{1,3}(\\.\\d{1,3}){3}") || address.indexOf(':') >= 0;
  }
}
