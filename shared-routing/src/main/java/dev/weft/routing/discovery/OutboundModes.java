package dev.weft.routing.discovery;

import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.Meta;
import dev.weft.config.model.Sidecar;
import dev.weft.config.model.Sidecar.Unknown;
import dev.weft.routing.exchange.Workload;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * What a workload's sidecar does with connections to where no service is known: as the Sidecar that
 * selects it says, else the namespace's, else the mesh's. Of several at one level the oldest
 * counts.
 *
 * <p>Source: Istio {@code Sidecar.outboundTrafficPolicy}.
 */
public final class OutboundModes {

  private OutboundModes() {}

  /** Empty where no resource says it. */
  public static Optional<Unknown> mode(MeshConfig config, Workload workload) {
    boolean root = Meta.ROOT_NAMESPACES.contains(workload.namespace());
    Predicate<Sidecar> same = one -> one.meta().namespace().equals(workload.namespace());
    Predicate<Sidecar> whole = one -> one.selector().isEmpty();
    Predicate<Sidecar> selects =
        one -> workload.labels().entrySet().containsAll(one.selector().entrySet());
    return first(config, whole.negate().and(same).and(selects).and(one -> !root))
        .or(() -> first(config, whole.and(same)))
        .or(
            () ->
                first(
                    config,
                    whole.and(one -> Meta.ROOT_NAMESPACES.contains(one.meta().namespace()))));
  }

  private static Optional<Unknown> first(MeshConfig config, Predicate<Sidecar> at) {
    return config.sidecars().stream().filter(at).findFirst().flatMap(Sidecar::outbound);
  }
}
