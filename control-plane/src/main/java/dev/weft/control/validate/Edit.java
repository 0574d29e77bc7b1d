package dev.weft.control.validate;

import dev.weft.config.ConfigDocument;
import dev.weft.config.problem.Place;
import dev.weft.config.problem.Problem;
import dev.weft.control.inject.Tree;
import dev.weft.kubernetes.ConfigMapUnit;
import dev.weft.kubernetes.istio.IstioUnit;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What somebody is about to put into the configuration: a ConfigMap, or a resource of Istio's.
 *
 * @param unit the name of the whole
 * @param documents as the source will read them
 * @param lines whether their lines are those that the user wrote
 * @param notices what is said of it beside its problems
 */
record Edit(String unit, List<ConfigDocument> documents, boolean lines, List<String> notices) {

  private static final Set<String> CHANGING = Set.of("CREATE", "UPDATE");
  private static final Set<String> GROUPS =
      Set.of("networking.istio.io", "security.istio.io", "telemetry.istio.io");

  Edit {
    documents = List.copyOf(documents);
    notices = List.copyOf(notices);
  }

  /**
   * Reads the request of an AdmissionReview.
   *
   * @param own the namespace of Weft, whose ConfigMaps may define anything
   * @return empty where it does not change what is configured: our own note on a ConfigMap that was
   *     broken before must be taken, and so must the end of one
   */
  static Optional<Edit> of(JsonObject request, Optional<String> own) {
    if (!CHANGING.contains(Tree.text(request, "operation").orElse(""))
        || !(request.getValue("object") instanceof JsonObject object)) {
      return Optional.empty();
    }
    JsonObject before = Tree.object(request, "oldObject");
    JsonObject resource = Tree.object(request, "resource");
    String group = Tree.text(resource, "group").orElse("");
    if (group.isEmpty() && Tree.text(resource, "resource").equals(Optional.of("configmaps"))) {
      return sameMap(before, object) ? Optional.empty() : Optional.of(ofMap(request, object, own));
    }
    return GROUPS.contains(group) && !same(before, object, "spec")
        ? Optional.of(ofResource(request, object))
        : Optional.empty();
  }

  private static Edit ofMap(JsonObject request, JsonObject map, Optional<String> own) {
    String namespace = Tree.text(request, "namespace").orElse("");
    String name = name(request, map);
    Map<String, String> data = Tree.texts(Tree.object(map, "data"));
    ConfigMapUnit unit = ConfigMapUnit.of(namespace, name, data);
    Set<String> bytes = Tree.object(map, "binaryData").fieldNames();
    List<String> notices =
        bytes.isEmpty() ? List.of() : List.of(ConfigMapUnit.unread(namespace, name, bytes));
    return new Edit(unit.name(), unit.bound(own), true, notices);
  }

  private static Edit ofResource(JsonObject request, JsonObject resource) {
    String namespace = Tree.text(request, "namespace").orElse("");
    ConfigDocument document = IstioUnit.of(resource, namespace, name(request, resource));
    return new Edit(document.unit(), List.of(document), false, List.of());
  }

  /** A problem with the place that its user knows. */
  Problem told(Problem problem) {
    return lines || !problem.place().file().equals(unit)
        ? problem
        : new Problem(
            problem.severity(),
            problem.code(),
            Place.of(unit),
            problem.path(),
            problem.message(),
            problem.hint());
  }

  /** Of one that the API server is still to name, what its name begins with. */
  private static String name(JsonObject request, JsonObject object) {
    return Tree.text(request, "name")
        .filter(name -> !name.isEmpty())
        .or(() -> Tree.text(Tree.object(object, "metadata"), "generateName"))
        .map(name -> name.endsWith("-") ? name + "x" : name)
        .orElse("");
  }

  private static boolean sameMap(JsonObject before, JsonObject after) {
    return same(before, after, "data")
        && same(before, after, "binaryData")
        && labels(before).entrySet().containsAll(labels(after).entrySet());
  }

  private static Map<String, String> labels(JsonObject object) {
    return Tree.texts(Tree.object(object, "metadata", "labels"));
  }

  private static boolean same(JsonObject before, JsonObject after, String field) {
    return !before.isEmpty() && Tree.object(before, field).equals(Tree.object(after, field));
  }
}
