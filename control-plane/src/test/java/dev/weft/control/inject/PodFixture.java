package dev.weft.control.inject;

import dev.weft.config.problem.Problems;
import dev.weft.config.yaml.YamlNode;
import dev.weft.config.yaml.YamlReader;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.stream.Stream;

/** Pods, written as YAML in the tests. */
final class PodFixture {

  static final InjectSettings NATIVE =
      new InjectSettings("weft-sidecar:1", "weft-control.weft-system.svc:15012", "mesh.test", true);
  static final InjectSettings PLAIN =
      new InjectSettings(
          "weft-sidecar:1", "weft-control.weft-system.svc:15012", "mesh.test", false);

  private PodFixture() {}

  static JsonObject pod(String yaml) {
    Problems problems = new Problems();
    List<YamlNode> nodes = YamlReader.read("pod", yaml, problems);
    if (nodes.size() != 1 || !(YamlText.value(nodes.get(0)) instanceof JsonObject pod)) {
      throw new IllegalArgumentException(problems.sorted().toString());
    }
    return pod;
  }

  /** A pod of one container, with one annotation. */
  static JsonObject annotated(String annotation, String value) {
    JsonObject pod = pod("metadata: {}\nspec: {containers: [{name: app, image: a}]}");
    pod.getJsonObject("metadata").put("annotations", new JsonObject().put(annotation, value));
    return pod;
  }

  static JsonObject injected(InjectSettings settings, JsonObject pod) throws InjectionRefused {
    return new Injector(settings).inject(pod).patch().applied(pod);
  }

  /** The container of that name, wherever in the pod it is. */
  static JsonObject container(JsonObject pod, String name) {
    JsonObject spec = Tree.object(pod, "spec");
    return Stream.concat(
            Tree.objects(spec, "initContainers").stream(),
            Tree.objects(spec, "containers").stream())
        .filter(one -> name.equals(one.getString("name")))
        .findFirst()
        .orElseThrow();
  }

  static List<String> names(JsonObject pod, String list) {
    return Tree.objects(Tree.object(pod, "spec"), list).stream()
        .map(one -> one.getString("name"))
        .toList();
  }

  /** The value that follows a flag among a container's arguments; fails where it is not there. */
  static String argument(JsonObject container, String flag) {
    List<?> args = container.getJsonArray("args").getList();
    return String.valueOf(args.get(args.indexOf(flag) + 1));
  }
}
