package dev.weft.control.inject;

import dev.weft.kubernetes.discovery.PodWorkload;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Puts a sidecar into a pod, as a JSON patch. The same pod and settings give the same patch; a pod
 * that has a sidecar is left as it is. Whether a pod shall have one is {@link Choice}'s business.
 *
 * <p>Immutable and pure; any thread may enter.
 */
public final class Injector {

  /** The label of pods that have a sidecar. */
  public static final String INJECTED = "weft.dev/injected";

  private static final String METADATA = "metadata";
  private static final String SPEC = "spec";
  private static final String INIT_CONTAINERS = "initContainers";
  private static final String CONTAINERS = "containers";
  private static final String VOLUMES = "volumes";

  private final InjectSettings settings;

  public Injector(InjectSettings settings) {
    this.settings = settings;
  }

  /**
   * What becomes of a pod, or of the template of pods.
   *
   * @throws InjectionRefused with all that stands in the way
   */
  public Injection inject(JsonObject pod) throws InjectionRefused {
    JsonObject metadata = Tree.object(pod, METADATA);
    JsonObject spec = Tree.object(pod, SPEC);
    Map<String, String> labels = Tree.texts(Tree.object(metadata, "labels"));
    if ("true".equals(labels.get(INJECTED))) {
      return new Injection(JsonPatch.NONE, List.of());
    }
    if (windows(spec)) {
      return new Injection(JsonPatch.NONE, List.of("a pod of Windows has no sidecar"));
    }
    List<String> faults = new ArrayList<>();
    List<String> warnings = new ArrayList<>();
    Wishes wishes =
        new Annotations(Tree.texts(Tree.object(metadata, "annotations")), faults, warnings)
            .wishes();
    taken(spec, faults);
    if (!faults.isEmpty()) {
      throw new InjectionRefused(faults);
    }
    if (!settings.nativeSidecar()) {
      plain(spec, wishes, warnings);
    }
    return new Injection(patch(pod, labels, wishes, warnings), warnings);
  }

  private JsonPatch patch(
      JsonObject pod, Map<String, String> labels, Wishes wishes, List<String> warnings) {
    JsonPatch.Steps steps = new JsonPatch.Steps();
    JsonObject spec = Tree.object(pod, SPEC);
    Probes probes = new Probes(steps, warnings);
    if (wishes.rewriteProbes()) {
      probes(spec, INIT_CONTAINERS, probes); // before others move them
      probes(spec, CONTAINERS, probes);
    }
    Containers made = new Containers(settings, wishes);
    JsonObject proxy = made.proxy(named(pod, labels), probes.arguments());
    if (settings.nativeSidecar()) {
      insert(steps, spec, List.of(made.init(), proxy)); // so that the pod's own steps have it
    } else {
      append(steps, spec, INIT_CONTAINERS, List.of(made.init())); // its own steps go without
      append(steps, spec, CONTAINERS, List.of(proxy));
    }
    append(steps, spec, VOLUMES, Containers.volumes());
    label(steps, pod);
    return steps.patch();
  }

  /** The pod's labels, and what its workload is called, by whom controls it. */
  private static Map<String, String> named(JsonObject pod, Map<String, String> labels) {
    Map<String, String> all = new LinkedHashMap<>(labels);
    Tree.objects(Tree.object(pod, METADATA), "ownerReferences").stream()
        .filter(owner -> Tree.isTrue(owner, "controller"))
        .findFirst()
        .ifPresent(
            owner ->
                all.putIfAbsent(
                    PodWorkload.NAME,
                    PodWorkload.of(
                        labels,
                        Tree.text(owner, "kind").orElse(""),
                        Tree.text(owner, "name").orElse(""))));
    return all;
  }

  private static void probes(JsonObject spec, String list, Probes probes) {
    List<JsonObject> containers = Tree.objects(spec, list);
    for (int i = 0; i < containers.size(); i++) {
      probes.of(containers.get(i), List.of(SPEC, list, Integer.toString(i)));
    }
  }

