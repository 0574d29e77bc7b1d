package dev.weft.control.charts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.control.ControlCommand;
import dev.weft.routing.process.ProxyOptions;
import dev.weft.routing.process.flags.Given;
import dev.weft.testkit.Tools;
import dev.weft.testkit.kube.KubeApiServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** The charts, by the real Helm on a real API server. */
@Timeout(180)
@EnabledIf(value = "canStart", disabledReason = "needs the built API server, or go and curl")
final class ChartsIT {

  private static final Path CHARTS = Path.of("../charts").toAbsolutePath().normalize();
  private static final String CONTROL = CHARTS.resolve("weft").toString();
  private static final String GATEWAY = CHARTS.resolve("weft-gateway").toString();
  private static final String SYSTEM = "weft-system";
  private static final String EDGE = "weft-ingress";
  private static final String INJECTOR = "mutatingwebhookconfiguration/weft-injector";
  private static final String VALIDATOR = "validatingwebhookconfiguration/weft-validator";
  private static final int MOST_TRIES = 1000;

  @TempDir private static Path folder;

  private static KubeApiServer kube;

  static boolean canStart() {
    return Tools.there(KubeApiServer.missing().stream());
  }

  @BeforeAll
  static void up() {
    kube = KubeApiServer.start();
    for (String namespace : List.of(SYSTEM, EDGE, "prod")) {
      kube.kubectl("create", "namespace", namespace);
      // pods that need any right of their node are not made there
      kube.kubectl(
          "label", "namespace", namespace, "pod-security.kubernetes.io/enforce=restricted");
    }
  }

  @AfterAll
  static void down() {
    if (kube != null) {
      kube.close();
    }
  }

  @Test
  void helmFindsNothingToSayOfThem() throws IOException {
    for (String chart : List.of(CONTROL, GATEWAY)) {
      for (Path values : valueFiles(chart)) {
        assertThat(kube.helm("lint", "--strict", "--quiet", chart, "-f", values.toString()))
            .doesNotContain("WARN", "ERROR");
      }
      assertThat(kube.helm("lint", "--strict", "--quiet", chart)).doesNotContain("WARN", "ERROR");
    }
  }

