package dev.weft.control.status;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import dev.weft.kubernetes.KubernetesApi;
import dev.weft.kubernetes.KubernetesFailure;
import dev.weft.kubernetes.note.ConfigMapNotes;
import dev.weft.kubernetes.note.Note;
import dev.weft.kubernetes.note.SharedWords;
import dev.weft.testkit.Tools;
import dev.weft.testkit.kube.KubeApiServer;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** What a control plane as a process writes on ConfigMaps of a real API server. */
@Timeout(180)
@EnabledIf(value = "canStart", disabledReason = "needs the built API server, or go and curl")
final class StatusIT {

  private static final int MOST_TRIES = 500;
  private static final String BROKEN =
      "configmap:%s/routes#shop.yaml:4:61: spec.http[0].directResponse.status: error: status 2"
          + " (expected: 200 to 599)";
  private static final String KUBECONFIG =
      """
      apiVersion: v1
      kind: Config
      current-context: pod
      contexts: [{name: pod, context: {cluster: kube, user: pod}}]
      clusters: [{name: kube, cluster: {server: "%s", certificate-authority: %s}}]
      users: [{name: pod, user: {token: %s}}]
      """;

  @TempDir private Path folder;

  private static KubeApiServer kube;
  private static int namespaces; // one for each test

  private Process control;
  private String namespace;

  static boolean canStart() {
    return Tools.there(KubeApiServer.missing().stream());
  }

  @BeforeAll
  static void up() {
    kube = KubeApiServer.start();
  }

  @AfterAll
  static void down() {
    if (kube != null) {
      kube.close();
    }
  }

  @BeforeEach
  void begin() {
    namespace = "n" + namespaces++;
    kube.kubectl("create", "namespace", namespace);
  }

