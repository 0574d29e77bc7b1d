package dev.weft.kubernetes.discovery;

import java.util.Map;

/**
 * The workload that a pod is of, as metrics call it: its Deployment, or whatever else made it.
 * Pure.
 *
 * <p>Source: Istio's injector, which has the name of a ReplicaSet without the hash of its template,
 * and that of a Job without its CronJob's time.
 */
public final class PodWorkload {

  /**
   * The label of an endpoint that tells it; one of the pod counts first. An annotation of the pods
   * that are kept. Source: Istio's labels.
   */
  public static final String NAME = "service.istio.io/workload-name";

  private static final String HASH = "pod-template-hash";

  private PodWorkload() {}

  /**
   * @param labels of the pod
   * @param kind of its controller, e.g. {@code ReplicaSet}
   * @param name of its controller
   */
  public static String of(Map<String, String> labels, String kind, String name) {
    String hash = "-" + labels.getOrDefault(HASH, "");
    if (kind.equals("ReplicaSet") && hash.length() > 1 && name.endsWith(hash)) {
      return name.substring(0, name.length() - hash.length());
    }
    return kind.equals("Job") ? name.replaceFirst("-\\d{8,}$", "") : name;
  }
}
