package dev.weft.config.model.telemetry;

import dev.weft.config.model.telemetry.AccessLogging.Mode;
import dev.weft.config.problem.Place;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What one entry of a Telemetry says of metrics.
 *
 * <p>Source: Istio telemetry/v1 {@code MetricsOverrides}.
 *
 * @param metrics which
 * @param mode of which traffic
 * @param disabled whether they are told; empty where that is not said
 * @param tags that are added, changed or left out, in their order
 */
public record MetricOverride(
    Set<Metric> metrics, Mode mode, Optional<Boolean> disabled, List<Tag> tags) {

  public MetricOverride {
    metrics = Set.copyOf(metrics);
    tags = List.copyOf(tags);
  }

  /**
   * One label.
   *
   * @param value an expression, see {@link dev.weft.config.logging.Values}; empty where it is left
   *     out
   */
  public record Tag(String name, Optional<String> value, Place place, String path) {}
}
