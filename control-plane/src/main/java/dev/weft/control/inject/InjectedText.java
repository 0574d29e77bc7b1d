package dev.weft.control.inject;

import dev.weft.config.problem.Problem;
import dev.weft.config.problem.Problems;
import dev.weft.config.yaml.YamlNode;
import dev.weft.config.yaml.YamlReader;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Files of Kubernetes resources with sidecars put in. Documents without pods, and pods that get
 * none, stay as they are written; the others are written anew, without their comments.
 *
 * <p>One text, one instance.
 */
public final class InjectedText {

  private static final String SPEC = "spec";
  private static final Map<String, List<String>> TEMPLATES =
      Map.of(
          "Pod", List.of(),
          "Deployment", List.of(SPEC, "template"),
          "StatefulSet", List.of(SPEC, "template"),
          "DaemonSet", List.of(SPEC, "template"),
          "ReplicaSet", List.of(SPEC, "template"),
          "Job", List.of(SPEC, "template"),
          "CronJob", List.of(SPEC, "jobTemplate", SPEC, "template"));

  private final Injector injector;
  private final String file;
  private final Problems problems = new Problems();
  private final List<String> faults = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();

  /**
   * @param file as it is named in what is told
   */
  public InjectedText(Injector injector, String file) {
    this.injector = injector;
    this.file = file;
  }

  /** The text with sidecars; of no use where there are {@link #faults}. */
  public String of(String text) {
    StringBuilder written = new StringBuilder();
    StringBuilder document = new StringBuilder();
    int line = 0;
    int begins = 0;
    for (String one : (Iterable<String>) text.lines()::iterator) {
      line++;
      if (one.matches("---(\\s.*)?")) {
        written.append(document(document.toString(), begins));
        document.setLength(0);
        begins = line - 1;
      }
      document.append(one).append('\n');
    }
    return written.append(document(document.toString(), begins)).toString();
  }

  /** Why it was refused, a sentence each. */
  public List<String> faults() {
    List<String> all = new ArrayList<>(problems.sorted().stream().map(Problem::toString).toList());
    all.addAll(faults);
    return all;
  }

  /** What owners of pods should know, a sentence each. */
  public List<String> warnings() {
    return List.copyOf(warnings);
  }

  private String document(String text, int linesBefore) {
    // lines above it are made up for, so that places are the file's
    List<YamlNode> nodes = YamlReader.read(file, "\n".repeat(linesBefore) + text, problems);
    if (nodes.size() != 1 || !(YamlText.value(nodes.get(0)) instanceof JsonObject resource)) {
      return text;
    }
    JsonObject injected = resource(resource, nodes.get(0).place().line());
    return injected.equals(resource) ? text : "---\n" + YamlText.of(injected);
  }

  private JsonObject resource(JsonObject resource, int line) {
    String kind = Tree.text(resource, "kind").orElse("");
    if (kind.endsWith("List") && resource.getValue("items") instanceof JsonArray items) {
      JsonArray all = new JsonArray();
      boolean changed = false;
      for (Object item : items) {
        Object now = item instanceof JsonObject one ? resource(one, line) : item;
        changed |= !now.equals(item);
        all.add(now);
      }
      return changed ? resource.copy().put("items", all) : resource;
    }
    List<String> path = TEMPLATES.get(kind);
    if (path == null) {
      return resource;
    }
    String name = Tree.text(Tree.object(resource, "metadata"), "name").orElse("without a name");
    return changed(
        resource, path, pod -> injected(pod, file + ":" + line + ": " + kind + " " + name));
  }

  private JsonObject injected(JsonObject pod, String where) {
    if (!(pod.getValue(SPEC) instanceof JsonObject)) {
      faults.add(where + ": there is no spec of a pod");
      return pod;
    }
    if (!Choice.wanted(pod, Optional.of(true))) {
      return pod;
    }
    try {
      Injection injection = injector.inject(pod);
      injection.warnings().forEach(one -> warnings.add(where + ": " + one));
      return injection.patch().isEmpty() ? pod : injection.patch().applied(pod);
    } catch (InjectionRefused refused) {
      refused.faults().forEach(one -> faults.add(where + ": " + one));
      return pod;
    }
  }

  /** An equal object where nothing changed. */
  private static JsonObject changed(
      JsonObject at, List<String> path, UnaryOperator<JsonObject> change) {
    if (path.isEmpty()) {
      return change.apply(at);
    }
    JsonObject below = Tree.object(at, path.get(0));
    JsonObject now = changed(below, path.subList(1, path.size()), change);
    return now.equals(below) ? at : shallow(at).put(path.get(0), now);
  }

  private static JsonObject shallow(JsonObject object) {
    JsonObject copy = new JsonObject();
    object.forEach(entry -> copy.put(entry.getKey(), entry.getValue()));
    return copy;
  }
}
