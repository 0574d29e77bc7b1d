package dev.weft.kubernetes;

import dev.weft.config.ConfigDocument;
import dev.weft.config.history.SourceWriter;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.api.model.StatusDetails;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * {@code configmap:...} as it was: the texts of each ConfigMap that changed, by one patch each that
 * the API server takes only where nobody else changed them first (RFC 6902 section 4.6). ConfigMaps
 * that came or went meanwhile are left to those who made or removed them. Not for event loops.
 */
final class ConfigMapWriter implements SourceWriter {

  private static final String SCHEME = "configmap:";
  private static final String DATA = "/data";
  private static final int GONE = 404;
  private static final int OTHERS_THERE = 422; // what a test of a patch fails with, without a cause

  private final Supplier<KubernetesApi> server;
  private final Runnable written;

  /**
   * @param server opens the API server for each attempt to write, or fails with a {@link
   *     KubernetesFailure}
   * @param written is run after each attempt to write, however it ended
   */
  ConfigMapWriter(Supplier<KubernetesApi> server, Runnable written) {
    this.server = server;
    this.written = written;
  }

  @Override
  public void write(Map<String, List<ConfigDocument>> now, Map<String, List<ConfigDocument>> then)
      throws IOException {
    List<String> left = new ArrayList<>();
    try (KubernetesApi api = server.get()) {
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
      api.client()
          .configMaps()
          .inNamespace(name.substring(0, slash))
          .withName(name.substring(slash + 1))
          .patch(PatchContext.of(PatchType.JSON), patch(before, after));
      return Optional.empty();
    } catch (KubernetesClientException refused) {
      if (refused.getCode() == GONE) {
        return Optional.of(unit + " was removed meanwhile");
      }
      return Optional.of(
          othersThere(refused) ? unit + " was changed meanwhile" : sentence(api, unit, refused));
    } catch (RuntimeException failure) {
      return Optional.of(sentence(api, unit, failure));
    }
  }

  /** A patch that would make what is not allowed fails alike, but says what is wrong with it. */
  private static boolean othersThere(KubernetesClientException refused) {
    return refused.getCode() == OTHERS_THERE
        && Optional.ofNullable(refused.getStatus())
            .map(Status::getDetails)
            .map(StatusDetails::getCauses)
            .filter(causes -> !causes.isEmpty())
            .isEmpty();
  }

  private static String sentence(KubernetesApi api, String unit, RuntimeException failure) {
    return ApiFailures.sentence(unit, "patch on configmaps", api.server(), failure);
  }

  /** Texts alone are compared: what else of a ConfigMap changes, as notes on it, is no matter. */
  private static String patch(Map<String, String> before, Map<String, String> after) {
    JsonObject same = new JsonObject().put("op", "test").put("path", DATA);
    JsonObject other = new JsonObject().put("op", "replace").put("path", DATA);
    return new JsonArray()
        .add(same.put("value", new JsonObject(new TreeMap<>(before))))
        .add(other.put("value", new JsonObject(new TreeMap<>(after))))
        .encode();
  }
}
