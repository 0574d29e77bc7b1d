package dev.weft.control;

import dev.weft.testkit.kube.KubeApiServer;

/** Pods and tokens of a ServiceAccount, as a kubelet gets them. */
public final class Accounts {

  private final KubeApiServer kube;
  private final String namespace;
  private final String name;

  /** Makes the namespace and the account. */
  public Accounts(KubeApiServer kube, String namespace, String name) {
    this.kube = kube;
    this.namespace = namespace;
    this.name = name;
    kube.kubectl("create", "namespace", namespace);
    kube.kubectl("create", "-n", namespace, "serviceaccount", name);
  }

  /** A pod of the account. */
  public void pod(String pod) {
    String spec = "{\"spec\":{\"serviceAccountName\":\"" + name + "\"}}";
    kube.kubectl("run", pod, "-n", namespace, "--image=a", "--overrides=" + spec);
  }

  /** A token that is bound to a pod. */
  public String token(String audience, String pod) {
    String uid = kube.kubectl("get", "-n", namespace, "pod", pod, "-o", "jsonpath={.metadata.uid}");
    return kube.kubectl(
        "create",
        "token",
        name,
        "-n",
        namespace,
        "--audience",
        audience,
        "--bound-object-kind",
        "Pod",
        "--bound-object-name",
        pod,
        "--bound-object-uid",
        uid);
  }
}