  @Test
  void theApiServerTakesEveryObjectWithEachSetOfValues() throws IOException {
    for (String chart : List.of(CONTROL, GATEWAY)) {
      List<String> flags = new ArrayList<>();
      flags.add("");
      valueFiles(chart).forEach(values -> flags.add("--values=" + values));
      for (String flag : flags) {
        String text = rendered(chart, flag);
        Path file = Files.writeString(folder.resolve("objects.yaml"), text);

        String taken =
            kube.kubectl("apply", "--dry-run=server", "--validate=strict", "-f", file.toString());

        assertThat(taken.lines()).hasSize((int) text.lines().filter("---"::equals).count());
        assertThat(text).doesNotContain("\"*\"]", "[*]", "'*'");
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "weft | imag.tag=1 | additional properties 'imag' not allowed",
        "weft | image.pullPolicy=Sometimes | /image/pullPolicy",
        "weft | image.digest=sha256:12 | /image/digest",
        "weft | webhook.timeoutSeconds=31 | /webhook/timeoutSeconds",
        "weft | config.label=no-value | /config/label",
        "weft | trustDomain=UPPER | /trustDomain",
        "weft | heap=lots | /heap",
        "weft | ca.secret=UPPER | /ca/secret",
        "weft | dashboard.tokenSecret=UPPER | /dashboard/tokenSecret",
        "weft-gateway | control=somewhere | /control",
        "weft-gateway | service.type=ExternalName | /service/type",
        "weft-gateway | service.ports[0].port=0 | /service/ports/0",
        "weft-gateway | topologySpread=Never | /topologySpread",
        "weft-gateway | profile=fastest | /profile",
        "weft-gateway | drainWaitSeconds=-1 | /drainWaitSeconds",
      })
  void aValueThatMeansNothingIsRefused(String chart, String value, String said) {
    assertThatThrownBy(
            () -> kube.helm("template", "x", CHARTS.resolve(chart).toString(), "--set", value))
        .hasMessageContaining(said);
  }

  @Test
  void theWebhooksAreThoseOfTheFolder() throws IOException {
    List<Path> files = listed(Path.of("../config/kubernetes"));
    assertThat(files).hasSize(2);
    for (Path ofFolder : files) {
      String template = "--show-only=templates/" + ofFolder.getFileName();
      Path ofChart = Files.writeString(folder.resolve("own.yaml"), rendered(CONTROL, template));

      assertThat(webhooks(ofChart)).isEqualTo(webhooks(ofFolder));
    }
  }

  private static String webhooks(Path file) {
    return asMade(file).getJsonArray("webhooks").encodePrettily();
  }

  @Test
  void monitorsAreThereWhereTheyAreAskedFor() {
    String sidecars = rendered(CONTROL, "--set=podMonitor.enabled=true,podMonitor.labels.team=a");
    String gateway = rendered(GATEWAY, "--set=serviceMonitor.enabled=true");

    assertThat(sidecars).contains("kind: PodMonitor", "port: weft-metrics", "team: a");
    assertThat(gateway).contains("kind: ServiceMonitor", "targetPort: weft-metrics");
    assertThat(rendered(CONTROL, "") + rendered(GATEWAY, "")).doesNotContain("Monitor");
  }

  @Test
  void theDashboardIsReachedByPortForwardUnlessAskedFor() {
    String closed = rendered(CONTROL, "");
    String open = rendered(CONTROL, "--set=dashboard.enabled=true");

    assertThat(closed).contains("127.0.0.1:15000").doesNotContain("--dashboard", "8443");
    assertThat(open)
        .contains(
            "- --dashboard-token-file",
            "- --dashboard-tls",
            "secretName: weft-dashboard-token, defaultMode: 0440",
            "sessionAffinity: ClientIP",
            "{port: dashboard, protocol: TCP}");
    assertThat(rendered(GATEWAY, "")).contains("0.0.0.0:15004", "{port: weft-admin");
  }

  @Test
  void theProgramsUnderstandTheirArguments() throws IOException {
    for (Path values : valueFiles(CONTROL)) {
      List<String> words = arguments(CONTROL, "--values=" + values);
      assertThat(words.get(0)).isEqualTo("control");
      new CommandLine(new ControlCommand())
          .parseArgs(words.subList(1, words.size()).toArray(new String[0]));
    }
    for (Path values : valueFiles(GATEWAY)) {
      List<String> words = arguments(GATEWAY, "--values=" + values);
      assertThat(words.get(0)).isEqualTo("gateway");
      ProxyOptions options =
          new ProxyOptions(Given.of(ProxyOptions.FLAGS, words.subList(1, words.size()), Map.of()));
      assertThat(options.health()).isPresent();
    }
  }

  @Test
  void aGatewayIsInstalledAndItsPodsAreMadeByItsName() {
    String said = kube.helm("install", "edge", GATEWAY, "-n", EDGE, "--set=replicas=3");

    assertThat(said)
        .contains("selector: {\"istio\":\"ingressgateway\"}", "gateways: [weft-ingress/edge]");
    made(EDGE, "edge", 3);
    assertThat(
            kube.kubectl(
                "get", "-n", EDGE, "service", "edge", "-o", "jsonpath={.spec.ports[*].port}"))
        .isEqualTo("80 443");
    kube.helm("uninstall", "edge", "-n", EDGE);
    nothingLeft("edge");
  }

  @Test
  void itIsInstalledUpgradedRolledBackAndUninstalled() throws Exception {
    String said = kube.helm("install", "weft", CONTROL, "-n", SYSTEM);

    assertThat(said)
        .contains(
            "kubectl label namespace NAMESPACE weft.dev/inject=enabled",
            "port-forward deployment/weft-control 15000");
    made(SYSTEM, "weft-control", 2);
    mayDoItsWorkAlone();
    List<String> arguments =
        strings(container(object("-n", SYSTEM, "deployment", "weft-control")).getJsonArray("args"));
    try (ControlProcess control = ControlProcess.start(kube, folder, arguments)) {
      control.isReady();
      until(() -> !bundle().isEmpty() && bundle().equals(bundle(VALIDATOR)));
      until(() -> kube.kubectl("get", "-A", "configmap", "-o", "name").contains("weft-ca-root"));
      assertThat(Files.readString(folder.resolve("control.log"))).doesNotContain("not allowed");
    }
    String bundle = bundle();

    kube.helm("upgrade", "weft", CONTROL, "-n", SYSTEM, "--set=webhook.timeoutSeconds=7,heap=200m");
    assertThat(webhook(INJECTOR).getInteger("timeoutSeconds")).isEqualTo(7);
    assertThat(bundle()).isEqualTo(bundle); // the control plane's word stays

    kube.helm("rollback", "weft", "1", "-n", SYSTEM);
    assertThat(webhook(INJECTOR).getInteger("timeoutSeconds")).isEqualTo(5);
    assertThat(bundle()).isEqualTo(bundle);
    assertThat(container(object("-n", SYSTEM, "deployment", "weft-control")).encode())
        .contains("256m");

    kube.helm("uninstall", "weft", "-n", SYSTEM);
    nothingLeft("weft");
  }

  private static void mayDoItsWorkAlone() throws Exception {
    for (String wish :
        List.of(
            "list configmaps -n weft-system",
            "watch configmaps -n weft-system",
            "create tokenreviews.authentication.k8s.io",
            "get secrets/weft-ca -n weft-system",
            "watch endpointslices.discovery.k8s.io -A",
            "patch leases/weft-control -n weft-system",
            "update configmaps/weft-ca-root -n prod",
            "get mutatingwebhookconfigurations/weft-injector",
            "update mutatingwebhookconfigurations/weft-injector",
            "update validatingwebhookconfigurations/weft-validator")) {
      until(() -> may(wish));
    }
    assertThat(
            Stream.of(
                    "list configmaps -n prod",
                    "update configmaps -n weft-system",
                    "list secrets -n weft-system",
                    "get secrets -n kube-system",
                    "delete pods -A",
                    "create pods -n weft-system",
                    "create subjectaccessreviews.authorization.k8s.io",
                    "list mutatingwebhookconfigurations",
                    "update mutatingwebhookconfigurations/other")
                .filter(ChartsIT::may))
        .isEmpty();
  }

  /** What was written counts a moment later; each try is a call of kubectl. */
  private static void until(Callable<Boolean> seen) throws Exception {
    for (int i = 0; i < MOST_TRIES; i++) {
      if (seen.call()) {
        return;
      }
    }
    throw new AssertionError("not seen in " + MOST_TRIES + " tries");
  }

  private static boolean may(String wish) {
    List<String> command = new ArrayList<>(List.of("auth", "can-i"));
    command.addAll(List.of(wish.split(" ", -1)));
    command.add("--as=system:serviceaccount:" + SYSTEM + ":weft-control");
    try {
      return "yes".equals(kube.kubectl(command.toArray(new String[0])));
    } catch (IllegalStateException no) {
      return false;
    }
  }

  /** The controllers made the pods, so that the namespace's rules took them. */
  private static void made(String namespace, String deployment, int pods) {
    kube.kubectl(
        "wait",
        "-n",
        namespace,
        "deployment/" + deployment,
        "--for=jsonpath={.status.replicas}=" + pods,
        "--timeout=60s");
  }

  private static void nothingLeft(String release) {
    String kinds =
        "deployments,services,serviceaccounts,roles,rolebindings,clusterroles,clusterrolebindings,"
            + "poddisruptionbudgets,networkpolicies,mutatingwebhookconfigurations,"
            + "validatingwebhookconfigurations,"
            + "horizontalpodautoscalers";
    assertThat(
            kube.kubectl(
                "get", kinds, "-A", "-o", "name", "-l", "app.kubernetes.io/instance=" + release))
        .isEmpty();
  }

  private static JsonObject webhook(String configuration) {
    return object(configuration).getJsonArray("webhooks").getJsonObject(0);
  }

  private static String bundle() {
    return bundle(INJECTOR);
  }

  private static String bundle(String configuration) {
    return webhook(configuration).getJsonObject("clientConfig").getString("caBundle", "");
  }

  private static JsonObject object(String... what) {
    List<String> command = new ArrayList<>(List.of("get", "-o", "json"));
    command.addAll(List.of(what));
    return new JsonObject(kube.kubectl(command.toArray(new String[0])));
  }

  /** As the API server would have it, defaults and all. */
  private static JsonObject asMade(Path file) {
    return new JsonObject(
        kube.kubectl("create", "--dry-run=server", "-o", "json", "-f", file.toString()));
  }

  private static List<String> arguments(String chart, String flag) throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("deployment.yaml"),
            kube.helm("template", "x", chart, "--show-only=templates/deployment.yaml", flag));
    return strings(
        container(
                new JsonObject(
                    kube.kubectl(
                        "create", "--dry-run=client", "-o", "json", "-f", file.toString())))
            .getJsonArray("args"));
  }

  private static JsonObject container(JsonObject deployment) {
    return deployment
        .getJsonObject("spec")
        .getJsonObject("template")
        .getJsonObject("spec")
        .getJsonArray("containers")
        .getJsonObject(0);
  }

  private static List<String> strings(JsonArray array) {
    return array.stream().map(String.class::cast).toList();
  }

  private static String rendered(String chart, String flag) {
    List<String> command = new ArrayList<>(List.of("template", "weft", chart, "-n", SYSTEM));
    if (!flag.isEmpty()) {
      command.add(flag);
    }
    return kube.helm(command.toArray(new String[0]));
  }

  private static List<Path> valueFiles(String chart) throws IOException {
    return listed(Path.of(chart, "ci"));
  }

  private static List<Path> listed(Path of) throws IOException {
    try (Stream<Path> files = Files.list(of)) {
      return files.sorted().toList();
    }
  }
}
