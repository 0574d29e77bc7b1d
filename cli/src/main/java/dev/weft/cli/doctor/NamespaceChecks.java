package dev.weft.cli.doctor;

import dev.weft.kubernetes.cluster.PodInfo;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Whether a namespace's pods are in the mesh as its labels say. */
final class NamespaceChecks {

  private static final String LABEL = "weft.dev/inject";
  private static final int MOST_NAMED = 10;

  private NamespaceChecks() {}

  /** Whether its pods shall have sidecars. */
  static boolean meshed(Map<String, String> labels) {
    return labels.containsKey(LABEL)
        ? "enabled".equals(labels.get(LABEL))
        : "enabled".equals(labels.get("istio-injection"));
  }

  /** Of pods in a namespace that shall have sidecars. */
  static Finding pods(String namespace, List<PodInfo> pods) {
    List<PodInfo> there = pods.stream().filter(pod -> !pod.over() && !out(pod)).toList();
    List<String> without =
        there.stream()
            .filter(pod -> !"true".equals(pod.labels().get("weft.dev/injected")))
            .map(PodInfo::name)
            .sorted()
            .toList();
    if (without.isEmpty()) {
      return Finding.ok(namespace + ": " + there.size() + " pods, all with a sidecar");
    }
    String more =
        without.size() > MOST_NAMED ? " and " + (without.size() - MOST_NAMED) + " more" : "";
    String names = String.join(", ", without.stream().limit(MOST_NAMED).toList());
    return Finding.fail(
        namespace + ": without a sidecar: " + names + more,
        "made before the label or while the webhook was away: kubectl rollout restart -n "
            + namespace
            + " deployment");
  }

  private static boolean out(PodInfo pod) {
    String own = pod.labels().get(LABEL);
    return own == null
        ? "false".equals(pod.labels().get("sidecar.istio.io/inject"))
        : own.equals("disabled");
  }

  /** Of the roots that sidecars of a namespace check the control plane by. */
  static Finding roots(String namespace, Optional<String> roots) {
    return roots.isPresent() && WebhookChecks.ends(roots.get()).isPresent()
        ? Finding.ok(namespace + ": weft-ca-root is there")
        : Finding.fail(
            namespace + ": no ConfigMap weft-ca-root with a certificate in root-cert.pem",
            "sidecars cannot join without it; the control plane's log tells whether it may write it");
  }
}
