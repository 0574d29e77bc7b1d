package dev.weft.config.validate;

import dev.weft.config.model.DestinationRule;
import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.ServiceEntry;
import dev.weft.config.model.core.EndpointSlice;
import dev.weft.config.model.core.Service;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/** What there is to refer to: services by host, their ports and endpoints, DestinationRules. */
final class Catalogue {

  private final Map<String, Set<Integer>> ports = new HashMap<>();
  private final SortedSet<String> known; // the hosts of ports
  private final List<String> wildcards = new ArrayList<>();
  private final Map<String, Integer> endpoints = new HashMap<>();
  private final Map<String, Set<String>> localities = new HashMap<>();
  private final Map<String, List<DestinationRule>> rules = new HashMap<>();
  private final List<DestinationRule> wideRules = new ArrayList<>();
  private final Map<String, Set<String>> subsets = new HashMap<>(); // of rules for one host

  Catalogue(MeshConfig config) {
    for (Service service : config.services()) {
      Set<Integer> known = ports.computeIfAbsent(service.host(), host -> new TreeSet<>());
      service.ports().forEach(port -> known.add(port.number()));
    }
    for (ServiceEntry entry : config.serviceEntries()) {
      for (String host : entry.hosts()) {
        Set<Integer> known = ports.computeIfAbsent(host, any -> new TreeSet<>());
        entry.ports().forEach(port -> known.add(port.number()));
        endpoints.merge(host, entry.endpoints().size(), Integer::sum);
        Set<String> places = localities.computeIfAbsent(host, any -> new TreeSet<>());
        entry.endpoints().forEach(endpoint -> places.add(endpoint.locality()));
      }
    }
    for (EndpointSlice slice : config.endpointSlices()) {
      endpoints.merge(slice.host(), slice.endpoints().size(), Integer::sum);
      Set<String> places = localities.computeIfAbsent(slice.host(), any -> new TreeSet<>());
      slice.endpoints().forEach(endpoint -> places.add(endpoint.zone()));
    }
    known = new TreeSet<>(ports.keySet());
    known.stream().filter(host -> host.startsWith("*.")).forEach(wildcards::add);
    for (DestinationRule rule : config.destinationRules()) {
      if (rule.host().startsWith("*")) {
        wideRules.add(rule);
      } else {
        rules.computeIfAbsent(rule.host(), host -> new ArrayList<>()).add(rule);
        Set<String> known = subsets.computeIfAbsent(rule.host(), host -> new HashSet<>());
        rule.subsets().forEach(subset -> known.add(subset.name()));
      }
    }
  }

  /** All hosts, sorted. */
  Set<String> known() {
    return known;
  }

  /** The ports of a service; empty where there is no such service. */
  Optional<Set<Integer>> ports(String host) {
    Set<Integer> exact = ports.get(host);
    if (exact != null) {
      return Optional.of(exact);
    }
    return wildcards.stream()
        .filter(wide -> Hosts.covers(wide, host))
        .findFirst()
        .map(wide -> ports.getOrDefault(wide, Set.of()));
  }

  /** Endpoints that are written down. */
  int endpoints(String host) {
    return endpoints.getOrDefault(host, 0);
  }

  /** Where those endpoints stand, sorted; what is not known is empty. */
  Set<String> localities(String host) {
    return localities.getOrDefault(host, Set.of());
  }

  /** Whether a DestinationRule that may hold for a host defines a subset. */
  boolean defines(String host, String subset) {
    return subsets.getOrDefault(host, Set.of()).contains(subset)
        || wideRules.stream()
            .filter(rule -> Hosts.covers(rule.host(), host))
            .flatMap(rule -> rule.subsets().stream())
            .anyMatch(one -> one.name().equals(subset));
  }

  /** DestinationRules that may hold for a host, of whatever namespace. */
  List<DestinationRule> rules(String host) {
    List<DestinationRule> exact = rules.getOrDefault(host, List.of());
    if (wideRules.isEmpty()) {
      return exact;
    }
    List<DestinationRule> all = new ArrayList<>(exact);
    wideRules.stream().filter(rule -> Hosts.covers(rule.host(), host)).forEach(all::add);
    return all;
  }
}
