package dev.weft.control.inject;

import dev.weft.control.inject.Wishes.Resources;
import dev.weft.kubernetes.discovery.MeshPod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What is put into a pod: the sidecar, the step that writes the rules, and their volumes. */
final class Containers {

  /** The sidecar's name. */
  static final String PROXY = MeshPod.SIDECAR;

  /** The name of the step that writes the kernel's rules. */
  static final String INIT = "weft-init";

  /** The sidecar's user, by which the rules know its own connections. */
  static final int UID = 1337;

  /** Names of {@link #volumes}. */
  static final List<String> VOLUMES = List.of("weft-token", "weft-ca", "weft-state", "weft-tmp");

  private static final String TOKEN_FOLDER = "/var/run/secrets/weft";
  private static final String ROOTS_FOLDER = "/var/run/secrets/weft-ca";
  private static final String STATE_FOLDER = "/var/lib/weft";
  private static final int TOKEN_SECONDS = 3600; // the kubelet renews it at four fifths
  private static final int STARTUP_SECONDS = 600;

  private final InjectSettings settings;
  private final Wishes wishes;
  private final String image;

  Containers(InjectSettings settings, Wishes wishes) {
    this.settings = settings;
    this.wishes = wishes;
    this.image = wishes.image().orElse(settings.image());
  }

  /** The step that writes the rules; it alone may change the pod's network, and does not stay. */
  JsonObject init() {
    List<String> args = new ArrayList<>(List.of("intercept", "install"));
    args.addAll(List.of("--proxy-uid", Integer.toString(UID)));
    flag(args, "--exclude-inbound-ports", wishes.exclusions().inbound());
    flag(args, "--exclude-outbound-ports", wishes.exclusions().outbound());
    flag(args, "--exclude-outbound-cidrs", wishes.exclusions().networks());
    JsonObject security =
        confined()
            .put("runAsUser", 0)
            .put("runAsGroup", 0)
            .put("runAsNonRoot", false)
            .put(
                "capabilities",
                new JsonObject()
                    .put("drop", new JsonArray().add("ALL"))
                    .put("add", new JsonArray().add("NET_ADMIN").add("NET_RAW")));
    return new JsonObject()
        .put("name", INIT)
        .put("image", image)
        .put("args", new JsonArray(args))
        .put("env", new JsonArray().add(variable("XTABLES_LOCKFILE", "/tmp/xtables.lock")))
        .put("resources", Resources.json(wishes.cpu(), wishes.memory()))
        .put("securityContext", security)
        .put("volumeMounts", new JsonArray().add(mount("weft-tmp", "/tmp", false)));
  }

  /**
   * The sidecar.
   *
   * @param probes {@code --app-probe} and its value, for each
   */
  JsonObject proxy(Map<String, String> labels, List<String> probes) {
    JsonObject ready = get("/ready");
    JsonObject container =
        new JsonObject()
            .put("name", PROXY)
            .put("image", image)
            .put("args", new JsonArray(arguments(labels, probes)))
            .put("env", environment())
            .put("ports", ports())
            .put("readinessProbe", probe(ready, 3))
            .put("resources", Resources.json(wishes.cpu(), wishes.memory()))
            .put("securityContext", unprivileged())
            .put("volumeMounts", mounts());
    if (settings.nativeSidecar()) {
      container.put("restartPolicy", "Always");
      if (wishes.hold().orElse(true)) {
        container.put("startupProbe", probe(ready, STARTUP_SECONDS)); // what follows waits for it
      }
    }
    return container;
  }

  private List<String> arguments(Map<String, String> labels, List<String> probes) {
    String control = "control:" + settings.control();
    List<String> args =
        new ArrayList<>(
            List.of(
                "sidecar",
                "--intercept",
                "--config",
                control,
                "--identity",
                control,
                "--token-file",
                TOKEN_FOLDER + "/token",
                "--root-cert",
                ROOTS_FOLDER + "/root-cert.pem",
                "--trust-domain",
                settings.trustDomain(),
                "--service-account",
                "$(POD_NAMESPACE)/$(POD_SERVICE_ACCOUNT)",
                "--state-dir",
                STATE_FOLDER,
                "--control-admin",
                "0.0.0.0:15004",
                "--health",
                "0.0.0.0:" + Probes.HEALTH_PORT,
                "--metrics",
                "0.0.0.0:15020"));
    flag(
        args,
        "--labels",
        labels.entrySet().stream().map(one -> one.getKey() + "=" + one.getValue()).toList());
    args.addAll(probes);
    return args;
  }

