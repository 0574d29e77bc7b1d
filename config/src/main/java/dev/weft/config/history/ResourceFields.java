package dev.weft.config.history;

import dev.weft.config.ConfigDocument;
import dev.weft.config.problem.Problems;
import dev.weft.config.yaml.YamlNode;
import dev.weft.config.yaml.YamlReader;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * A resource as its author wrote it, as texts by their paths: two of them can be compared, and be
 * told without what is secret.
 *
 * @param name kind, namespace and name: {@code VirtualService prod/search}
 * @param fields by path, such as {@code spec.http[0].route[1].weight}, in their order; at most
 *     {@link #MOST}
 */
public record ResourceFields(String name, Map<String, String> fields) {

  /** Fields of one resource; of a larger one the last ones are not told. */
  static final int MOST = 20_000;

  private static final String SECRET = "Secret ";
  private static final String HIDDEN = "[hidden]";
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_-]+");
  private static final Pattern USER_OF_URL = Pattern.compile("://[^/@\\s]*@");
  private static final Set<String> SERVERS = // what an API server adds to what was written
      Set.of(
          "managedFields", "resourceVersion", "uid", "generation", "creationTimestamp", "selfLink");

  public ResourceFields {
    fields = new LinkedHashMap<>(fields); // in their order
  }

  /**
   * All resources of these texts by name, the first where several have one; what cannot be read is
   * passed over.
   */
  public static Map<String, ResourceFields> of(Collection<ConfigDocument> documents) {
    Map<String, ResourceFields> all = new TreeMap<>();
    for (ConfigDocument document : documents) {
      for (YamlNode node : YamlReader.read(document.name(), document.text(), new Problems())) {
        add(node, document.within(), all);
      }
    }
    return all;
  }

  private static void add(YamlNode node, Optional<String> within, Map<String, ResourceFields> all) {
    String kind = text(node, "kind").orElse("");
    if (kind.equals("List")) {
      if (entry(node, "items").orElse(node) instanceof YamlNode.Sequence items) {
        items.items().forEach(item -> add(item, within, all));
      }
      return;
    }
    called(node, within)
        .ifPresent(
            called -> {
              Map<String, String> fields = new LinkedHashMap<>();
              flatten(node, "", fields);
              all.putIfAbsent(called, new ResourceFields(called, fields));
            });
  }

  /** Kind, namespace and name; empty where one is missing. */
  static Optional<String> called(YamlNode node, Optional<String> within) {
    Optional<YamlNode> meta = entry(node, "metadata");
    String kind = text(node, "kind").orElse("");
    String name = meta.flatMap(of -> text(of, "name")).orElse("");
    if (kind.isEmpty() || name.isEmpty()) {
      return Optional.empty();
    }
    String namespace = meta.flatMap(of -> text(of, "namespace")).or(() -> within).orElse("default");
    return Optional.of(kind + " " + namespace + "/" + name);
  }

  /** What a key stands for. */
  static Optional<YamlNode> entry(YamlNode node, String key) {
    return node instanceof YamlNode.Mapping mapping
        ? mapping.entries().stream()
            .filter(one -> one.key().equals(key))
            .map(YamlNode.Entry::value)
            .findFirst()
        : Optional.empty();
  }

  private static Optional<String> text(YamlNode node, String key) {
    return entry(node, key)
        .filter(YamlNode.Scalar.class::isInstance)
        .map(YamlNode.Scalar.class::cast)
        .map(YamlNode.Scalar::text);
  }

  private static void flatten(YamlNode node, String path, Map<String, String> fields) {
    if (fields.size() >= MOST) {
      return;
    }
    if (node instanceof YamlNode.Scalar scalar) {
      fields.put(path, scalar.isNull() ? "" : scalar.text());
    } else if (node instanceof YamlNode.Sequence list) {
      for (int i = 0; i < list.items().size(); i++) {
        flatten(list.items().get(i), path + "[" + i + "]", fields);
      }
      if (list.items().isEmpty()) {
        fields.put(path, "[]");
      }
    } else if (node instanceof YamlNode.Mapping mapping) {
      flatten(mapping, path, fields);
    }
  }

  private static void flatten(YamlNode.Mapping mapping, String path, Map<String, String> fields) {
    for (YamlNode.Entry entry : mapping.entries()) {
      if (wanted(path, entry.key())) {
        flatten(entry.value(), path + step(path, entry.key()), fields);
      }
    }
    if (mapping.entries().isEmpty()) {
      fields.put(path, "{}");
    }
  }

  private static boolean wanted(String path, String key) {
    return !(path.isEmpty() && key.equals("status"))
        && !(path.equals("metadata") && SERVERS.contains(key));
  }

  private static String step(String path, String key) {
    if (!PLAIN.matcher(key).matches()) {
      return "['" + key + "']";
    }
    return path.isEmpty() ? key : "." + key;
  }

  /** Whether it holds what nobody is told. */
  public boolean secret() {
    return name.startsWith(SECRET);
  }

  /** The same, told: without a Secret's data, and the name and password of a URL. */
  public ResourceFields told() {
    Map<String, String> told = new LinkedHashMap<>();
    fields.forEach((path, text) -> told.put(path, told(path, text)));
    return new ResourceFields(name, told);
  }

  /** A value of this resource, told. */
  String told(String path, String text) {
    if (secret() && (path.startsWith("data") || path.startsWith("stringData"))) {
      return HIDDEN;
    }
    return USER_OF_URL.matcher(text).replaceAll("://" + HIDDEN + "@");
  }
}
