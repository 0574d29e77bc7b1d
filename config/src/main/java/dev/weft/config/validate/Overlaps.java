package dev.weft.config.validate;

import dev.weft.config.model.DestinationRule;
import dev.weft.config.model.DestinationRule.Subset;
import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.Meta;
import dev.weft.config.model.PeerAuthentication;
import dev.weft.config.model.TrafficPolicy;
import dev.weft.config.model.VirtualService;
import dev.weft.config.problem.Codes;
import dev.weft.config.problem.Problems;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Several resources that speak of one thing: which of them counts is told. */
final class Overlaps {

  private final Problems problems;

  private Overlaps(Problems problems) {
    this.problems = problems;
  }

  static void check(MeshConfig config, Problems problems) {
    Overlaps overlaps = new Overlaps(problems);
    overlaps.hosts(config.virtualServices());
    overlaps.policies(config.destinationRules());
    overlaps.modes(config.peerAuthentications());
  }

  /** Of several VirtualServices for one host of the mesh the oldest counts. */
  private void hosts(List<VirtualService> services) {
    Map<String, Meta> first = new HashMap<>();
    for (VirtualService service : services) {
      if (!service.gateways().contains(VirtualService.MESH)) {
        continue;
      }
      for (String host : service.hosts()) {
        Optional<Meta> before = Optional.ofNullable(first.putIfAbsent(host, service.meta()));
        before
            .filter(other -> !other.equals(service.meta()))
            .ifPresent(
                other ->
                    told(
                        service.meta(),
                        "spec.hosts",
                        "host " + host + " also in " + named(other),
                        "the mesh takes only that one's rules for it",
                        "write all rules for a host into one VirtualService"));
      }
    }
  }

  /** Of several DestinationRules for one host in one namespace the oldest policy counts. */
  private void policies(List<DestinationRule> rules) {
    Map<String, Meta> first = new HashMap<>();
    Map<String, Meta> policies = new HashMap<>();
    Map<String, DestinationRule> subsets = new HashMap<>();
    for (DestinationRule rule : rules) {
      String key = rule.meta().namespace() + " " + rule.host() + " " + rule.workloadSelector();
      Meta before = first.putIfAbsent(key, rule.meta());
      boolean policy = !rule.trafficPolicy().equals(TrafficPolicy.NONE);
      Meta counts = policy ? policies.putIfAbsent(key, rule.meta()) : null;
      if (before != null) {
        told(
            rule.meta(),
            counts == null ? "spec.host" : "spec.trafficPolicy",
            "host " + rule.host() + " also in " + named(counts == null ? before : counts),
            counts == null
                ? "their subsets are merged"
                : "their subsets are merged, and the trafficPolicy here does not count",
            "write one DestinationRule for a host");
      }
      rule.subsets().forEach(one -> subset(rule, one, key, subsets));
    }
  }

  /** A subset that an older rule says otherwise. */
  private void subset(
      DestinationRule rule, Subset subset, String of, Map<String, DestinationRule> known) {
    DestinationRule before = known.putIfAbsent(of + " " + subset.name(), rule);
    boolean other =
        before != null
            && !before.meta().equals(rule.meta())
            && before.subsets().stream()
                .noneMatch(
                    one ->
                        one.name().equals(subset.name()) && one.labels().equals(subset.labels()));
    if (other) {
      problems.warning(
          Codes.MERGED,
          subset.place(),
          "spec.subsets",
          "subset '"
              + subset.name()
              + "' has other labels in "
              + named(before.meta())
              + ": this one does not count",
          "write one DestinationRule for a host, or give the subset another name");
    }
  }

  /** Of several PeerAuthentications at one level the oldest counts. */
  private void modes(List<PeerAuthentication> all) {
    Map<String, Meta> first = new HashMap<>();
    for (PeerAuthentication one : all) {
      boolean root = Meta.ROOT_NAMESPACES.contains(one.meta().namespace());
      String level = root ? "mesh" : one.meta().namespace() + " " + one.selector();
      Optional<Meta> before = Optional.ofNullable(first.putIfAbsent(level, one.meta()));
      before.ifPresent(
          other ->
              told(
                  one.meta(),
                  "spec",
                  "the same workloads as " + named(other),
                  "this one does not count",
                  "remove one of them"));
    }
  }

  private static String named(Meta other) {
    return other.kind() + " " + other.qualifiedName() + " (" + other.place() + ")";
  }

  private void told(Meta at, String path, String what, String meaning, String hint) {
    problems.warning(Codes.MERGED, at.place(), path, what + ": " + meaning, hint);
  }
}
