package dev.weft.control.stream;

import static dev.weft.config.model.security.AuthorizationPolicy.TargetKind.SERVICE_ENTRY;

import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.Meta;
import dev.weft.config.model.ServiceEntry;
import dev.weft.config.model.Sidecar;
import dev.weft.config.model.security.AuthorizationPolicy;
import dev.weft.config.model.security.AuthorizationPolicy.Action;
import dev.weft.config.model.security.AuthorizationPolicy.Target;
import dev.weft.config.model.security.ExternalAuthorizer;
import dev.weft.config.model.security.RequestAuthentication;
import dev.weft.config.model.telemetry.Telemetry;
import dev.weft.config.model.telemetry.TraceProvider;
import dev.weft.config.model.telemetry.Tracing;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What of a configuration a proxy gets to see: what is exported to its namespace, the policies and
 * Sidecars that may hold for it, and no Secret. How others take calls it may see, since it calls
 * them.
 */
final class Scopes {

  private Scopes() {}

  static MeshConfig of(MeshConfig config, Viewer viewer) {
    String namespace = viewer.namespace();
    Set<String> asked = asked(config, viewer);
    return new MeshConfig(
        config.virtualServices().stream().filter(one -> sees(one.exportTo(), namespace)).toList(),
        config.destinationRules().stream().filter(one -> sees(one.exportTo(), namespace)).toList(),
        config.gateways(),
        config.serviceEntries().stream()
            .filter(
                one ->
                    sees(one.exportTo(), namespace)
                        || guarded(config, one, namespace)
                        || asked.stream().anyMatch(one::has))
            .toList(),
        config.workloadEntries(),
        config.peerAuthentications(),
        config.sidecars().stream()
            .filter(one -> holds(one.meta(), one.selector(), viewer))
            .toList(),
        config.authorizationPolicies().stream()
            .filter(one -> holds(one.meta(), one.selector(), viewer))
            .toList(),
        config.requestAuthentications().stream()
            .filter(one -> holds(one.meta(), one.selector(), viewer))
            .toList(),
        config.proxySettings(),
        config.telemetries().stream()
            .filter(one -> holds(one.meta(), one.selector(), viewer))
            .toList(),
        config.services(),
        config.endpointSlices(),
        List.of());
  }

  /** The hosts that a proxy asks or tells something, as policies and Telemetry for it say. */
  private static Set<String> asked(MeshConfig config, Viewer viewer) {
    Set<String> names =
        config.authorizationPolicies().stream()
            .filter(one -> one.action() == Action.CUSTOM)
            .filter(one -> holds(one.meta(), one.selector(), viewer))
            .flatMap(one -> one.provider().stream())
            .collect(Collectors.toSet());
    Stream<String> authorizers =
        config.proxySettings().stream()
            .flatMap(one -> one.blocks().extensionProviders().stream())
            .filter(one -> names.contains(one.name()))
            .map(ExternalAuthorizer::host);
    return Stream.concat(authorizers, collectors(config, viewer)).collect(Collectors.toSet());
  }

  /** The hosts of collectors that Telemetry for a proxy names. */
  private static Stream<String> collectors(MeshConfig config, Viewer viewer) {
    Set<String> names =
        config.telemetries().stream()
            .filter(one -> holds(one.meta(), one.selector(), viewer))
            .flatMap(one -> one.tracing().flatMap(Tracing::provider).stream())
            .collect(Collectors.toSet());
    return config.proxySettings().stream()
        .flatMap(one -> one.blocks().collectors().stream())
        .filter(one -> names.contains(one.name()))
        .map(TraceProvider::host);
  }

  /** Policies of the root namespace hold everywhere, others in their own. */
  private static boolean holds(Meta meta, Map<String, String> selector, Viewer viewer) {
    boolean there =
        meta.namespace().equals(viewer.namespace())
            || Meta.ROOT_NAMESPACES.contains(meta.namespace());
    return there && viewer.mayBe(selector);
  }

  /** The labels by which {@link #of} tells proxies of a namespace apart. */
  static Set<String> labels(MeshConfig config) {
    return Stream.of(
            config.sidecars().stream().map(Sidecar::selector),
            config.authorizationPolicies().stream().map(AuthorizationPolicy::selector),
            config.requestAuthentications().stream().map(RequestAuthentication::selector),
            config.telemetries().stream().map(Telemetry::selector))
        .flatMap(selectors -> selectors)
        .flatMap(selector -> selector.keySet().stream())
        .collect(Collectors.toUnmodifiableSet());
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
    Stream<Target> telemetries =
        config.telemetries().stream()
            .filter(one -> one.meta().namespace().equals(namespace))
            .flatMap(one -> one.targets().stream());
    return Stream.of(policies, tokens, telemetries).flatMap(targets -> targets);
  }

  private static boolean sees(List<String> exportTo, String namespace) {
    return exportTo.contains("*") || exportTo.contains(namespace);
  }
}
