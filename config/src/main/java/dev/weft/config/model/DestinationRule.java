package dev.weft.config.model;

import dev.weft.config.model.balance.HealthCheck;
import dev.weft.config.problem.Place;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How the endpoints of a host are divided and treated.
 *
 * <p>Source: Istio networking/v1 {@code DestinationRule}.
 *
 * @param host full name in lower case, or {@code *.suffix}
 * @param healthCheck of all its endpoints, by annotations
 * @param workloadSelector of the callers it holds for; empty for all
 */
public record DestinationRule(
    Meta meta,
    String host,
    List<String> exportTo,
    Map<String, String> workloadSelector,
    TrafficPolicy trafficPolicy,
    Optional<HealthCheck> healthCheck,
    List<Subset> subsets) {

  public DestinationRule {
    exportTo = List.copyOf(exportTo);
    workloadSelector = Map.copyOf(workloadSelector);
    subsets = List.copyOf(subsets);
  }

  /**
   * A named part of the endpoints.
   *
   * @param labels all must be equal; empty for all endpoints
   * @param trafficPolicy overrides the rule's, block by block
   */
  public record Subset(
      String name, Map<String, String> labels, Optional<TrafficPolicy> trafficPolicy, Place place) {
    public Subset {
      labels = Map.copyOf(labels);
    }
  }
}