  private static void flag(List<String> args, String name, List<String> values) {
    if (!values.isEmpty()) {
      args.add(name);
      args.add(values.stream().collect(Collectors.joining(",")));
    }
  }

  private static JsonArray environment() {
    return new JsonArray()
        .add(ofPod("POD_NAMESPACE", "metadata.namespace"))
        .add(ofPod("POD_SERVICE_ACCOUNT", "spec.serviceAccountName"));
  }

  private static JsonObject ofPod(String name, String field) {
    JsonObject from = new JsonObject().put("fieldRef", new JsonObject().put("fieldPath", field));
    return new JsonObject().put("name", name).put("valueFrom", from);
  }

  private static JsonObject variable(String name, String value) {
    return new JsonObject().put("name", name).put("value", value);
  }

  private static JsonArray ports() {
    return new JsonArray()
        .add(port("weft-admin", 15004))
        .add(port("weft-metrics", 15020))
        .add(port("weft-health", Probes.HEALTH_PORT));
  }

  private static JsonObject port(String name, int number) {
    return new JsonObject().put("name", name).put("containerPort", number).put("protocol", "TCP");
  }

  private static JsonObject get(String path) {
    return new JsonObject().put("path", path).put("port", Probes.HEALTH_PORT);
  }

  private static JsonObject probe(JsonObject get, int failures) {
    return new JsonObject()
        .put("httpGet", get.copy())
        .put("periodSeconds", 1)
        .put("timeoutSeconds", 2)
        .put("failureThreshold", failures);
  }

  private static JsonObject unprivileged() {
    return confined()
        .put("runAsUser", UID)
        .put("runAsGroup", UID)
        .put("runAsNonRoot", true)
        .put("capabilities", new JsonObject().put("drop", new JsonArray().add("ALL")));
  }

  private static JsonObject confined() {
    return new JsonObject()
        .put("allowPrivilegeEscalation", false)
        .put("privileged", false)
        .put("readOnlyRootFilesystem", true)
        .put("seccompProfile", new JsonObject().put("type", "RuntimeDefault"));
  }

  private static JsonArray mounts() {
    return new JsonArray()
        .add(mount("weft-token", TOKEN_FOLDER, true))
        .add(mount("weft-ca", ROOTS_FOLDER, true))
        .add(mount("weft-state", STATE_FOLDER, false))
        .add(mount("weft-tmp", "/tmp", false));
  }

  private static JsonObject mount(String name, String path, boolean readOnly) {
    JsonObject mount = new JsonObject().put("name", name).put("mountPath", path);
    return readOnly ? mount.put("readOnly", true) : mount;
  }

  /** The volumes of both. */
  static List<JsonObject> volumes() {
    JsonObject token =
        new JsonObject()
            .put("audience", "weft")
            .put("expirationSeconds", TOKEN_SECONDS)
            .put("path", "token");
    JsonObject source = new JsonObject().put("serviceAccountToken", token);
    return List.of(
        new JsonObject()
            .put("name", "weft-token")
            .put("projected", new JsonObject().put("sources", new JsonArray().add(source))),
        new JsonObject()
            .put("name", "weft-ca")
            .put("configMap", new JsonObject().put("name", "weft-ca-root")),
        empty("weft-state").put("emptyDir", bounded().put("medium", "Memory")), // keys are there
        empty("weft-tmp").put("emptyDir", bounded()));
  }

  private static JsonObject empty(String name) {
    return new JsonObject().put("name", name);
  }

  private static JsonObject bounded() {
    return new JsonObject().put("sizeLimit", "64Mi");
  }
}
