package dev.weft.control.inject;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;

/**
 * What is to be added to an object, or replaced in it, in this order.
 *
 * <p>Source: RFC 6902, of which it has {@code add} and {@code replace}; RFC 6901 for paths.
 */
public record JsonPatch(List<Operation> operations) {

  private static final String LAST = "-";

  /** Changes nothing. */
  public static final JsonPatch NONE = new JsonPatch(List.of());

  public JsonPatch {
    operations = List.copyOf(operations);
  }

  /** One step. */
  public record Operation(String op, List<String> path, Object value) {
    public Operation {
      path = List.copyOf(path);
    }
  }

  /** Whether it changes nothing. */
  public boolean isEmpty() {
    return operations.isEmpty();
  }

  /** As the API server takes it. */
  public JsonArray json() {
    JsonArray all = new JsonArray();
    for (Operation one : operations) {
      StringBuilder pointer = new StringBuilder();
      one.path()
          .forEach(name -> pointer.append('/').append(name.replace("~", "~0").replace("/", "~1")));
      all.add(
          new JsonObject()
              .put("op", one.op())
              .put("path", pointer.toString())
              .put("value", one.value()));
    }
    return all;
  }

  /** A copy of an object, with the steps done. */
  public JsonObject applied(JsonObject to) {
    JsonObject copy = to.copy();
    for (Operation one : operations) {
      List<String> path = one.path();
      Object at = copy;
      for (String name : path.subList(0, path.size() - 1)) {
        at =
            at instanceof JsonArray array
                ? array.getValue(Integer.parseInt(name))
                : ((JsonObject) at).getValue(name);
      }
      put(at, path.get(path.size() - 1), one);
    }
    return copy;
  }

  private static void put(Object into, String name, Operation one) {
    if (into instanceof JsonObject object) {
      object.put(name, one.value());
    } else if (into instanceof JsonArray array) {
      if (name.equals(LAST)) {
        array.add(one.value());
      } else if (one.op().equals("add")) {
        array.add(Integer.parseInt(name), one.value());
      } else {
        array.set(Integer.parseInt(name), one.value());
      }
    } else {
      throw new IllegalArgumentException(name + " (expected: an object or a list above it)");
    }
  }

  /** Collects the steps of one. */
  static final class Steps {

    private final List<Operation> operations = new ArrayList<>();

    void add(Object value, String... path) {
      operations.add(new Operation("add", List.of(path), value));
    }

    void replace(Object value, List<String> path) {
      operations.add(new Operation("replace", path, value));
    }

    JsonPatch patch() {
      return new JsonPatch(operations);
    }
  }
}
