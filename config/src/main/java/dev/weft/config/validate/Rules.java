package dev.weft.config.validate;

import dev.weft.config.model.DestinationRule;
import dev.weft.config.model.DestinationRule.Subset;
import dev.weft.config.model.HttpAction;
import dev.weft.config.model.HttpAction.Destination;
import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.TrafficPolicy.LoadBalancer;
import dev.weft.config.model.TrafficPolicy.OutlierDetection;
import dev.weft.config.model.balance.LocalityPolicy;
import dev.weft.config.problem.Codes;
import dev.weft.config.problem.Problems;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** DestinationRules that do less than they look like. */
final class Rules {

  private final Catalogue catalogue;
  private final Problems problems;
  private final Map<String, Set<String>> named = new HashMap<>(); // subsets of destinations by host

  private Rules(MeshConfig config, Catalogue catalogue, Problems problems) {
    this.catalogue = catalogue;
    this.problems = problems;
    config.virtualServices().stream()
        .flatMap(service -> service.http().stream())
        .forEach(
            rule -> {
              if (rule.action() instanceof HttpAction.Route route) {
                route.destinations().forEach(to -> name(to.destination()));
              }
              rule.mirrors().forEach(mirror -> name(mirror.destination()));
            });
    config.virtualServices().stream()
        .flatMap(service -> Stream.concat(service.tls().stream(), service.tcp().stream()))
        .flatMap(rule -> rule.destinations().stream())
        .forEach(to -> name(to.destination()));
  }

  private void name(Destination to) {
    if (!to.subset().isEmpty()) {
      named.computeIfAbsent(to.host(), host -> new HashSet<>()).add(to.subset());
    }
  }

  static void check(MeshConfig config, Catalogue catalogue, Problems problems) {
    Rules rules = new Rules(config, catalogue, problems);
    config.destinationRules().forEach(rules::check);
  }

  private void check(DestinationRule rule) {
    boolean one = !rule.host().isEmpty() && !rule.host().startsWith("*");
    if (one && catalogue.ports(rule.host()).isEmpty()) {
      problems.warning(
          Codes.UNKNOWN_HOST,
          rule.meta().place(),
          "spec.host",
          "no service '" + rule.host() + "'" + Hosts.existing(catalogue.known()),
          "it holds for nothing until a Service or ServiceEntry of that name is there");
    }
    if (one) {
      rule.subsets().forEach(subset -> unused(rule, subset));
    }
    rule.trafficPolicy().outlierDetection().ifPresent(wanted -> ejections(rule, wanted));
    localities(rule);
  }

  /** Failover between localities and outlier detection depend on each other. */
  private void localities(DestinationRule rule) {
    boolean outliers = rule.trafficPolicy().outlierDetection().isPresent();
    Optional<LocalityPolicy> said =
        rule.trafficPolicy().loadBalancer().flatMap(LoadBalancer::locality);
    boolean fails =
        said.filter(one -> !one.failover().isEmpty() || !one.failoverPriority().isEmpty())
            .isPresent();
    if (fails && !outliers) {
      problems.warning(
          Codes.TRAP,
          rule.meta().place(),
          "spec.trafficPolicy.loadBalancer.localityLbSetting",
          "failover without outlierDetection has no effect",
          "add outlierDetection");
    }
    Set<String> places = catalogue.localities(rule.host());
    if (outliers && said.isEmpty() && places.size() > 1) {
      String shown =
          places.stream()
              .map(place -> place.isEmpty() ? "unknown" : place)
              .collect(Collectors.joining(", "));
      problems.warning(
          Codes.TRAP,
          rule.meta().place(),
          "spec.trafficPolicy.outlierDetection",
          "outlierDetection keeps callers to the nearest endpoints (there are: " + shown + ")",
          "write loadBalancer.localityLbSetting: {enabled: true} if that is meant, else false");
    }
  }

  private void unused(DestinationRule rule, Subset subset) {
    if (subset.trafficPolicy().isPresent()
        && !named.getOrDefault(rule.host(), Set.of()).contains(subset.name())) {
      problems.warning(
          Codes.TRAP,
          subset.place(),
          "spec.subsets",
          "the trafficPolicy of subset '" + subset.name() + "' holds for no request",
          "a VirtualService must name the subset");
    }
  }

  private void ejections(DestinationRule rule, OutlierDetection wanted) {
    int endpoints = catalogue.endpoints(rule.host());
    int percent = wanted.maxEjectionPercent();
    boolean few = endpoints > 1 && percent > 0 && endpoints * percent < 100;
    if (few) {
      problems.warning(
          Codes.TRAP,
          rule.meta().place(),
          "spec.trafficPolicy.outlierDetection",
          "maxEjectionPercent "
              + percent
              + " of "
              + endpoints
              + " endpoints: only one at a time is ejected",
          "write maxEjectionPercent: 100 for a small service");
    }
  }
}