  @AfterEach
  void end() throws Exception {
    control.destroy();
    assertThat(control.waitFor(40, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void aConfigMapTellsWhatBecameOfIt() throws Exception {
    apply("200");
    start(kube.kubeconfig());
    status("applied v1");

    apply("2");
    status(BROKEN.formatted(namespace));
    apply("201");
    status("applied v2"); // each edit is one version: what was written on it is no change
    apply("2");
    status(BROKEN.formatted(namespace));
    apply("201");
    status("applied v3");

    applied(3);
    assertThat(events("ConfigRejected"))
        .singleElement()
        .satisfies(
            event -> {
              assertThat(event.getString("type")).isEqualTo("Warning");
              assertThat(event.getInteger("count")).isEqualTo(2);
              assertThat(event.getString("message"))
                  .startsWith(
                      "not applied; what was good before serves on; 1 error:\n"
                          + BROKEN.formatted(namespace));
            });
  }

  /** How often it was told as an Event, which comes after the annotation. */
  private void applied(int times) {
    Integer seen = 0;
    for (int i = 0; i < MOST_TRIES && !seen.equals(times); i++) {
      List<JsonObject> events = events("ConfigApplied");
      assertThat(events).hasSizeLessThan(2);
      seen = events.isEmpty() ? Integer.valueOf(0) : events.get(0).getInteger("count");
    }
    assertThat(seen).isEqualTo(times);
  }

  @Test
  void withoutTheRightItServesAndSaysSoOnce() throws Exception {
    apply("200");
    Path account = folder.resolve("account");
    kube.serviceAccount(namespace, "control", account);
    grant("get,list,watch");
    String server =
        kube.kubectl("config", "view", "--minify", "-o", "jsonpath={.clusters[0].cluster.server}");
    Path kubeconfig =
        Files.writeString(
            folder.resolve("pod.kubeconfig"),
            KUBECONFIG.formatted(
                server, account.resolve("ca.crt"), Files.readString(account.resolve("token"))));

    start(kubeconfig);
    said("configuration published");
    said("the status of configmap:" + namespace + "/routes: not allowed (403): ");

    Vertx vertx = Vertx.vertx();
    KubernetesApi api = KubernetesApi.connect(vertx, kubeconfig);
    Note note = new Note(namespace, "routes", true, "applied v1", "applied v1");
    assertThatThrownBy(() -> new ConfigMapNotes(api).write(note, false, Instant.EPOCH))
        .isInstanceOf(KubernetesFailure.class)
        .hasMessageEndingWith(
            "; grant get and patch on configmaps, and create, get and patch on events");
    assertThat(new ConfigMapNotes(api).write(gone(), false, Instant.EPOCH))
        .isEqualTo(ConfigMapNotes.Done.GONE);
    api.close();
    vertx.close();
  }

  @Test
  void processesTellEachOtherOnALease() throws Exception {
    apply("200");
    start(kube.kubeconfig());
    Vertx vertx = Vertx.vertx();
    KubernetesApi api = KubernetesApi.connect(vertx, kube.kubeconfig());
    SharedWords words = new SharedWords(api, namespace, "weft-gateways");

    assertThat(words.exchange(Map.of())).isEmpty();
    assertThat(words.exchange(Map.of("a", Optional.of("one")))).containsExactly(entry("a", "one"));
    assertThat(words.exchange(Map.of("b", Optional.of("two"))))
        .containsOnly(entry("a", "one"), entry("b", "two"));
    assertThat(words.exchange(Map.of("a", Optional.empty()))).containsExactly(entry("b", "two"));
    assertThat(words.exchange(Map.of())).containsExactly(entry("b", "two"));
    api.close();
    vertx.close();
  }

  private Note gone() {
    return new Note(namespace, "gone", true, "applied v1", "applied v1");
  }

  private void grant(String verbs) {
    kube.kubectl(
        "create", "-n", namespace, "role", "control", "--verb=" + verbs, "--resource=configmaps");
    kube.kubectl(
        "create",
        "-n",
        namespace,
        "rolebinding",
        "control",
        "--role=control",
        "--serviceaccount=" + namespace + ":control");
  }

  private void start(Path kubeconfig) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-jar",
                Path.of("target", "weft-control.jar").toAbsolutePath().toString(),
                "control",
                "--config",
                "configmap:" + namespace + "?label=weft.dev/config=true",
                "--listen",
                "127.0.0.1:0",
                "--ca-dir",
                folder.resolve("ca").toString()));
    builder.environment().put("KUBECONFIG", kubeconfig.toString());
    builder.redirectErrorStream(true).redirectOutput(log().toFile());
    control = builder.start();
  }

  private Path log() {
    return folder.resolve("control.log");
  }

  private void apply(String status) throws Exception {
    String map =
        """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: routes, namespace: %s, labels: {weft.dev/config: "true"}}
        data:
          shop.yaml: |
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: shop}
            spec: {hosts: [shop.test], http: [{directResponse: {status: %s}}]}
        """
            .formatted(namespace, status);
    kube.kubectl("apply", "-f", Files.writeString(folder.resolve("map.yaml"), map).toString());
  }

  /** Each try is a call of kubectl. */
  private void status(String wanted) throws Exception {
    String seen = "";
    for (int i = 0; i < MOST_TRIES; i++) {
      seen =
          kube.kubectl(
              "get",
              "-n",
              namespace,
              "configmap",
              "routes",
              "-o",
              "jsonpath={.metadata.annotations.weft\\.dev/status}");
      if (seen.equals(wanted)) {
        return;
      }
    }
    assertThat(seen).as(Files.readString(log())).isEqualTo(wanted);
  }

  private List<JsonObject> events(String reason) {
    JsonArray items =
        new JsonObject(
                kube.kubectl(
                    "get",
                    "-n",
                    namespace,
                    "events",
                    "--field-selector=involvedObject.kind=ConfigMap,reason=" + reason,
                    "-o",
                    "json"))
            .getJsonArray("items");
    return items.stream().map(JsonObject.class::cast).toList();
  }

  private void said(String sentence) throws Exception {
    for (int i = 0; i < MOST_TRIES; i++) {
      if (Files.readString(log()).contains(sentence)) {
        return;
      }
      kube.kubectl("version");
    }
    assertThat(Files.readString(log())).contains(sentence);
  }
}
