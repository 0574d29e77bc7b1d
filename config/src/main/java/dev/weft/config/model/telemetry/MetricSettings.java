package dev.weft.config.model.telemetry;

import dev.weft.config.model.telemetry.AccessLogging.Mode;
import dev.weft.config.model.telemetry.MetricOverride.Tag;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * How a workload tells its metrics; what is absent is told as Istio's standard metrics are.
 *
 * @param client of requests that go out, and of those that a gateway takes
 * @param server of requests that come in at a sidecar
 */
public record MetricSettings(Map<Metric, Told> client, Map<Metric, Told> server) {

  /** As they are. */
  public static final MetricSettings STANDARD = new MetricSettings(Map.of(), Map.of());

  public MetricSettings {
    client = Map.copyOf(client);
    server = Map.copyOf(server);
  }

  /**
   * One metric.
   *
   * @param tags by name: an expression for its value, or nothing where it is left out
   */
  public record Told(boolean disabled, Map<String, Optional<String>> tags) {

    private static final Told STANDARD = new Told(false, Map.of());

    public Told {
      tags = Map.copyOf(tags);
    }

    private Told with(MetricOverride override) {
      Map<String, Optional<String>> all = new TreeMap<>(tags);
      for (Tag tag : override.tags()) {
        all.put(tag.name(), tag.value());
      }
      return new Told(override.disabled().orElse(disabled), all);
    }
  }

  /**
   * What holds where these are said one after the other: of each metric and direction the last.
   *
   * <p>Source: Istio's {@code mergeMetrics}.
   */
  static MetricSettings of(List<MetricOverride> overrides) {
    return overrides.isEmpty()
        ? STANDARD
        : new MetricSettings(of(overrides, Mode.CLIENT), of(overrides, Mode.SERVER));
  }

  private static Map<Metric, Told> of(List<MetricOverride> overrides, Mode mode) {
    Map<Metric, Told> all = new EnumMap<>(Metric.class);
    for (MetricOverride one : overrides) {
      if (one.mode().includes(mode)) {
        for (Metric metric : one.metrics()) {
          all.put(metric, all.getOrDefault(metric, Told.STANDARD).with(one));
        }
      }
    }
    all.values().removeIf(Told.STANDARD::equals);
    return all;
  }
}
