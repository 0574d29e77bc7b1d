package dev.weft.config.validate;

import dev.weft.config.model.DestinationRule;
import dev.weft.config.model.DestinationRule.Subset;
import dev.weft.config.model.Gateway;
import dev.weft.config.model.HttpAction;
import dev.weft.config.model.HttpAction.Destination;
import dev.weft.config.model.HttpRoute;
import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.ServiceEntry;
import dev.weft.config.model.VirtualService;
import dev.weft.config.model.core.Service;
import dev.weft.config.problem.Codes;
import dev.weft.config.problem.Problems;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Whether what a rule names exists. What does not is a warning, as in Istio: existence is a matter
 * of run time.
 */
public final class References {

  private final Set<String> hosts = new TreeSet<>();
  private final Map<String, List<DestinationRule>> rules = new HashMap<>();
  private final Set<String> gateways;
  private final Problems problems;

  private References(MeshConfig config, Problems problems) {
    this.problems = problems;
    config.services().stream().map(Service::host).forEach(hosts::add);
    config.serviceEntries().stream().map(ServiceEntry::hosts).forEach(hosts::addAll);
    for (DestinationRule rule : config.destinationRules()) {
      rules.computeIfAbsent(rule.host(), host -> new ArrayList<>()).add(rule);
    }
    this.gateways =
        config.gateways().stream()
            .map(Gateway::meta)
            .map(meta -> meta.qualifiedName())
            .collect(Collectors.toCollection(TreeSet::new));
  }

  /** Notes every dangling reference of {@code config}. */
  public static void check(MeshConfig config, Problems problems) {
    References references = new References(config, problems);
    config.virtualServices().forEach(references::check);
    references.merged(config.virtualServices());
  }

  private void check(VirtualService service) {
    for (String gateway : service.gateways()) {
      if (!gateway.equals(VirtualService.MESH) && !gateways.contains(gateway)) {
        problems.warning(
            Codes.UNKNOWN_GATEWAY,
            service.meta().place(),
            "spec.gateways",
            "gateway " + gateway + " does not exist" + existing(gateways),
            "its rules hold nowhere until it does");
      }
    }
    for (int i = 0; i < service.http().size(); i++) {
      HttpRoute rule = service.http().get(i);
      String path = "spec.http[" + i + "]";
      if (rule.action() instanceof HttpAction.Route route) {
        for (int j = 0; j < route.destinations().size(); j++) {
          check(path + ".route[" + j + "]", route.destinations().get(j).destination());
        }
      }
      rule.mirrors().forEach(mirror -> check(path + ".mirror", mirror.destination()));
    }
  }

  private void check(String path, Destination to) {
    if (to.host().isEmpty()) {
      return; // told where it was read
    }
    if (!exists(to.host())) {
      problems.warning(
          Codes.UNKNOWN_HOST,
          to.place(),
          path + ".destination.host",
          "no service '" + to.host() + "'" + existing(hosts),
          "requests get 503 until a Service or ServiceEntry of that name is there");
      return;
    }
    if (to.subset().isEmpty()) {
      return;
    }
    List<DestinationRule> all = rules.getOrDefault(to.host(), List.of());
    List<Subset> subsets = all.stream().flatMap(rule -> rule.subsets().stream()).toList();
    if (subsets.stream().anyMatch(subset -> subset.name().equals(to.subset()))) {
      return;
    }
    undefined(path, to, all, subsets);
  }

  private void undefined(
      String path, Destination to, List<DestinationRule> all, List<Subset> subsets) {
    String until = "until then it means the label version: " + to.subset();
    String field = path + ".destination.subset";
    if (all.isEmpty()) {
      problems.warning(
          Codes.UNKNOWN_SUBSET,
          to.place(),
          field,
          "subset '" + to.subset() + "' is not defined: no DestinationRule for " + to.host(),
          "add one; " + until);
      return;
    }
    DestinationRule rule = all.get(0);
    String names = subsets.stream().map(Subset::name).collect(Collectors.joining(", "));
    String known = names.isEmpty() ? "it defines none" : "it defines " + names;
    String where =
        subsets.isEmpty() ? rule.meta().place().toString() : subsets.get(0).place().toString();
    String write =
        subsets.isEmpty() ? "add it to " : "write " + subsets.get(0).name() + ", or add it to ";
    problems.warning(
        Codes.UNKNOWN_SUBSET,
        to.place(),
        field,
        "subset '"
            + to.subset()
            + "' is not defined by DestinationRule "
            + rule.meta().qualifiedName()
            + " ("
            + known
            + ")",
        write + where + "; " + until);
  }

  private boolean exists(String host) {
    return hosts.contains(host)
        || hosts.stream()
            .anyMatch(known -> known.startsWith("*.") && host.endsWith(known.substring(1)));
  }

  private static String existing(Set<String> names) {
    if (names.isEmpty()) {
      return " (there is none)";
    }
    String some = names.stream().limit(5).collect(Collectors.joining(", "));
    return " (there are: " + some + (names.size() > 5 ? ", ..." : "") + ")";
  }

  /**
   * Several VirtualServices for one host of the mesh are merged; Istio would ignore all but one.
   */
  private void merged(List<VirtualService> services) {
    Map<String, VirtualService> first = new LinkedHashMap<>();
    for (VirtualService service : services) {
      if (!service.gateways().contains(VirtualService.MESH)) {
        continue;
      }
      for (String host : service.hosts()) {
        Optional<VirtualService> before = Optional.ofNullable(first.putIfAbsent(host, service));
        before
            .filter(other -> !other.meta().equals(service.meta()))
            .ifPresent(
                other ->
                    problems.warning(
                        Codes.MERGED,
                        service.meta().place(),
                        "spec.hosts",
                        "host "
                            + host
                            + " also in VirtualService "
                            + other.meta().qualifiedName()
                            + " ("
                            + other.meta().place()
                            + "): their rules are merged, that one's first",
                        "Istio would ignore this one for the mesh"));
      }
    }
  }
}
