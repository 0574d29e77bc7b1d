package dev.weft.kubernetes.discovery;

import io.fabric8.kubernetes.api.model.Pod;
import java.util.Map;
import java.util.Optional;

/**
 * A pod as the API server has it now.
 *
 * @param uid unlike that of any other pod, whatever its name
 */
public record PodSeen(String uid, Map<String, String> labels) {

  public PodSeen {
    labels = Map.copyOf(labels);
  }

  static PodSeen of(Pod pod) {
    Map<String, String> labels = pod.getMetadata().getLabels();
    return new PodSeen(
        Optional.ofNullable(pod.getMetadata().getUid()).orElse(""),
        labels == null ? Map.of() : labels);
  }
}
