package dev.weft.kubernetes.note;

import dev.weft.kubernetes.ApiFailures;
import dev.weft.kubernetes.KubernetesApi;
import dev.weft.kubernetes.KubernetesFailure;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What processes have to tell each other, on annotations of a Lease that nobody holds: each its
 * own. One call of the API server each time, two for the first. Not for event loops.
 *
 * <p>Source: Lease of {@code coordination.k8s.io/v1}; its kind is chosen since it is made to be
 * written often.
 */
public final class SharedWords {

  private static final String PREFIX = "words.weft.dev/"; // before the name of who tells
  private static final int NONE = 404;

  private final KubernetesApi api;
  private final String namespace;
  private final String lease;

  /**
   * @param lease its name
   */
  public SharedWords(KubernetesApi api, String namespace, String lease) {
    this.api = api;
    this.namespace = namespace;
    this.lease = lease;
  }

  /**
   * Tells, and hears.
   *
   * @param changes what is told from now on, by who tells it; empty for nothing more
   * @return what is told then, by who tells it
   * @throws KubernetesFailure with a sentence where the API server cannot be asked or refuses
   */
  public Map<String, String> exchange(Map<String, Optional<String>> changes) {
    try {
      return words(changes.isEmpty() ? read() : written(changes));
    } catch (RuntimeException failure) {
      throw new KubernetesFailure(
          ApiFailures.sentence(
              "lease:" + namespace + "/" + lease,
              "get, create and patch on leases",
              api.server(),
              failure));
    }
  }

  private Resource<Lease> resource() {
    return api.client().leases().inNamespace(namespace).withName(lease);
  }

  private Optional<Lease> read() {
    return Optional.ofNullable(resource().get());
  }

  private Optional<Lease> written(Map<String, Optional<String>> changes) {
    JsonObject annotations = new JsonObject();
    changes.forEach((who, words) -> annotations.put(PREFIX + who, words.orElse(null)));
    JsonObject patch =
        new JsonObject().put("metadata", new JsonObject().put("annotations", annotations));
    try {
      return Optional.ofNullable(
          resource().patch(PatchContext.of(PatchType.JSON_MERGE), patch.encode()));
    } catch (KubernetesClientException refused) {
      if (refused.getCode() != NONE) {
        throw refused;
      }
      return Optional.of(created(changes));
    }
  }

  private Lease created(Map<String, Optional<String>> changes) {
    Map<String, String> annotations = new HashMap<>();
    changes.forEach((who, words) -> words.ifPresent(told -> annotations.put(PREFIX + who, told)));
    Lease made =
        new LeaseBuilder()
            .withNewMetadata()
            .withNamespace(namespace)
            .withName(lease)
            .withAnnotations(annotations)
            .endMetadata()
            .build();
    return api.client().leases().resource(made).create();
  }

  private static Map<String, String> words(Optional<Lease> lease) {
    Map<String, String> all = new HashMap<>();
    @Nullable Map<String, String> annotations =
        lease.map(one -> one.getMetadata().getAnnotations()).orElse(Map.of());
    annotations.forEach(
        (key, words) -> {
          if (key.startsWith(PREFIX)) {
            all.put(key.substring(PREFIX.length()), words);
          }
        });
    return all;
  }
}
