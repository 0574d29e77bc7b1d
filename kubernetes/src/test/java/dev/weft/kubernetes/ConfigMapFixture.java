package dev.weft.kubernetes;

import java.util.Map;

/** ConfigMaps of a real API server. */
abstract class ConfigMapFixture extends ApiServerFixture {

  /** Asks as an administrator; to be closed. */
  KubernetesApi connected() {
    Map<String, String> environment = Map.of("KUBECONFIG", kube.kubeconfig().toString());
    return KubernetesApi.connect(vertx, new ApiAccess.Places(environment, folder, folder));
  }

  void patch(String name, String patch) {
    kube.kubectl("patch", "-n", namespace, "configmap", name, "--type=merge", "-p", patch);
  }
}
