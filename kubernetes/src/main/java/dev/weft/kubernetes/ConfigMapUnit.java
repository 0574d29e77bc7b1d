package dev.weft.kubernetes;

import dev.weft.config.ConfigDocument;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One ConfigMap: a unit of refusal.
 *
 * @param namespace that it stands in
 * @param name e.g. {@code configmap:prod/routes}
 * @param documents one for each key of {@code data}, by key; their names are {@code
 *     configmap:prod/routes#KEY}
 */
public record ConfigMapUnit(String namespace, String name, List<ConfigDocument> documents) {

  public ConfigMapUnit {
    documents = List.copyOf(documents);
  }

  /** The unit of a ConfigMap's content. */
  static ConfigMapUnit of(String namespace, String name, Map<String, String> data) {
    String unit = "configmap:" + namespace + "/" + name;
    return new ConfigMapUnit(
        namespace,
        unit,
        new TreeMap<>(data)
            .entrySet().stream()
                .map(each -> new ConfigDocument(unit, unit + "#" + each.getKey(), each.getValue()))
                .toList());
  }
}
