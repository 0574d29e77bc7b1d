package dev.weft.config.validate;

import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.telemetry.Metric;
import dev.weft.config.model.telemetry.MetricOverride;
import dev.weft.config.model.telemetry.MetricOverride.Tag;
import dev.weft.config.model.telemetry.Telemetry;
import dev.weft.config.problem.Codes;
import dev.weft.config.problem.Problems;
import dev.weft.config.yaml.Fields;
import dev.weft.config.yaml.Nearest;
import java.util.Set;
import java.util.TreeSet;

/** Whether there are the tags that a Telemetry leaves out of metrics. */
final class RemovedTags {

  private RemovedTags() {}

  static void check(MeshConfig config, Problems problems) {
    Set<String> added = new TreeSet<>();
    for (Telemetry one : config.telemetries()) {
      one.metrics().stream()
          .flatMap(override -> override.tags().stream())
          .filter(tag -> tag.value().isPresent())
          .forEach(tag -> added.add(tag.name()));
    }
    for (Telemetry one : config.telemetries()) {
      for (MetricOverride override : one.metrics()) {
        Set<String> there = new TreeSet<>(Metric.allLabels(override.metrics()));
        there.addAll(added);
        override.tags().stream()
            .filter(tag -> tag.value().isEmpty() && !there.contains(tag.name()))
            .filter(tag -> !override.metrics().isEmpty()) // what is unknown was told
            .forEach(tag -> unknown(tag, there, problems));
      }
    }
  }

  private static void unknown(Tag tag, Set<String> there, Problems problems) {
    problems.error(
        Codes.UNKNOWN_VALUE,
        tag.place(),
        tag.path(),
        "no tag '"
            + Fields.shortened(tag.name())
            + "' to remove (there are: "
            + String.join(", ", there)
            + ")",
        Nearest.to(tag.name(), there)
            .map(word -> "did you mean '" + word + "'?")
            .orElse("leave it out"));
  }
}
