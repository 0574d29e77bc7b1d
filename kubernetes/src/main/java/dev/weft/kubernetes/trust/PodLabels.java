package dev.weft.kubernetes.trust;

import dev.weft.kubernetes.ApiFailures;
import dev.weft.kubernetes.KubernetesApi;
import dev.weft.kubernetes.KubernetesFailure;
import dev.weft.kubernetes.trust.TokenReviews.Pod;
import java.util.Map;
import java.util.Optional;

/** The labels of pods that tokens were bound to, by asking the API server. Not for event loops. */
public final class PodLabels {

  private final KubernetesApi api;

  public PodLabels(KubernetesApi api) {
    this.api = api;
  }

  /**
   * Empty where this pod is gone, even if another has its name by now.
   *
   * @throws KubernetesFailure where the API server does not tell
   */
  public Optional<Map<String, String>> of(String namespace, Pod pod) {
    try {
      return Optional.ofNullable(
              api.call(() -> api.client().pods().inNamespace(namespace).withName(pod.name()).get()))
          .filter(found -> pod.uid().equals(found.getMetadata().getUid()))
          .map(found -> Optional.ofNullable(found.getMetadata().getLabels()).orElse(Map.of()));
    } catch (RuntimeException failure) {
      throw new KubernetesFailure(
          ApiFailures.sentence(
              "pod " + namespace + "/" + pod.name(), "get on pods", api.server(), failure));
    }
  }
}
