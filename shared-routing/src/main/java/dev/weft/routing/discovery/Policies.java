package dev.weft.routing.discovery;

import dev.weft.config.model.DestinationRule;
import dev.weft.config.model.DestinationRule.Subset;
import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.TrafficPolicy;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.exchange.Workload;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which DestinationRules hold for a cluster.
 *
 * <p>Source: Istio's look-up: the caller's namespace, then the service's, then the root namespace;
 * within one the most specific host; the first one's top policy, all ones' subsets.
 */
final class Policies {

  private static final String ROOT_NAMESPACE = "istio-system";

  private final List<DestinationRule> rules;
  private final Workload workload;

  Policies(MeshConfig config, Workload workload) {
    this.rules = config.destinationRules();
    this.workload = workload;
  }

  /** The rules of the namespace that counts, the most specific first. */
  private List<DestinationRule> rules(String host, String serviceNamespace) {
    for (String namespace : List.of(workload.namespace(), serviceNamespace, ROOT_NAMESPACE)) {
      List<DestinationRule> found =
          rules.stream()
              .filter(rule -> rule.meta().namespace().equals(namespace))
              .filter(rule -> covers(rule.host(), host))
              .filter(this::visible)
              .sorted(
                  Comparator.comparingInt((DestinationRule rule) -> rule.host().length())
                      .reversed())
              .toList();
      if (!found.isEmpty()) {
        return found;
      }
    }
    return List.of();
  }

  private boolean visible(DestinationRule rule) {
    boolean exported =
        rule.exportTo().contains("*") || rule.exportTo().contains(workload.namespace());
    boolean selected = workload.labels().entrySet().containsAll(rule.workloadSelector().entrySet());
    return exported && selected;
  }

  private static boolean covers(String wide, String host) {
    return wide.equals("*")
        || wide.equals(host)
        || (wide.startsWith("*.") && host.endsWith(wide.substring(1)));
  }

  TrafficPolicy policy(ClusterName name, String serviceNamespace) {
    List<DestinationRule> all = rules(name.host(), serviceNamespace);
    TrafficPolicy top =
        all.stream().findFirst().map(DestinationRule::trafficPolicy).orElse(TrafficPolicy.NONE);
    TrafficPolicy policy =
        subset(all, name)
            .flatMap(Subset::trafficPolicy)
            .map(finer -> top.overriddenBy(finer))
            .orElse(top);
    return policy.forPort(name.port());
  }

  /** Labels of a cluster's endpoints; a subset that nobody defines means the label version. */
  Map<String, String> labels(ClusterName name, String serviceNamespace) {
    if (name.subset().isEmpty()) {
      return Map.of();
    }
    return subset(rules(name.host(), serviceNamespace), name)
        .map(Subset::labels)
        .orElse(Map.of("version", name.subset()));
  }

  private static Optional<Subset> subset(List<DestinationRule> all, ClusterName name) {
    return all.stream()
        .flatMap(rule -> rule.subsets().stream())
        .filter(subset -> subset.name().equals(name.subset()))
        .findFirst();
  }
}
