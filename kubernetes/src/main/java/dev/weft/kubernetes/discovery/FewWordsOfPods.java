package dev.weft.kubernetes.discovery;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.informers.cache.BasicItemStore;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Keeps of each pod its name, labels, account, workload and sidecar: the rest of it is ten times as
 * much.
 */
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
                    .withAnnotations(kept(meta))
                    .build())
            .withNewSpec()
            .withServiceAccountName(account)
            .withContainers(sidecar(pod))
            .endSpec()
            .build());
  }

  private static List<Container> sidecar(Pod pod) {
    return MeshPod.sidecar(pod).stream()
        .map(one -> new ContainerBuilder().withName(one.getName()).build())
        .toList();
  }

  /** What is read of its annotations, and its workload: the controller itself is not kept. */
  private static Map<String, String> kept(ObjectMeta meta) {
    Map<String, String> all =
        new HashMap<>(meta.getAnnotations() == null ? Map.of() : meta.getAnnotations());
    all.keySet().retainAll(Set.of(MeshPod.EXCLUDED, MeshPod.EXCLUDED_ISTIO));
    List<OwnerReference> owners =
        meta.getOwnerReferences() == null ? List.of() : meta.getOwnerReferences();
    Map<String, String> labels = meta.getLabels() == null ? Map.of() : meta.getLabels();
    owners.stream()
        .filter(owner -> Boolean.TRUE.equals(owner.getController()))
        .findFirst()
        .map(owner -> PodWorkload.of(labels, owner.getKind(), owner.getName()))
        .ifPresent(name -> all.put(PodWorkload.NAME, name));
    return all;
  }
}
