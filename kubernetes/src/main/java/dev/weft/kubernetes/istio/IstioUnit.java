package dev.weft.kubernetes.istio;

import dev.weft.config.ConfigDocument;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;

/**
 * A resource of the API server as a unit of configuration; the same for who tries an edit of it.
 */
public final class IstioUnit {

  private static final List<String> METADATA =
      List.of("name", "namespace", "labels", "annotations", "creationTimestamp");

  private IstioUnit() {}

  /**
   * The one text of a unit {@code KIND NAMESPACE/NAME}, bound to its namespace.
   *
   * @param resource as the API server tells it; what it keeps for itself is left out
   * @param name of one that it is still to name, too
   */
  public static ConfigDocument of(JsonObject resource, String namespace, String name) {
    JsonObject metadata =
        resource.getValue("metadata") instanceof JsonObject told ? told : new JsonObject();
    JsonObject kept = new JsonObject();
    METADATA.stream()
        .filter(metadata::containsKey)
        .forEach(field -> kept.put(field, metadata.getValue(field)));
    JsonObject text =
        new JsonObject()
            .put("apiVersion", resource.getValue("apiVersion"))
            .put("kind", resource.getValue("kind"))
            .put("metadata", kept.put("name", name));
    if (resource.containsKey("spec")) {
      text.put("spec", resource.getValue("spec"));
    }
    String kind = resource.getValue("kind") instanceof String told ? told : "";
    String unit = kind + " " + namespace + "/" + name;
    return new ConfigDocument(unit, unit, text.encode(), Optional.of(namespace));
  }
}
