package dev.weft.kubernetes.cluster;

import dev.weft.kubernetes.KubernetesApi;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.Map;
import java.util.Optional;

/**
 * Has the API server ask its webhooks as it would, without anything being made (dry run): only so
 * it is known that it reaches them and trusts what they show. Not for event loops.
 */
public final class Rehearsal {

  private final KubernetesApi api;

  public Rehearsal(KubernetesApi api) {
    this.api = api;
  }

  /**
   * What came of it.
   *
   * @param labels of what would have been made; none where it would not
   * @param refused why it would not have been made
   */
  public record Result(Map<String, String> labels, Optional<String> refused) {

    public Result {
      labels = Map.copyOf(labels);
    }
  }

  /** A pod with a label, as anybody would make it. */
  public Result pod(String namespace, String label, String value) {
    Pod pod =
        new PodBuilder()
            .withNewMetadata()
            .withNamespace(namespace)
            .withGenerateName("weft-doctor-")
            .addToLabels(label, value)
            .endMetadata()
            .withNewSpec()
            .addNewContainer()
            .withName("app")
            .withImage("none")
            .endContainer()
            .endSpec()
            .build();
    try {
      Pod made = api.client().pods().inNamespace(namespace).resource(pod).dryRun(true).create();
      return new Result(made.getMetadata().getLabels(), Optional.empty());
    } catch (RuntimeException refused) {
      return new Result(Map.of(), Optional.of(reason(refused)));
    }
  }

  /** A ConfigMap with a label and one key. */
  public Result configMap(String namespace, String label, String value, String text) {
    ConfigMap map =
        new ConfigMapBuilder()
            .withNewMetadata()
            .withNamespace(namespace)
            .withGenerateName("weft-doctor-")
            .addToLabels(label, value)
            .endMetadata()
            .addToData("doctor.yaml", text)
            .build();
    try {
      ConfigMap made =
          api.client().configMaps().inNamespace(namespace).resource(map).dryRun(true).create();
      return new Result(made.getMetadata().getLabels(), Optional.empty());
    } catch (RuntimeException refused) {
      return new Result(Map.of(), Optional.of(reason(refused)));
    }
  }

  private static String reason(RuntimeException refused) {
    boolean answered =
        refused instanceof KubernetesClientException answer && answer.getStatus() != null;
    String message =
        answered
            ? ((KubernetesClientException) refused).getStatus().getMessage()
            : refused.getMessage();
    return String.valueOf(message).lines().findFirst().orElse("");
  }
}
