package dev.weft.routing.cluster.balance;

import dev.weft.config.model.balance.Locality;
import dev.weft.config.model.balance.LocalityPolicy;
import dev.weft.config.model.balance.LocalityPolicy.Distribute;
import dev.weft.config.model.balance.LocalityPolicy.Failover;
import dev.weft.config.model.balance.LocalityPolicy.Share;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.ToIntFunction;

/**
 * Divides endpoints by where they stand, as a proxy at one place sees them. Pure.
 *
 * <p>Source: Istio {@code LocalityLoadBalancerSetting}: {@code distribute} always, failover once
 * outlier detection is on.
 */
public final class Localities {

  private static final String REGION = "topology.kubernetes.io/region";
  private static final String ZONE = "topology.kubernetes.io/zone";
  private static final String SUBZONE = "topology.istio.io/subzone";

  private Localities() {}

  /**
   * Endpoints that stand together.
   *
   * @param members indexes into all endpoints
   * @param share of the requests; 0 where the groups are in order and the first that is well gets
   *     them
   */
  public record Group(List<Integer> members, int share) {
    public Group {
      members = List.copyOf(members);
    }
  }

  /**
   * The groups that get requests, the nearest first.
   *
   * @param outliers whether outlier detection is on
   * @return none where no endpoint stands where the policy sends requests
   */
  public static List<Group> divided(
      List<? extends Candidate> all, LocalityPolicy policy, boolean outliers, Vantage vantage) {
    if (!policy.enabled()) {
      return together(all);
    }
    Optional<Distribute> distribute =
        policy.distribute().stream()
            .filter(one -> vantage.locality().known() && vantage.locality().within(one.from()))
            .findFirst();
    if (distribute.isPresent()) {
      return shared(all, distribute.get());
    }
    if (!outliers || !policy.distribute().isEmpty()) {
      return together(all);
    }
    if (!policy.failoverPriority().isEmpty()) {
      Map<String, String> own = labels(vantage.labels(), vantage.locality());
      return ordered(all, one -> missed(policy.failoverPriority(), own, one));
    }
    Locality own = vantage.locality();
    return own.known() ? ordered(all, one -> distance(own, one.where(), policy)) : together(all);
  }

  private static List<Group> together(List<? extends Candidate> all) {
    return ordered(all, one -> 0);
  }

  private static List<Group> shared(List<? extends Candidate> all, Distribute distribute) {
    List<Group> groups = new ArrayList<>();
    for (Share share : distribute.to()) {
      List<Integer> members = new ArrayList<>();
      for (int i = 0; i < all.size(); i++) {
        if (all.get(i).where().within(share.to())) {
          members.add(i);
        }
      }
      if (!members.isEmpty()) {
        groups.add(new Group(members, share.weight()));
      }
    }
    return groups;
  }

  private static List<Group> ordered(
      List<? extends Candidate> all, ToIntFunction<Candidate> distance) {
    Map<Integer, List<Integer>> nearestFirst = new TreeMap<>();
    for (int i = 0; i < all.size(); i++) {
      int far = distance.applyAsInt(all.get(i));
      nearestFirst.computeIfAbsent(far, any -> new ArrayList<>()).add(i);
    }
    return nearestFirst.values().stream().map(members -> new Group(members, 0)).toList();
  }

  private static int distance(Locality own, Locality where, LocalityPolicy policy) {
    if (!own.region().equals(where.region())) {
      Optional<Failover> next =
          policy.failover().stream().filter(one -> one.from().equals(own.region())).findFirst();
      return next.isEmpty() || next.get().to().equals(where.region()) ? 3 : 4;
    }
    if (!own.zone().equals(where.zone())) {
      return 2;
    }
    return own.subzone().equals(where.subzone()) ? 0 : 1;
  }

  /** How many of the labels, from the end, are not to be relied on. */
  private static int missed(List<String> wanted, Map<String, String> own, Candidate candidate) {
    Map<String, String> theirs = labels(candidate.labels(), candidate.where());
    int same = 0;
    while (same < wanted.size() && same(wanted.get(same), own, theirs)) {
      same++;
    }
    return wanted.size() - same;
  }

  private static boolean same(String wanted, Map<String, String> own, Map<String, String> theirs) {
    int equals = wanted.indexOf('=');
    String name = equals < 0 ? wanted : wanted.substring(0, equals);
    String value = equals < 0 ? own.getOrDefault(name, "") : wanted.substring(equals + 1);
    return theirs.getOrDefault(name, "").equals(value);
  }

  /** Labels with those that a locality means. */
  private static Map<String, String> labels(Map<String, String> labels, Locality locality) {
    Map<String, String> all = new TreeMap<>(labels);
    if (locality.known()) {
      all.put(REGION, locality.region());
      all.put(ZONE, locality.zone());
      all.put(SUBZONE, locality.subzone());
    }
    return all;
  }

  /** Where a workload stands by its own labels, as Kubernetes gives them to pods. */
  public static Locality of(Map<String, String> labels) {
    return new Locality(
        labels.getOrDefault(REGION, ""),
        labels.getOrDefault(ZONE, ""),
        labels.getOrDefault(SUBZONE, ""));
  }
}
