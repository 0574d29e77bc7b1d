package dev.weft.routing.process.lint;

import dev.weft.config.model.DestinationRule;
import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.TrafficPolicy;
import dev.weft.config.model.TrafficPolicy.LoadBalancer;
import dev.weft.config.model.balance.LocalityPolicy;
import dev.weft.config.model.balance.LocalityPolicy.Distribute;
import dev.weft.config.model.balance.LocalityPolicy.Share;
import dev.weft.config.problem.Codes;
import dev.weft.config.problem.Place;
import dev.weft.routing.cluster.Endpoint;
import dev.weft.routing.exchange.ClusterName;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Areas that {@code localityLbSetting.distribute} gives a part of the requests, and in which no
 * endpoint stands: their part goes to the others, and where there is no other, nowhere.
 */
final class Areas {

  private static final String FIELD = "loadBalancer.localityLbSetting.distribute";

  private final MeshConfig config;
  private final Findings findings;
  private final boolean any;

  Areas(MeshConfig config, Findings findings) {
    this.config = config;
    this.findings = findings;
    this.any =
        config.destinationRules().stream()
            .flatMap(
                rule ->
                    Stream.concat(
                        Stream.of(rule.trafficPolicy()),
                        rule.subsets().stream().flatMap(one -> one.trafficPolicy().stream())))
            .anyMatch(policy -> !distributes(policy).isEmpty());
  }

  /** Whether any rule divides requests among areas. */
  boolean any() {
    return any;
  }

  /** Whether some area has no endpoint, of those that there are. */
  static boolean concerns(TrafficPolicy policy, List<Endpoint> all) {
    return !all.isEmpty()
        && distributes(policy).stream()
            .flatMap(one -> one.to().stream())
            .anyMatch(share -> nobody(share, all));
  }

  /**
   * Tells of the first such area.
   *
   * @param all endpoints of the cluster, one at least
   * @param asked a request that goes there
   * @param part of such requests; empty for all
   */
  void check(
      ClusterName name, TrafficPolicy policy, List<Endpoint> all, String asked, String part) {
    for (Distribute one : distributes(policy)) {
      Optional<Share> empty = one.to().stream().filter(share -> nobody(share, all)).findFirst();
      if (empty.isPresent()) {
        boolean none = one.to().stream().allMatch(share -> nobody(share, all));
        tell(
            name,
            policy,
            "none of the "
                + all.size()
                + " endpoints of "
                + name.host()
                + " is in "
                + empty.get().to()
                + ", which is to get "
                + empty.get().weight()
                + " % of what callers in "
                + one.from()
                + " send; e.g. "
                + asked
                + (none ? " gets 503 from there" : " is sent to other areas from there")
                + part);
        return;
      }
    }
  }

  private void tell(ClusterName name, TrafficPolicy policy, String message) {
    for (DestinationRule rule : config.destinationRules()) {
      boolean whole = locality(rule.trafficPolicy()).equals(locality(policy));
      Optional<Place> subset =
          rule.subsets().stream()
              .filter(one -> one.name().equals(name.subset()))
              .filter(
                  one ->
                      one.trafficPolicy()
                          .map(Areas::locality)
                          .equals(Optional.of(locality(policy))))
              .map(DestinationRule.Subset::place)
              .findFirst();
      if (rule.host().equals(name.host()) && (whole || subset.isPresent())) {
        findings.add(
            Codes.WEIGHTS,
            subset.orElse(rule.meta().place()),
            (subset.isPresent() ? "spec.subsets.trafficPolicy." : "spec.trafficPolicy.") + FIELD,
            message,
            "give endpoints that locality, or write areas in which some stand");
        return;
      }
    }
  }

  private static List<Distribute> distributes(TrafficPolicy policy) {
    return locality(policy)
        .filter(LocalityPolicy::enabled)
        .map(LocalityPolicy::distribute)
        .orElse(List.of());
  }

  private static Optional<LocalityPolicy> locality(TrafficPolicy policy) {
    return policy.loadBalancer().flatMap(LoadBalancer::locality);
  }

  private static boolean nobody(Share share, List<Endpoint> all) {
    return all.stream().noneMatch(one -> one.where().within(share.to()));
  }
}
