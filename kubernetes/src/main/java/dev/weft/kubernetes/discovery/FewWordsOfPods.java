package dev.weft.kubernetes.discovery;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.informers.cache.BasicItemStore;
import io.fabric8.kubernetes.client.informers.cache.Cache;

/** Keeps of each pod its name, labels and account: the rest of it is ten times as much. */
final class FewWordsOfPods extends BasicItemStore<Pod> {

  FewWordsOfPods() {
    super(Cache::metaNamespaceKeyFunc);
  }

  @Override
  public Pod put(String key, Pod pod) {
    ObjectMeta meta = pod.getMetadata();
    String account = pod.getSpec() == null ? null : pod.getSpec().getServiceAccountName();
    return super.put(
        key,
        new PodBuilder()
            .withMetadata(
                new ObjectMetaBuilder()
                    .withName(meta.getName())
                    .withNamespace(meta.getNamespace())
                    .withUid(meta.getUid())
                    .withResourceVersion(meta.getResourceVersion())
                    .withLabels(meta.getLabels())
                    .build())
            .withNewSpec()
            .withServiceAccountName(account)
            .endSpec()
            .build());
  }
}
