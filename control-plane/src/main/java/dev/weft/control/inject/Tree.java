package dev.weft.control.inject;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Looks into objects of Kubernetes; what is absent, or of another type, is empty. */
public final class Tree {

  private Tree() {}

  /** The object at a path. */
  public static JsonObject object(JsonObject parent, String... names) {
    JsonObject at = parent;
    for (String name : names) {
      at = at.getValue(name) instanceof JsonObject next ? next : new JsonObject();
    }
    return at;
  }

  /** What is no object among them is an empty one, so that places stay. */
  static List<JsonObject> objects(JsonObject parent, String name) {
    List<JsonObject> all = new ArrayList<>();
    if (parent.getValue(name) instanceof JsonArray array) {
      for (int i = 0; i < array.size(); i++) {
        all.add(array.getValue(i) instanceof JsonObject one ? one : new JsonObject());
      }
    }
    return all;
  }

  /** The text of a name. */
  public static Optional<String> text(JsonObject parent, String name) {
    return parent.getValue(name) instanceof String text ? Optional.of(text) : Optional.empty();
  }

  /** Those whose value is a text. */
  public static Map<String, String> texts(JsonObject parent) {
    Map<String, String> all = new LinkedHashMap<>();
    for (String name : parent.fieldNames()) {
      text(parent, name).ifPresent(value -> all.put(name, value));
    }
    return all;
  }

  static boolean isTrue(JsonObject parent, String name) {
    return Boolean.TRUE.equals(parent.getValue(name));
  }
}
