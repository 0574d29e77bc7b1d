package dev.weft.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.ConfigDocument;
import dev.weft.kubernetes.watch.Pace;
import dev.weft.testkit.FreePorts;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;

/** Against a real API server. */
@Timeout(180)
@EnabledIf(value = "canStart", disabledReason = "needs the built API server, or go and curl")
final class ConfigMapSourceIT extends ConfigMapFixture {

  private final BlockingQueue<List<ConfigMapUnit>> told = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> sentences = new LinkedBlockingQueue<>();
  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (int i = open.size() - 1; i >= 0; i--) {
      open.get(i).close();
    }
  }

  @Test
  void oneConfigMapIsToldWithEachEditUntilItIsDeleted() throws Exception {
    kube.kubectl("create", "-n", namespace, "configmap", "other", "--from-literal=a=1");
    kube.kubectl(
        "create", "-n", namespace, "configmap", "routes", "--from-literal=b.yaml=weight: 95");
    ConfigMapSource source = source(admin(), "configmap:" + namespace + "/routes");

    started(source);
    String unit = "configmap:" + namespace + "/routes";
    assertThat(next())
        .containsExactly(
            new ConfigMapUnit(
                namespace,
                unit,
                List.of(new ConfigDocument(unit, unit + "#b.yaml", "weight: 95"))));
    assertThat(source.watching()).isTrue();

    patch("routes", "{\"data\":{\"b.yaml\":\"weight: 50\",\"a.yaml\":\"x\"}}");
    assertThat(texts(next())).containsExactly("x", "weight: 50");

    kube.kubectl("annotate", "-n", namespace, "configmap", "routes", "seen=yes");
    patch("routes", "{\"data\":{\"a.yaml\":null}}");
    assertThat(texts(next())).containsExactly("weight: 50"); // the annotation alone is no change

    kube.kubectl("delete", "-n", namespace, "configmap", "routes");
    assertThat(next()).isEmpty();
    assertThat(sentence()).isEqualTo(unit + ": there is no such ConfigMap");
  }

  @Test
  void binaryDataIsSaidNotToBeRead() throws Exception {
    kube.kubectl("create", "-n", namespace, "configmap", "routes", "--from-literal=k=v");
    started(source(admin(), "configmap:" + namespace + "/routes"));
    assertThat(texts(next())).containsExactly("v");

    patch("routes", "{\"binaryData\":{\"b.yaml\":\"/w==\",\"a.yaml\":\"/w==\"}}");

    assertThat(sentence())
        .isEqualTo(
            "configmap:"
                + namespace
                + "/routes: binaryData is not read (a.yaml, b.yaml); write it as UTF-8 text under"
                + " data");
    patch("routes", "{\"data\":{\"k\":\"w\"}}");
    assertThat(texts(next())).containsExactly("w");
  }

  @Test
  void allWithALabelAreToldTogether() throws Exception {
    for (String name : List.of("one", "two", "three")) {
      kube.kubectl("create", "-n", namespace, "configmap", name, "--from-literal=k=" + name);
    }
    kube.kubectl("label", "-n", namespace, "configmap", "one", "two", "weft=yes");
    ConfigMapSource source = source(admin(), "configmap:" + namespace + "?label=weft=yes");

    started(source);
    assertThat(texts(next())).containsExactly("one", "two");

    kube.kubectl("label", "-n", namespace, "configmap", "three", "weft=yes");
    assertThat(texts(next())).containsExactly("one", "three", "two");

    kube.kubectl("label", "-n", namespace, "configmap", "one", "weft-");
    assertThat(texts(next())).containsExactly("three", "two");
  }

  @Test
  void thoseOfAllNamespacesAreToldByTheirLabel() throws Exception {
    String other = namespace + "-other";
    kube.kubectl("create", "namespace", other);
    for (String each : List.of(namespace, other)) {
      kube.kubectl("create", "-n", each, "configmap", "one", "--from-literal=k=" + each);
      kube.kubectl("create", "-n", each, "configmap", "two", "--from-literal=k=no");
      kube.kubectl("label", "-n", each, "configmap", "one", "team=" + namespace);
    }
    ConfigMapSource source = source(admin(), "configmap:*?label=team=" + namespace);

    started(source);
    List<ConfigMapUnit> both = next();

    assertThat(both)
        .extracting(unit -> unit.namespace() + unit.bound(Optional.of(other)).get(0).within())
        .containsExactlyInAnyOrder(
            namespace + Optional.of(namespace), // Weft's own defines any
            other + Optional.empty());

    kube.kubectl("delete", "-n", other, "configmap", "one");
    assertThat(texts(next())).containsExactly(namespace);
  }

  @Test
  void aConfigMapThatIsNotThereYetIsSaidAndTakenWhenItComes() throws Exception {
    started(source(admin(), "configmap:" + namespace + "/late"));

    assertThat(next()).isEmpty();
    assertThat(sentence()).endsWith("/late: there is no such ConfigMap");

    kube.kubectl("create", "-n", namespace, "configmap", "late", "--from-literal=k=v");
    assertThat(texts(next())).containsExactly("v");
  }

  @Test
  void theWatchOutlivesARestartOfTheServerAndNothingIsTakenForEmpty() throws Exception {
    kube.kubectl("create", "-n", namespace, "configmap", "routes", "--from-literal=k=before");
    started(source(admin(), "configmap:" + namespace + "/routes"));
    assertThat(texts(next())).containsExactly("before");

    kube.restart(Duration.ofSeconds(3));
    patch("routes", "{\"data\":{\"k\":\"after\"}}");

    assertThat(texts(next()))
        .containsExactly("after"); // the next after "before": never an empty one
  }

  @Test
  void whatIsNotAllowedIsSaidAndTakenOnceItIs() throws Exception {
    kube.kubectl("create", "-n", namespace, "configmap", "routes", "--from-literal=k=v");
    KubernetesApi pod = pod("gateway");
    assertThat(pod.ownNamespace()).contains(namespace);
    ConfigMapSource source = source(pod, "configmap:" + namespace + "/routes");

    var started = source.start().toCompletionStage().toCompletableFuture();

    assertThat(sentence())
        .startsWith("configmap:" + namespace + "/routes: not allowed (403): ")
        .contains("system:serviceaccount:" + namespace + ":gateway")
        .endsWith("; grant get, list and watch on configmaps");
    assertThat(started).isNotDone();
    assertThat(told).isEmpty();

    grant("gateway");
    started.get(WAIT_SECONDS, TimeUnit.SECONDS);
    assertThat(texts(next())).containsExactly("v");
  }

  @Test
  void aRightThatIsTakenAwayLeavesWhatWasTold() throws Exception {
    kube.kubectl("create", "-n", namespace, "configmap", "routes", "--from-literal=k=v");
    KubernetesApi pod = pod("gateway");
    grant("gateway");
    ConfigMapSource source = source(pod, "configmap:" + namespace + "/routes");
    started(source);
    assertThat(texts(next())).containsExactly("v");

    kube.kubectl("delete", "-n", namespace, "rolebinding", "gateway");
    kube.restart(Duration.ZERO); // the watch must be asked for anew
    patch("routes", "{\"data\":{\"k\":\"unseen\"}}");

    String said = sentence();
    while (said.endsWith("does not answer in time") || said.endsWith("connection refused")) {
      said = sentence(); // it was asked while it began anew
    }
    assertThat(said).contains("not allowed (403)");
    assertThat(told).isEmpty();
  }

  @Test
  void aMalformedSelectorIsSaid() throws Exception {
    source(admin(), "configmap:" + namespace + "?label=a==b==c").start();

    assertThat(sentence()).contains("the API server answered 400: ");
  }

  @Test
  void aServerThatTheCaDidNotSignIsRefused() throws Exception {
    Path account = folder.resolve("foreign");
    kube.serviceAccount(namespace, "default", account);
    Files.writeString(account.resolve("ca.crt"), foreignCa());
    KubernetesApi api = opened(KubernetesApi.connect(vertx, inPod(account)));

    source(api, "configmap:" + namespace + "/routes").start();

    assertThat(sentence())
        .endsWith("shows a certificate that the configured CA did not sign for that name");
    assertThat(told).isEmpty();
  }

  @Test
  void aServerThatIsNotThereIsSaidAndClosingIsQuick() throws Exception {
    Path account = folder.resolve("nobody");
    kube.serviceAccount(namespace, "default", account);
    int free = FreePorts.next();
    Map<String, String> environment =
        Map.of("KUBERNETES_SERVICE_HOST", "127.0.0.1", "KUBERNETES_SERVICE_PORT", "" + free);
    KubernetesApi api =
        KubernetesApi.connect(vertx, new ApiAccess.Places(environment, folder, account));
    ConfigMapSource source = source(api, "configmap:" + namespace + "/routes");
    var started = source.start().toCompletionStage().toCompletableFuture();
    assertThat(sentence()).endsWith("cannot be reached: connection refused");

    long before = System.nanoTime();
    source.close();
    api.close();

    assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(5));
    assertThat(started).isCompletedExceptionally();
  }

  private ConfigMapSource source(KubernetesApi api, String selection) {
    return opened(
        new ConfigMapSource(
            api, new Pace(), ConfigMapSelection.parse(selection), told::add, sentences::add));
  }

  private static void started(ConfigMapSource source) throws Exception {
    source.start().toCompletionStage().toCompletableFuture().get(WAIT_SECONDS, TimeUnit.SECONDS);
  }

  private List<ConfigMapUnit> next() throws InterruptedException {
    List<ConfigMapUnit> units = told.poll(WAIT_SECONDS, TimeUnit.SECONDS);
    assertThat(units).as("told in time; sentences: %s", sentences).isNotNull();
    return units;
  }

  private String sentence() throws InterruptedException {
    String sentence = sentences.poll(WAIT_SECONDS, TimeUnit.SECONDS);
    assertThat(sentence).as("said in time").isNotNull();
    return sentence;
  }

  private static List<String> texts(List<ConfigMapUnit> units) {
    return units.stream()
        .flatMap(unit -> unit.documents().stream())
        .map(ConfigDocument::text)
        .toList();
  }

  private void grant(String account) {
    kube.kubectl(
        "create",
        "-n",
        namespace,
        "role",
        account,
        "--verb=get,list,watch",
        "--resource=configmaps");
    kube.kubectl(
        "create",
        "-n",
        namespace,
        "rolebinding",
        account,
        "--role=" + account,
        "--serviceaccount=" + namespace + ":" + account);
  }

  private KubernetesApi admin() {
    return opened(connected());
  }

  private KubernetesApi pod(String account) {
    Path files = folder.resolve(account);
    kube.serviceAccount(namespace, account, files);
    return opened(KubernetesApi.connect(vertx, inPod(files)));
  }

  private ApiAccess.Places inPod(Path account) {
    URI server = URI.create(admin().server());
    return new ApiAccess.Places(
        Map.of(
            "KUBERNETES_SERVICE_HOST",
            server.getHost(),
            "KUBERNETES_SERVICE_PORT",
            Integer.toString(server.getPort())),
        folder,
        account);
  }

  private <T extends AutoCloseable> T opened(T resource) {
    open.add(resource);
    return resource;
  }

  private static String foreignCa() throws IOException {
    try (var stream = ConfigMapSourceIT.class.getResourceAsStream("/foreign-ca.crt")) {
      return new String(stream.readAllBytes(), java.nio.charset.StandardCharsets.US_ASCII);
    }
  }
}
