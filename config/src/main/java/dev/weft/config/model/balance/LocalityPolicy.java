package dev.weft.config.model.balance;

import java.util.List;

/**
 * Which localities a caller's requests go to. At most one of the three lists says anything; where
 * none does, the nearest endpoints come first once outlier detection is on.
 *
 * <p>Source: Istio {@code LocalityLoadBalancerSetting}.
 *
 * @param enabled false: where endpoints stand does not matter
 * @param distribute the first whose {@code from} the caller is within counts
 * @param failover which region comes next when the own one fails
 * @param failoverPriority labels, each {@code NAME} or {@code NAME=VALUE}: the more of the first
 *     ones an endpoint shares with the caller, the earlier it comes
 */
public record LocalityPolicy(
    boolean enabled,
    List<Distribute> distribute,
    List<Failover> failover,
    List<String> failoverPriority) {

  /** What holds where nothing is said. */
  public static final LocalityPolicy DEFAULT =
      new LocalityPolicy(true, List.of(), List.of(), List.of());

  public LocalityPolicy {
    distribute = List.copyOf(distribute);
    failover = List.copyOf(failover);
    failoverPriority = List.copyOf(failoverPriority);
  }

  /**
   * How the requests of callers in one area are divided.
   *
   * @param to weights add up to 100; a locality in none of them gets nothing
   */
  public record Distribute(Locality from, List<Share> to) {
    public Distribute {
      to = List.copyOf(to);
    }
  }

  /**
   * @param weight 1 to 100
   */
  public record Share(Locality to, int weight) {}

  /** Regions. */
  public record Failover(String from, String to) {}
}
