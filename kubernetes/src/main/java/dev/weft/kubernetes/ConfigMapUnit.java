package dev.weft.kubernetes;

import dev.weft.config.ConfigDocument;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

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
  public static ConfigMapUnit of(String namespace, String name, Map<String, String> data) {
    String unit = "configmap:" + namespace + "/" + name;
    return new ConfigMapUnit(
        namespace,
        unit,
        new TreeMap<>(data)
            .entrySet().stream()
                .map(each -> new ConfigDocument(unit, unit + "#" + each.getKey(), each.getValue()))
                .toList());
  }

  /**
   * Its documents with what they may define: all that they like in Weft's own namespace, else
   * resources of the ConfigMap's namespace.
   *
   * @param own the namespace of this process, empty where it is in none
   */
  public List<ConfigDocument> bound(Optional<String> own) {
    boolean free = own.filter(namespace::equals).isPresent();
    Optional<String> within = free ? Optional.empty() : Optional.of(namespace);
    return documents.stream()
        .map(one -> new ConfigDocument(one.unit(), one.name(), one.text(), within))
        .toList();
  }

  /**
   * That bytes are nobody's rules.
   *
   * @param keys of {@code binaryData}, at least one
   */
  public static String unread(String namespace, String name, Set<String> keys) {
    return "configmap:"
        + namespace
        + "/"
        + name
        + ": binaryData is not read ("
        + String.join(", ", new TreeSet<>(keys))
        + "); write it as UTF-8 text under data";
  }
}
