package dev.weft.routing.authorization;

import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.Meta;
import dev.weft.config.model.ServiceEntry;
import dev.weft.config.model.security.AuthorizationPolicy;
import dev.weft.config.model.security.AuthorizationPolicy.Target;
import dev.weft.config.model.telemetry.Telemetry;
import dev.weft.routing.exchange.Workload;
import java.util.List;
import java.util.Map;

/**
 * Which policies hold for a workload: those of the root namespace and of its own, by selector or by
 * what they are attached to.
 *
 * <p>A policy for a Service or a ServiceEntry holds at the workloads behind it; one for a Gateway
 * or a GatewayClass of the Gateway API at proxies with the labels that say they belong to it.
 */
public final class Policies {

  private static final String GATEWAY = "gateway.networking.k8s.io/gateway-name";
  private static final String GATEWAY_CLASS = "gateway.networking.k8s.io/gateway-class-name";

  private Policies() {}

  /** In their order. */
  static List<AuthorizationPolicy> of(MeshConfig config, Workload workload) {
    return config.authorizationPolicies().stream()
        .filter(
            policy -> holds(config, workload, policy.meta(), policy.selector(), policy.targets()))
        .toList();
  }

  /** Telemetries in their order, of those with targets the ones that are attached to a workload. */
  public static List<Telemetry> telemetries(MeshConfig config, Workload workload) {
    return config.telemetries().stream()
        .filter(
            one ->
                one.targets().isEmpty()
                    || holds(config, workload, one.meta(), Map.of(), one.targets()))
        .toList();
  }

  /**
   * Whether what stands in a policy holds for a workload.
   *
   * @param selector of workloads, empty for all
   * @param targets that it is attached to instead
   */
  public static boolean holds(
      MeshConfig config,
      Workload workload,
      Meta meta,
      Map<String, String> selector,
      List<Target> targets) {
    String namespace = meta.namespace();
    boolean root = Meta.ROOT_NAMESPACES.contains(namespace);
    if (!root && !namespace.equals(workload.namespace())) {
      return false;
    }
    if (targets.isEmpty()) {
      return has(workload, selector);
    }
    return targets.stream().anyMatch(target -> attached(config, workload, namespace, target));
  }

  private static boolean attached(
      MeshConfig config, Workload workload, String namespace, Target target) {
    Map<String, String> labels = workload.labels();
    boolean own = namespace.equals(workload.namespace());
    return switch (target.kind()) {
      case GATEWAY -> own && target.name().equals(labels.get(GATEWAY));
      case GATEWAY_CLASS -> target.name().equals(labels.get(GATEWAY_CLASS));
      case SERVICE ->
          own
              && config.services().stream()
                  .filter(one -> named(one.meta(), namespace, target))
                  .anyMatch(one -> has(workload, one.selector()));
      case SERVICE_ENTRY ->
          own
              && config.serviceEntries().stream()
                  .filter(one -> named(one.meta(), namespace, target))
                  .anyMatch(one -> behind(workload, one));
    };
  }

  private static boolean named(Meta meta, String namespace, Target target) {
    return meta.namespace().equals(namespace) && meta.name().equals(target.name());
  }

  private static boolean behind(Workload workload, ServiceEntry entry) {
    if (!entry.workloadSelector().isEmpty()) {
      return has(workload, entry.workloadSelector());
    }
    boolean named = entry.subjectAltNames().contains(workload.spiffeId());
    return entry.endpoints().isEmpty()
        ? named
        : entry.endpoints().stream()
            .filter(one -> named || one.serviceAccount().equals(workload.serviceAccount()))
            .anyMatch(one -> has(workload, one.labels()));
  }

  private static boolean has(Workload workload, Map<String, String> labels) {
    return workload.labels().entrySet().containsAll(labels.entrySet());
  }
}
