package dev.weft.config.model.telemetry;

import dev.weft.config.model.Meta;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A resource of the kind Telemetry, as far as it speaks of traces.
 *
 * <p>Without a selector it holds for its namespace, in a root namespace for the mesh; with one for
 * the workloads of its namespace that have those labels. Of several that are equally near to a
 * workload the oldest counts.
 *
 * <p>Source: Istio telemetry/v1 {@code Telemetry}.
 *
 * @param selector labels; empty for all
 * @param tracing empty where it does not speak of traces
 */
public record Telemetry(Meta meta, Map<String, String> selector, Optional<Tracing> tracing) {

  public Telemetry {
    selector = Map.copyOf(selector);
  }

  /**
   * What holds for a workload; empty where none speaks of its traces.
   *
   * @param all the oldest first, as in a {@code MeshConfig}
   */
  public static Optional<Tracing> tracing(
      List<Telemetry> all, String namespace, Map<String, String> labels) {
    List<Telemetry> own = new ArrayList<>();
    List<Telemetry> near = new ArrayList<>();
    List<Telemetry> mesh = new ArrayList<>();
    for (Telemetry one : all) {
      boolean here = one.meta.namespace().equals(namespace);
      if (one.tracing.isEmpty()) {
        continue;
      }
      if (!one.selector.isEmpty()) {
        if (here && labels.entrySet().containsAll(one.selector.entrySet())) {
          own.add(one);
        }
      } else if (here) {
        near.add(one);
      } else if (Meta.ROOT_NAMESPACES.contains(one.meta.namespace())) {
        mesh.add(one);
      }
    }
    Optional<Tracing> held = Optional.empty();
    for (List<Telemetry> level : List.of(own, near, mesh)) {
      Optional<Tracing> wider = level.stream().findFirst().flatMap(Telemetry::tracing);
      Optional<Tracing> nearer = held;
      held = nearer.isPresent() ? wider.map(nearer.get()::over).or(() -> nearer) : wider;
    }
    return held;
  }
}
