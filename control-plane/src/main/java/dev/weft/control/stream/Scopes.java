package dev.weft.control.stream;

import static dev.weft.config.model.security.AuthorizationPolicy.TargetKind.SERVICE_ENTRY;

import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.Meta;
import dev.weft.config.model.ServiceEntry;
import dev.weft.config.model.security.AuthorizationPolicy.Target;
import java.util.List;
import java.util.stream.Stream;

/**
 * What of a configuration a proxy of a namespace gets to see: what is exported to it, the policies
 * that may hold there, and no Secret.
 */
final class Scopes {

  private Scopes() {}

  static MeshConfig of(MeshConfig config, String namespace) {
    return new MeshConfig(
        config.virtualServices().stream().filter(one -> sees(one.exportTo(), namespace)).toList(),
        config.destinationRules().stream().filter(one -> sees(one.exportTo(), namespace)).toList(),
        config.gateways(),
        config.serviceEntries().stream()
            .filter(one -> sees(one.exportTo(), namespace) || guarded(config, one, namespace))
            .toList(),
        config.workloadEntries(),
        config.peerAuthentications(),
        config.sidecars(),
        config.authorizationPolicies().stream()
            .filter(one -> holds(one.meta().namespace(), namespace))
            .toList(),
        config.requestAuthentications().stream()
            .filter(one -> holds(one.meta().namespace(), namespace))
            .toList(),
        config.proxySettings(),
        config.services(),
        config.endpointSlices(),
        List.of());
  }

  /** Policies of the root namespace hold everywhere, others in their own. */
  private static boolean holds(String policy, String namespace) {
    return policy.equals(namespace) || Meta.ROOT_NAMESPACES.contains(policy);
  }

  /** An own service that is not for the own namespace, but whose policy holds at who is behind. */
  private static boolean guarded(MeshConfig config, ServiceEntry entry, String namespace) {
    return entry.meta().namespace().equals(namespace)
        && attached(config, namespace)
            .anyMatch(target -> target.equals(new Target(SERVICE_ENTRY, entry.meta().name())));
  }

  private static Stream<Target> attached(MeshConfig config, String namespace) {
    Stream<Target> policies =
        config.authorizationPolicies().stream()
            .filter(one -> one.meta().namespace().equals(namespace))
            .flatMap(one -> one.targets().stream());
    Stream<Target> tokens =
        config.requestAuthentications().stream()
            .filter(one -> one.meta().namespace().equals(namespace))
            .flatMap(one -> one.targets().stream());
    return Stream.concat(policies, tokens);
  }

  private static boolean sees(List<String> exportTo, String namespace) {
    return exportTo.contains("*") || exportTo.contains(namespace);
  }
}
