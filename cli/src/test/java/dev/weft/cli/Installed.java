package dev.weft.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.cli.Launched.Run;
import dev.weft.testkit.kube.Cluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/**
 * Weft in a cluster, as its user installs it: images, both charts, and an application in the mesh.
 */
final class Installed implements AutoCloseable {

  static final String SYSTEM = "weft-system";
  static final String INGRESS = "weft-ingress";
  static final String HOST = "shop.test";

  private static final int IMAGE_SECONDS = 200;
  private static final int MOST_TRIES = 300;
  private static final String VERSIONED =
      """
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: search-VERSION, namespace: shop}
      spec:
        replicas: 1
        selector: {matchLabels: {app: search, version: VERSION}}
        template:
          metadata: {labels: {app: search, version: VERSION}}
          spec:
            serviceAccountName: search
            terminationGracePeriodSeconds: 5
            containers:
            - name: app
              image: host
              command: [python3, -m, http.server, "8080", --directory, /www]
              ports: [{name: http, containerPort: 8080}]
              readinessProbe: {httpGet: {path: /, port: http}, periodSeconds: 1, timeoutSeconds: 5}
              volumeMounts: [{name: www, mountPath: /www}]
            volumes: [{name: www, configMap: {name: www-VERSION}}]
      ---
      apiVersion: v1
      kind: ConfigMap
      metadata: {name: www-VERSION, namespace: shop}
      data: {index.html: "VERSION\\n"}
      ---
      """;
  private static final String SHARED =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: search, namespace: shop}
      spec: {selector: {app: search}, ports: [{name: http, port: 80, targetPort: http}]}
      """;
  private static final String RULES =
      """
      apiVersion: networking.istio.io/v1
      kind: Gateway
      metadata: {name: edge, namespace: shop}
      spec:
        selector: {istio: ingressgateway}
        servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]
      ---
      apiVersion: security.istio.io/v1
      kind: PeerAuthentication
      metadata: {name: default, namespace: shop}
      spec: {mtls: {mode: STRICT}}
      ---
      apiVersion: networking.istio.io/v1
      kind: DestinationRule
      metadata: {name: search, namespace: shop}
      spec:
        host: search
        subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]
      ---
      apiVersion: networking.istio.io/v1
      kind: VirtualService
      metadata: {name: search, namespace: shop}
      spec:
        hosts: [shop.test]
        gateways: [edge]
        http:
        - route:
          - {destination: {host: search, subset: v1}, weight: V1}
          - {destination: {host: search, subset: v2}, weight: V2}
      """;

  private final Path folder;
  private final Cluster cluster;
  private final String gateway;

  private Installed(Path folder, Cluster cluster) {
    this.folder = folder;
    this.cluster = cluster;
    this.gateway =
        cluster.kubectl(
            "-n", INGRESS, "get", "service", "weft-gateway", "-o", "jsonpath={.spec.clusterIP}");
  }

  /** Returns once both versions of the application are ready, in the mesh, at 95 to 5. */
  static Installed install(Path folder) throws Exception {
    Map<String, Path> images = new TreeMap<>();
    for (String command : List.of("control", "gateway", "sidecar")) {
      images.put(tag(command), image(folder, command));
    }
    Cluster cluster = Cluster.start(images, folder.resolve("cluster.log"));
    try {
      helm(cluster, "weft", SYSTEM);
      helm(cluster, "weft-gateway", INGRESS);
      Installed installed = new Installed(folder, cluster);
      installed.application();
      return installed;
    } catch (RuntimeException | Error | IOException failed) {
      failed.addSuppressed(new IllegalStateException(words(cluster, folder)));
      cluster.close();
      throw failed;
    }
  }

  private static String words(Cluster cluster, Path folder) throws IOException {
    return cluster.kubectl("get", "pods", "-A", "-o", "wide")
        + Files.readString(folder.resolve("cluster.log"));
  }

  private static String tag(String command) throws IOException {
    String chart = Files.readString(Launched.HOME.resolve("charts/weft/Chart.yaml"));
    String version = chart.replaceAll("(?s).*appVersion: (\\S+).*", "$1");
    return "weft-" + command + ":" + version;
  }

  private static Path image(Path folder, String command) throws IOException, InterruptedException {
    Path file = folder.resolve(command + ".tar");
    String[] line = {"image", command, "--output", file.toString(), "--reproducible"};
    try (Launched launched = Launched.weft(folder, Map.of(), line)) {
      Run run = launched.ended(IMAGE_SECONDS);
      assertThat(run.code()).as(run.output()).isZero();
    }
    return file;
  }

  private static void helm(Cluster cluster, String chart, String namespace) {
    String path = Launched.HOME.resolve("charts").resolve(chart).toString();
    cluster.helm("install", chart, path, "-n", namespace, "--create-namespace");
  }

  private void application() throws IOException {
    available(SYSTEM, "weft-control"); // whom the API server asks about pods
    cluster.kubectl("create", "namespace", "shop");
    cluster.kubectl("label", "namespace", "shop", "weft.dev/inject=enabled");
    cluster.kubectl("-n", "shop", "create", "serviceaccount", "search");
    apply(VERSIONED.replace("VERSION", "v1") + VERSIONED.replace("VERSION", "v2") + SHARED);
    shares(95, 5);
    available(INGRESS, "weft-gateway");
    available("shop", "search-v1");
    available("shop", "search-v2");
  }

  Cluster cluster() {
    return cluster;
  }

  /** IP and port of the gateway's Service. */
  String gateway() {
    return gateway + ":80";
  }

  void apply(String text) throws IOException {
    Path file = Files.writeString(folder.resolve("applied.yaml"), text);
    cluster.kubectl("apply", "-f", file.toString());
  }

  /** Edits the weights, in the ConfigMap. */
  void shares(int first, int second) throws IOException {
    rules(RULES.replace("V1", Integer.toString(first)).replace("V2", Integer.toString(second)));
  }

  void rules(String text) throws IOException {
    apply(
        """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: shop, namespace: weft-system, labels: {weft.dev/config: "true"}}
        data:
          shop.yaml: |
        """
            + text.indent(4));
  }

  /** What requests through the gateway are answered with, and how often. */
  Map<String, Integer> answers(int requests) throws IOException, InterruptedException {
    return answers(gateway(), requests);
  }

  /** Whether each of the gateway's pods has so many requests answered by one version alone. */
  boolean allAnswer(String version, int requests) throws IOException, InterruptedException {
    String addresses =
        cluster.kubectl("-n", INGRESS, "get", "pods", "-o", "jsonpath={.items[*].status.podIP}");
    for (String address : addresses.trim().split(" ", -1)) {
      if (!answers(address + ":80", requests).equals(Map.of(version, requests))) {
        return false;
      }
    }
    return true;
  }

  private Map<String, Integer> answers(String at, int requests)
      throws IOException, InterruptedException {
    String url = "http://" + at + "/?[1-" + requests + "]";
    Map<String, Integer> answers = new TreeMap<>();
    for (String line : on("curl", "-s", "-m", "60", "-H", "Host: " + HOST, url).split("\n", -1)) {
      if (!line.isEmpty()) {
        answers.merge(line, 1, Integer::sum);
      }
    }
    return answers;
  }

  /** What a program on the node prints, whatever its end. */
  String on(String... command) throws IOException, InterruptedException {
    Path said = Files.createTempFile(folder, "said", ".txt");
    ProcessBuilder builder = new ProcessBuilder(cluster.line(command)).redirectErrorStream(true);
    builder.environment().put("KUBECONFIG", cluster.kubeconfig().toString());
    builder.environment().put("WEFT_BUILD", "never");
    Process process = builder.redirectOutput(said.toFile()).start();
    try {
      assertThat(process.waitFor(120, TimeUnit.SECONDS)).as("ended in time").isTrue();
    } finally {
      process.destroyForcibly();
    }
    return Files.readString(said);
  }

  void available(String namespace, String deployment) {
    cluster.kubectl(
        "-n", namespace, "rollout", "status", "deployment/" + deployment, "--timeout=180s");
  }

  /** Tries again, 200 ms after each time, for a minute. */
  static void until(Callable<Boolean> seen) throws Exception {
    for (int i = 0; i < MOST_TRIES; i++) {
      if (seen.call()) {
        return;
      }
      TimeUnit.MILLISECONDS.sleep(200);
    }
    throw new AssertionError("not seen in " + MOST_TRIES + " tries");
  }

  @Override
  public void close() {
    cluster.close();
  }
}
