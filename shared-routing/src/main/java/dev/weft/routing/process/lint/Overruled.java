package dev.weft.routing.process.lint;

import dev.weft.config.model.DestinationRule;
import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.Meta;
import dev.weft.config.model.PeerAuthentication;
import dev.weft.config.problem.Codes;
import dev.weft.config.problem.Place;
import dev.weft.config.problem.Problem;
import dev.weft.routing.discovery.PeerModes;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.exchange.Decision;
import dev.weft.routing.exchange.Workload;
import dev.weft.routing.process.lint.cover.Asked;
import dev.weft.routing.process.lint.cover.Dimension;
import dev.weft.routing.process.lint.cover.Site;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Proves what the loader told of resources that older ones take precedence over: DestinationRules
 * for one host, PeerAuthentications at one level.
 */
final class Overruled {

  private final MeshConfig config;
  private final Workload workload;
  private final Findings findings;
  private final Map<Place, Problem> merged;
  private final Map<String, List<DestinationRule>> byHost; // that something was told of

  Overruled(MeshConfig config, Workload workload, Findings findings) {
    this.config = config;
    this.workload = workload;
    this.findings = findings;
    this.merged = findings.known(Codes.MERGED);
    this.byHost =
        config.destinationRules().stream()
            .filter(this::told)
            .collect(Collectors.groupingBy(DestinationRule::host));
  }

  private boolean told(DestinationRule rule) {
    return merged.containsKey(rule.meta().place())
        || rule.subsets().stream().anyMatch(subset -> merged.containsKey(subset.place()));
  }

  /** Whether there is something to prove of a cluster. */
  boolean concerns(ClusterName name) {
    return !merged(name).isEmpty();
  }

  /**
   * Proves where several DestinationRules speak of a cluster.
   *
   * @param asked a request that goes there
   * @param part of such requests
   */
  void prove(ClusterName name, String asked, String part) {
    merged(name)
        .forEach(
            problem -> {
              boolean both = problem.path().equals("spec.host"); // their subsets are merged
              findings.prove(
                  problem, asked + (both ? " goes by both" : " goes by the other one") + part);
            });
  }

  /** The same of hosts that requests name themselves, without a VirtualService. */
  void prove(Site site) {
    for (String host : site.vantage().mesh() ? byHost.keySet() : Set.<String>of()) {
      if (site.rules().hosts().contains(host)) {
        ports(host)
            .flatMap(port -> site.ask(Map.of(Dimension.PORT, Integer.toString(port))).stream())
            .filter(asked -> asked.head().authority().startsWith(host))
            .findFirst()
            .ifPresent(asked -> prove(site, asked));
      }
    }
  }

  private void prove(Site site, Asked asked) {
    Decision decision = site.vantage().decide(asked, 0);
    if (decision.action() instanceof Decision.Forward forward) {
      prove(forward.cluster(), asked.told(), "");
    }
  }

  private Stream<Integer> ports(String host) {
    return Stream.concat(
        config.services().stream()
            .filter(one -> one.host().equals(host))
            .flatMap(one -> one.ports().stream())
            .map(port -> port.number()),
        config.serviceEntries().stream()
            .filter(one -> one.has(host))
            .flatMap(one -> one.ports().stream())
            .map(port -> port.number()));
  }

  /** What was told of DestinationRules that hold for a cluster here. */
  private List<Problem> merged(ClusterName name) {
    return byHost.getOrDefault(name.host(), List.of()).stream()
        .filter(this::holds)
        .flatMap(
            rule ->
                Stream.concat(
                    Stream.of(rule.meta().place()),
                    rule.subsets().stream()
                        .filter(subset -> subset.name().equals(name.subset()))
                        .map(DestinationRule.Subset::place)))
        .flatMap(place -> Optional.ofNullable(merged.get(place)).stream())
        .toList();
  }

  /** Whether those of its namespace come first for the workload. */
  private boolean holds(DestinationRule rule) {
    String own = workload.namespace();
    String namespace = rule.meta().namespace();
    boolean visible = rule.exportTo().contains("*") || rule.exportTo().contains(own);
    boolean first =
        namespace.equals(own)
            || (ofService(rule.host()).equals(Optional.of(namespace))
                && config.destinationRules().stream()
                    .noneMatch(
                        one ->
                            one.meta().namespace().equals(own) && one.host().equals(rule.host())));
    return visible && first && rule.workloadSelector().isEmpty();
  }

  private Optional<String> ofService(String host) {
    return Stream.concat(
            config.services().stream()
                .filter(one -> one.host().equals(host))
                .map(one -> one.meta()),
            config.serviceEntries().stream().filter(one -> one.has(host)).map(one -> one.meta()))
        .map(Meta::namespace)
        .findFirst();
  }

  /** Proves which PeerAuthentication counts, where its workloads take no plaintext, or do. */
  static void modes(MeshConfig config, Findings findings) {
    Map<Place, Problem> merged = findings.known(Codes.MERGED);
    for (PeerAuthentication one : config.peerAuthentications()) {
      Optional.ofNullable(merged.get(one.meta().place()))
          .ifPresent(problem -> findings.prove(problem, taken(config, one)));
    }
  }

  private static String taken(MeshConfig config, PeerAuthentication one) {
    String namespace = one.meta().namespace();
    Workload at = new Workload(namespace, "default", "cluster.local", one.selector());
    PeerAuthentication.Mode mode = PeerModes.mode(config, at, 80);
    boolean refused = mode == PeerAuthentication.Mode.STRICT;
    return "GET http://192.0.2.1/ without TLS is "
        + (refused ? "refused" : "taken")
        + " there, by mode "
        + mode;
  }
}
