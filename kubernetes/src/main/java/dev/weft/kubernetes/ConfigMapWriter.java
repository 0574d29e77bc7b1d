package dev.weft.kubernetes;

import dev.weft.config.ConfigDocument;
import dev.weft.config.history.SourceWriter;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * {@code configmap:...} as it was: the keys of each ConfigMap that changed, by one patch each that
 * the API server takes only where nobody else was faster. ConfigMaps that came or went meanwhile
 * are left to those who made or removed them. Not for event loops.
 */
final class ConfigMapWriter implements SourceWriter {

  private static final String SCHEME = "configmap:";

  private final Vertx vertx;
  private final Runnable written;

  /**
   * @param written is run after each attempt to write, however it ended
   */
  ConfigMapWriter(Vertx vertx, Runnable written) {
    this.vertx = vertx;
    this.written = written;
  }

  @Override
  public void write(Map<String, List<ConfigDocument>> now, Map<String, List<ConfigDocument>> then)
      throws IOException {
    List<String> left = new ArrayList<>();
    try (KubernetesApi api = KubernetesApi.connect(vertx)) {
      for (Map.Entry<String, List<ConfigDocument>> unit : new TreeMap<>(then).entrySet()) {
        List<ConfigDocument> before = now.getOrDefault(unit.getKey(), List.of());
        if (before.isEmpty()) {
          left.add(unit.getKey() + " was removed since: create it anew");
        } else if (!before.equals(unit.getValue())) {
          left.addAll(
              patched(api, unit.getKey(), data(before), data(unit.getValue())).stream().toList());
        }
      }
    } catch (KubernetesFailure e) {
      throw new IOException(e.getMessage(), e);
    } finally {
      written.run();
    }
    now.keySet().stream()
        .filter(unit -> !then.containsKey(unit))
        .forEach(unit -> left.add(unit + " was added since: delete it"));
    if (!left.isEmpty()) {
      throw new IOException(String.join("; ", left));
    }
  }

  /** Those that are there keep their texts where they are not to have others. */
  @Override
  public Map<String, List<ConfigDocument>> attainable(
      Map<String, List<ConfigDocument>> now, Map<String, List<ConfigDocument>> then) {
    Map<String, List<ConfigDocument>> all = new TreeMap<>(now);
    all.replaceAll((unit, documents) -> then.getOrDefault(unit, documents));
    return all;
  }

  /** Texts by their keys. */
  private static Map<String, String> data(List<ConfigDocument> documents) {
    Map<String, String> data = new TreeMap<>();
    documents.forEach(
        one -> data.put(one.name().substring(one.name().indexOf('#') + 1), one.text()));
    return data;
  }

  /** Why it could not be; empty where it was. */
  private static Optional<String> patched(
      KubernetesApi api, String unit, Map<String, String> before, Map<String, String> after) {
    String name = unit.substring(SCHEME.length());
    int slash = name.indexOf('/');
    try {
      Resource<ConfigMap> resource =
          api.client()
              .configMaps()
              .inNamespace(name.substring(0, slash))
              .withName(name.substring(slash + 1));
      ConfigMap map = resource.get();
      if (map == null || !before.equals(map.getData())) {
        return Optional.of(unit + (map == null ? " was removed" : " was changed") + " meanwhile");
      }
      JsonObject data = new JsonObject();
      before.keySet().stream().filter(key -> !after.containsKey(key)).forEach(data::putNull);
      after.forEach(data::put);
      resource.patch(
          PatchContext.of(PatchType.JSON_MERGE),
          new JsonObject()
              .put(
                  "metadata",
                  new JsonObject().put("resourceVersion", map.getMetadata().getResourceVersion()))
              .put("data", data)
              .encode());
      return Optional.empty();
    } catch (RuntimeException failure) {
      return Optional.of(
          ApiFailures.sentence(unit, "get and patch on configmaps", api.server(), failure));
    }
  }
}
