package dev.weft.config.model.telemetry;

import dev.weft.config.model.Meta;
import dev.weft.config.model.security.AuthorizationPolicy.Target;
import dev.weft.config.model.settings.Log;
import dev.weft.config.model.settings.Log.Side;
import dev.weft.config.model.telemetry.AccessLogging.Mode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A resource of the kind Telemetry: what it says of traces, of the access log and of metrics.
 *
 * <p>Without a selector it holds for its namespace, in a root namespace for the mesh; with one for
 * the workloads of its namespace that have those labels; with targets for those that belong to one
 * of them. Of several that are equally near to a workload the oldest counts.
 *
 * <p>Source: Istio telemetry/v1 {@code Telemetry}.
 *
 * @param selector labels; empty for all
 * @param targets that it is attached to instead
 * @param tracing empty where it does not speak of traces
 * @param logging empty where it does not speak of the access log
 * @param metrics empty where it does not speak of metrics
 */
public record Telemetry(
    Meta meta,
    Map<String, String> selector,
    List<Target> targets,
    Optional<Tracing> tracing,
    List<AccessLogging> logging,
    List<MetricOverride> metrics) {

  public Telemetry {
    selector = Map.copyOf(selector);
    targets = List.copyOf(targets);
    logging = List.copyOf(logging);
    metrics = List.copyOf(metrics);
  }

  /**
   * What holds for a workload; empty where none speaks of its traces.
   *
   * @param all the oldest first, as in a {@code MeshConfig}; of those with targets the ones that
   *     are attached to this workload
   */
  public static Optional<Tracing> tracing(
      List<Telemetry> all, String namespace, Map<String, String> labels) {
    List<Telemetry> speaking = all.stream().filter(one -> one.tracing.isPresent()).toList();
    Optional<Tracing> held = Optional.empty();
    for (List<Telemetry> level : levels(speaking, namespace, labels)) {
      Optional<Tracing> wider = level.stream().findFirst().flatMap(Telemetry::tracing);
      Optional<Tracing> nearer = held;
      held = nearer.isPresent() ? wider.map(nearer.get()::over).or(() -> nearer) : wider;
    }
    return held;
  }

  /**
   * What is logged of a workload: the nearest that speaks of it says all, and of its entries for a
   * direction the last.
   *
   * @param all the oldest first, as in a {@code MeshConfig}; of those with targets the ones that
   *     are attached to this workload
   */
  public static Log logging(
      Log log, List<Telemetry> all, String namespace, Map<String, String> labels) {
    List<Telemetry> speaking = all.stream().filter(one -> !one.logging.isEmpty()).toList();
    return levels(speaking, namespace, labels).stream()
        .flatMap(level -> level.stream().limit(1))
        .findFirst()
        .map(nearest -> log.told(nearest.side(Mode.CLIENT), nearest.side(Mode.SERVER)))
        .orElse(log);
  }

  /**
   * How a workload tells its metrics: what the mesh's says, then its namespace's, then its own.
   *
   * @param all the oldest first, as in a {@code MeshConfig}; of those with targets the ones that
   *     are attached to this workload
   */
  public static MetricSettings metrics(
      List<Telemetry> all, String namespace, Map<String, String> labels) {
    List<Telemetry> speaking = all.stream().filter(one -> !one.metrics.isEmpty()).toList();
    List<MetricOverride> overrides = new ArrayList<>();
    for (List<Telemetry> level : levels(speaking, namespace, labels)) {
      level.stream().limit(1).forEach(one -> overrides.addAll(0, one.metrics));
    }
    return MetricSettings.of(overrides);
  }

  private Side side(Mode mode) {
    return logging.stream()
        .filter(one -> one.mode().includes(mode))
        .map(AccessLogging::side)
        .reduce((earlier, later) -> later)
        .orElse(Side.ALL);
  }

  /** Those that hold for a workload: its own, its namespace's, the mesh's. */
  private static List<List<Telemetry>> levels(
      List<Telemetry> all, String namespace, Map<String, String> labels) {
    List<Telemetry> own = new ArrayList<>();
    List<Telemetry> near = new ArrayList<>();
    List<Telemetry> mesh = new ArrayList<>();
    for (Telemetry one : all) {
      boolean here = one.meta.namespace().equals(namespace);
      if (!one.targets.isEmpty()) {
        own.add(one);
      } else if (!one.selector.isEmpty()) {
        if (here && labels.entrySet().containsAll(one.selector.entrySet())) {
          own.add(one);
        }
      } else if (here) {
        near.add(one);
      } else if (Meta.ROOT_NAMESPACES.contains(one.meta.namespace())) {
        mesh.add(one);
      }
    }
    return List.of(own, near, mesh);
  }
}
