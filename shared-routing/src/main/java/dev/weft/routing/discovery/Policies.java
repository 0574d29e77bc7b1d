package dev.weft.routing.discovery;

import dev.weft.config.model.DestinationRule;
import dev.weft.config.model.DestinationRule.Subset;
import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.Meta;
import dev.weft.config.model.TrafficPolicy;
import dev.weft.config.model.balance.HealthCheck;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.exchange.Workload;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which DestinationRules hold for a cluster.
 *
 * <p>Source: Istio's look-up: the caller's namespace, then the service's, then the root namespace;
 * within one the most specific host; of several for it the oldest top policy and all subsets. A
 * workloadSelector picks callers of the rule's own namespace.
 */
final class Policies {

  private final Map<String, List<DestinationRule>> exact = new HashMap<>();
  private final List<DestinationRule> wide = new ArrayList<>();
  private final Map<String, List<DestinationRule>> found = new ConcurrentHashMap<>(); // by host
  private final Workload workload;

  Policies(MeshConfig config, Workload workload) {
    this.workload = workload;
    for (DestinationRule rule : config.destinationRules()) {
      if (!visible(rule)) {
        continue;
      }
      if (rule.host().startsWith("*")) {
        wide.add(rule);
      } else {
        exact.computeIfAbsent(rule.host(), host -> new ArrayList<>()).add(rule);
      }
    }
  }

  /** The rules of the namespace that counts, for the most specific host; the oldest first. */
  private List<DestinationRule> rules(String host, String serviceNamespace) {
    return found.computeIfAbsent(host, any -> find(host, serviceNamespace));
  }

  private List<DestinationRule> find(String host, String serviceNamespace) {
    List<DestinationRule> candidates = new ArrayList<>(exact.getOrDefault(host, List.of()));
    wide.stream().filter(rule -> covers(rule.host(), host)).forEach(candidates::add);
    if (candidates.isEmpty()) {
      return candidates;
    }
    Set<String> namespaces = new LinkedHashSet<>(List.of(workload.namespace(), serviceNamespace));
    Meta.ROOT_NAMESPACES.stream().sorted().forEach(namespaces::add);
    for (String namespace : namespaces) {
      List<DestinationRule> there =
          candidates.stream().filter(rule -> rule.meta().namespace().equals(namespace)).toList();
      Optional<String> best =
          there.stream().map(DestinationRule::host).min(Comparator.comparing(Policies::wideness));
      if (best.isPresent()) {
        return there.stream()
            .filter(rule -> rule.host().equals(best.get()))
            .sorted(Comparator.comparing(rule -> rule.workloadSelector().isEmpty()))
            .toList();
      }
    }
    return List.of();
  }

  /** A full name before any suffix, a longer suffix before a shorter one. */
  private static int wideness(String host) {
    return host.startsWith("*") ? Integer.MAX_VALUE - host.length() : 0;
  }

  private boolean visible(DestinationRule rule) {
    boolean own = rule.meta().namespace().equals(workload.namespace());
    boolean exported =
        rule.exportTo().contains("*") || rule.exportTo().contains(workload.namespace());
    boolean selected = workload.labels().entrySet().containsAll(rule.workloadSelector().entrySet());
    return exported && selected && (own || rule.workloadSelector().isEmpty());
  }

  private static boolean covers(String wide, String host) {
    return wide.equals("*") || (wide.startsWith("*.") && host.endsWith(wide.substring(1)));
  }

  TrafficPolicy policy(ClusterName name, String serviceNamespace) {
    List<DestinationRule> all = rules(name.host(), serviceNamespace);
    TrafficPolicy top =
        all.stream()
            .map(DestinationRule::trafficPolicy)
            .filter(policy -> !policy.equals(TrafficPolicy.NONE))
            .findFirst()
            .orElse(TrafficPolicy.NONE);
    TrafficPolicy whole =
        subset(all, name)
            .flatMap(Subset::trafficPolicy)
            .map(finer -> top.overriddenBy(finer))
            .orElse(top);
    return whole.forPort(name.port());
  }

  /** Of the oldest rule that says one. */
  Optional<HealthCheck> healthCheck(ClusterName name, String serviceNamespace) {
    return rules(name.host(), serviceNamespace).stream()
        .flatMap(rule -> rule.healthCheck().stream())
        .findFirst();
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
