package dev.weft.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.cli.Launched.Run;
import dev.weft.testkit.FreePorts;
import dev.weft.testkit.Tools;
import dev.weft.testkit.kube.KubeApiServer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** {@code weft doctor} of a real API server, with a control plane beside it and without. */
@Timeout(240)
@EnabledIf(value = "canStart", disabledReason = "no API server is built: testkit/kube/build.sh")
final class DoctorIT {

  private static final int MOST_TRIES = 500;

  /** The API server reaches a Service of this type by its external name: there is no kube-proxy. */
  private static final String INSTALLED =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: weft-control, namespace: weft-system}
      spec: {type: ExternalName, externalName: localhost, selector: {app: weft-control}}
      ---
      apiVersion: v1
      kind: ServiceAccount
      metadata: {name: weft-control, namespace: weft-system}
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: weft-control-0, namespace: weft-system, labels: {app: weft-control}}
      spec:
        serviceAccountName: weft-control
        containers:
        - {name: control, image: none, args: [control, --config, "configmap:shop?label=weft.dev/config=true"]}
      ---
      apiVersion: v1
      kind: ServiceAccount
      metadata: {name: old, namespace: shop}
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: old, namespace: shop, labels: {weft.dev/inject: disabled}}
      spec: {serviceAccountName: old, containers: [{name: app, image: none}]}
      ---
      apiVersion: rbac.authorization.k8s.io/v1
      kind: Role
      metadata: {name: weft-control, namespace: shop}
      rules:
      - {apiGroups: [""], resources: [configmaps], verbs: [get, list, watch, patch]}
      - {apiGroups: [""], resources: [events], verbs: [create, get, patch]}
      ---
      apiVersion: rbac.authorization.k8s.io/v1
      kind: RoleBinding
      metadata: {name: weft-control, namespace: shop}
      roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: weft-control}
      subjects: [{kind: ServiceAccount, name: weft-control, namespace: weft-system}]
      ---
      apiVersion: v1
      kind: ConfigMap
      metadata: {name: routes, namespace: shop, labels: {weft.dev/config: "true"}}
      data:
        shop.yaml: |
          apiVersion: networking.istio.io/v1
          kind: VirtualService
          metadata: {name: shop}
          spec: {hosts: [shop.test], http: [{directResponse: {status: 200}}]}
      """;

  private static final String WANTED =
      """
      apiVersion: v1
      kind: Pod
      metadata: {name: wanted, namespace: default, labels: {weft.dev/inject: enabled}}
      spec: {containers: [{name: app, image: none}]}
      """;
  private static final String BROKEN =
      """
      apiVersion: v1
      kind: ConfigMap
      metadata: {name: broken, namespace: default, labels: {weft.dev/config: "true"}}
      data: {a.yaml: "kind: VirtualService"}
      """;
  private static final String ACCOUNT = "system:serviceaccount:weft-system:weft-control";
  private static final String READY =
      "{\"status\":{\"phase\":\"Running\",\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}]}}";

  @TempDir private Path folder;

  private KubeApiServer kube;

  static boolean canStart() {
    return Tools.there(KubeApiServer.missing().stream());
  }

  @Test
  void aClusterIsToldToBeWellAndWhatIsWrongIsToldWithAHint() throws Exception {
    kube = KubeApiServer.start();
    try {
      Run nothing = doctor("--kubeconfig", kube.kubeconfig().toString());
      assertThat(nothing.output())
          .contains("[fail] there is no service weft-system/weft-control\n         hint: install")
          .contains("[warn] there is no weft-injector\n")
          .endsWith("1 failed, 4 warnings\n");
      assertThat(nothing.code()).isEqualTo(1);

      install();
      try (Launched control = control()) {
        control.says("webhook of weft-control.weft-system.svc");
        until("applied v1", () -> status("routes"));
        String root = root();
        kube.kubectl(
            "create",
            "-n",
            "shop",
            "configmap",
            "weft-ca-root",
            "--from-literal=root-cert.pem=" + root);
        counts();
        Run well = doctor();

        assertThat(well.output())
            .contains("[ok]   1 pod behind weft-system/weft-control\n")
            .contains(
                "[ok]   account weft-system/weft-control has the 7 rights that its flags need")
            .contains("[ok]   weft-injector: its authority is good until ")
            .contains("[ok]   a pod that asks for a sidecar would get one\n")
            .contains("[ok]   a broken ConfigMap would be refused\n")
            .contains("[ok]   shop: weft-ca-root is there\n")
            .contains("[ok]   1 ConfigMap is applied\n")
            .endsWith("all is well\n");
        assertThat(well.code()).isZero();
      }
      spoil();

      Run ill = doctor("--output", "json");
      JsonObject told = new JsonObject(ill.output());

      assertThat(ill.code()).isEqualTo(1);
      assertThat(told.getBoolean("ok")).isFalse();
      assertThat(ill.output())
          .contains("account weft-system/weft-control may not get configmaps in shop")
          .contains("a pod that asks for a sidecar would not be made: ")
          .contains("a broken ConfigMap would be taken without a word")
          .contains("shop: without a sidecar: old")
          .contains("shop: no ConfigMap weft-ca-root with a certificate in root-cert.pem")
          .contains("shop/routes is not applied: a problem");
    } finally {
      kube.close();
    }
  }

  @Test
  void aServerThatIsNotThereIsTheOnlyFinding() throws Exception {
    Path nobody = folder.resolve("nobody.kubeconfig");
    Files.writeString(
        nobody,
        """
        apiVersion: v1
        kind: Config
        current-context: c
        contexts: [{name: c, context: {cluster: c, user: u}}]
        clusters: [{name: c, cluster: {server: "https://127.0.0.1:%d"}}]
        users: [{name: u, user: {}}]
        """
            .formatted(FreePorts.next()));

    Run run = doctor("--kubeconfig", nobody.toString());

    assertThat(run.output()).contains("connection refused").endsWith("1 failed, 0 warnings\n");
    assertThat(run.code()).isEqualTo(1);
  }

  private void install() throws Exception {
    kube.kubectl("create", "namespace", "weft-system");
    kube.kubectl("create", "namespace", "shop");
    kube.kubectl("label", "namespace", "shop", "weft.dev/inject=enabled");
    apply(INSTALLED);
    kube.kubectl(
        "patch", "-n", "weft-system", "pod", "weft-control-0", "--subresource=status", "-p", READY);
  }

  private void spoil() throws Exception {
    kube.kubectl("delete", "-n", "shop", "rolebinding", "weft-control");
    kube.kubectl("delete", "-n", "shop", "configmap", "weft-ca-root");
    kube.kubectl(
        "annotate",
        "-n",
        "shop",
        "configmap",
        "routes",
        "weft.dev/status=a problem",
        "--overwrite");
    kube.kubectl("label", "-n", "shop", "pod", "old", "weft.dev/inject-");
    until(false, () -> done("auth", "can-i", "get", "configmaps", "-n", "shop", "--as", ACCOUNT));
  }

  /** Until what was written a moment ago counts. */
  private void counts() throws IOException {
    Path wanted = Files.writeString(folder.resolve("wanted.yaml"), WANTED);
    Path broken = Files.writeString(folder.resolve("broken.yaml"), BROKEN);
    until(true, () -> done("auth", "can-i", "patch", "configmaps", "-n", "shop", "--as", ACCOUNT));
    until(true, () -> done("create", "-f", wanted.toString(), "--dry-run=server"));
    until(false, () -> done("create", "-f", broken.toString(), "--dry-run=server"));
  }

  /** Whether kubectl says so. */
  private boolean done(String... command) {
    try {
      kube.kubectl(command);
      return true;
    } catch (IllegalStateException refused) {
      return false;
    }
  }

  private Launched control() throws Exception {
    int port = FreePorts.next();
    for (String one : new String[] {"injector", "validator"}) {
      Path there = Launched.HOME.resolve("config/kubernetes/" + one + ".yaml");
      apply(Files.readString(there).replace("port: 15017", "port: " + port));
    }
    return Launched.weft(
        folder,
        Map.of("KUBECONFIG", kube.kubeconfig().toString()),
        "control",
        "--config",
        "configmap:shop?label=weft.dev/config=true",
        "--listen",
        "127.0.0.1:0",
        "--webhook",
        "127.0.0.1:" + port,
        "--ca-dir",
        folder.resolve("ca").toString());
  }

  private String status(String configMap) {
    return kube.kubectl(
        "get",
        "-n",
        "shop",
        "configmap",
        configMap,
        "-o",
        "jsonpath={.metadata.annotations.weft\\.dev/status}");
  }

  /** What the control plane wrote for the API server to trust. */
  private String root() throws Exception {
    String[] bundle = {""};
    until(
        true,
        () -> {
          bundle[0] =
              kube.kubectl(
                  "get",
                  "validatingwebhookconfiguration",
                  "weft-validator",
                  "-o",
                  "jsonpath={.webhooks[0].clientConfig.caBundle}");
          return !bundle[0].isEmpty();
        });
    return new String(Base64.getDecoder().decode(bundle[0]), StandardCharsets.US_ASCII);
  }

  private interface Look<T> {
    T now();
  }

  /** Each try is a call of kubectl. */
  private static <T> void until(T wanted, Look<T> look) {
    T seen = look.now();
    for (int i = 0; i < MOST_TRIES && !seen.equals(wanted); i++) {
      seen = look.now();
    }
    assertThat(seen).isEqualTo(wanted);
  }

  private void apply(String text) throws IOException {
    kube.kubectl("apply", "-f", Files.writeString(folder.resolve("applied.yaml"), text).toString());
  }

  private Run doctor(String... arguments) throws Exception {
    String[] all = new String[arguments.length + 1];
    all[0] = "doctor";
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    Map<String, String> known =
        kube == null ? Map.of() : Map.of("KUBECONFIG", kube.kubeconfig().toString());
    try (Launched launched = Launched.weft(folder, known, all)) {
      return launched.ended(90);
    }
  }
}
