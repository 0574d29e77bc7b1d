package dev.weft.control.inject;

import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whether a pod shall have a sidecar. The pod's word counts before its namespace's, and our own
 * label before Istio's. A pod of the host's network never gets one: the rules would be the node's.
 */
public final class Choice {

  /** Our label, of pods and namespaces: {@code enabled} or {@code disabled}. */
  public static final String LABEL = "weft.dev/inject";

  /** Istio's label of namespaces. */
  public static final String ISTIO_NAMESPACE = "istio-injection";

  /** Istio's label (formerly annotation) of pods. */
  public static final String ISTIO_POD = "sidecar.istio.io/inject";

  private static final String ENABLED = "enabled";
  private static final String DISABLED = "disabled";

  private Choice() {}

  /**
   * The answer for a pod.
   *
   * @param namespace what its namespace says; empty where it says nothing
   */
  public static boolean wanted(JsonObject pod, Optional<Boolean> namespace) {
    return !Tree.isTrue(Tree.object(pod, "spec"), "hostNetwork")
        && ofPod(pod).or(() -> namespace).orElse(false);
  }

  /** What a pod says by itself. */
  static Optional<Boolean> ofPod(JsonObject pod) {
    JsonObject metadata = Tree.object(pod, "metadata");
    Map<String, String> labels = Tree.texts(Tree.object(metadata, "labels"));
    Map<String, String> annotations = Tree.texts(Tree.object(metadata, "annotations"));
    return word(labels.get(LABEL), ENABLED, DISABLED)
        .or(() -> word(labels.get(ISTIO_POD), "true", "false"))
        .or(() -> word(annotations.get(ISTIO_POD), "true", "false"));
  }

  /** What the labels of a namespace say. */
  public static Optional<Boolean> ofNamespace(Map<String, String> labels) {
    return word(labels.get(LABEL), ENABLED, DISABLED)
        .or(() -> word(labels.get(ISTIO_NAMESPACE), ENABLED, DISABLED));
  }

  private static Optional<Boolean> word(@Nullable String value, String yes, String no) {
    if (yes.equals(value)) {
      return Optional.of(true);
    }
    return no.equals(value) ? Optional.of(false) : Optional.empty();
  }
}