  private static void insert(JsonPatch.Steps steps, JsonObject spec, List<JsonObject> values) {
    if (!(spec.getValue(INIT_CONTAINERS) instanceof JsonArray)) {
      steps.add(new JsonArray(values), SPEC, INIT_CONTAINERS);
      return;
    }
    for (int i = 0; i < values.size(); i++) {
      steps.add(values.get(i), SPEC, INIT_CONTAINERS, Integer.toString(i));
    }
  }

  private static void append(
      JsonPatch.Steps steps, JsonObject spec, String list, List<JsonObject> values) {
    if (spec.getValue(list) instanceof JsonArray) {
      values.forEach(value -> steps.add(value, SPEC, list, "-"));
    } else {
      steps.add(new JsonArray(values), SPEC, list);
    }
  }

  private static void label(JsonPatch.Steps steps, JsonObject pod) {
    JsonObject label = new JsonObject().put(INJECTED, "true");
    if (!(pod.getValue(METADATA) instanceof JsonObject metadata)) {
      steps.add(new JsonObject().put("labels", label), METADATA);
    } else if (!(metadata.getValue("labels") instanceof JsonObject)) {
      steps.add(label, METADATA, "labels");
    } else {
      steps.add("true", METADATA, "labels", INJECTED);
    }
  }

  private static boolean windows(JsonObject spec) {
    return Tree.text(Tree.object(spec, "os"), "name").filter("windows"::equals).isPresent()
        || Tree.text(Tree.object(spec, "nodeSelector"), "kubernetes.io/os")
            .filter("windows"::equals)
            .isPresent();
  }

  /** Names and a user that the sidecar needs for itself. */
  private static void taken(JsonObject spec, List<String> faults) {
    List<JsonObject> containers =
        Stream.concat(
                Tree.objects(spec, INIT_CONTAINERS).stream(),
                Tree.objects(spec, CONTAINERS).stream())
            .toList();
    for (JsonObject container : containers) {
      String name = Tree.text(container, "name").orElse("");
      if (name.equals(Containers.PROXY) || name.equals(Containers.INIT)) {
        faults.add(
            "container "
                + name
                + " has the name of what is injected; give it another name, or"
                + " the pod the label "
                + INJECTED
                + ": \"true\" if it is the sidecar");
      }
      if (user(container).or(() -> user(spec)).filter(uid -> uid == Containers.UID).isPresent()) {
        faults.add(
            "container "
                + name
                + ": runAsUser "
                + Containers.UID
                + " is the sidecar's, whose"
                + " connections nobody takes (expected: another user)");
      }
    }
    Tree.objects(spec, VOLUMES).stream()
        .map(volume -> Tree.text(volume, "name").orElse(""))
        .filter(Containers.VOLUMES::contains)
        .forEach(name -> faults.add("volume " + name + " has the name of one that is injected"));
  }

  private static Optional<Integer> user(JsonObject holder) {
    return Tree.object(holder, "securityContext").getValue("runAsUser") instanceof Number uid
        ? Optional.of(uid.intValue())
        : Optional.empty();
  }

  /**
   * What a container among the others does less well than one that the kubelet knows as sidecar.
   */
  private static void plain(JsonObject spec, Wishes wishes, List<String> warnings) {
    String restarts = Tree.text(spec, "restartPolicy").orElse("Always");
    if (!restarts.equals("Always")) {
      warnings.add(
          "restartPolicy "
              + restarts
              + ": the pod does not finish while its sidecar runs; a native"
              + " sidecar (Kubernetes 1.29) ends by itself");
    }
    if (wishes.hold().orElse(false)) {
      warnings.add(
          "the application starts beside its sidecar; holding it needs a native sidecar (Kubernetes"
              + " 1.29)");
    }
  }
}
