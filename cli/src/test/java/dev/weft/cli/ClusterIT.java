package dev.weft.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.testkit.Tools;
import dev.weft.testkit.kube.Cluster;
import dev.weft.testkit.load.LoadProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/**
 * Weft in a cluster whose pods run: installed by Helm from the charts, containers made of the
 * images that {@code ./weft image} builds, sidecars put in by the webhook.
 */
@Timeout(400)
@EnabledIf(
    value = "canRun",
    disabledReason = "needs root, ip, iptables, curl, Python, an API server and container images")
final class ClusterIT {

  /** So few that a machine at its end has not as many under way as look like overload. */
  private static final int PER_SECOND = 20;

  @TempDir private static Path folder;
  private static Installed weft;

  static boolean canRun() throws Exception {
    return ImageIT.canBuild()
        && Tools.installed("python3", "curl", "nsenter")
        && Tools.there(Cluster.missing().stream());
  }

  @BeforeAll
  static void install() throws Exception {
    weft = Installed.install(folder);
  }

  @AfterAll
  static void end() {
    if (weft != null) {
      weft.close();
    }
  }

  @Test
  void anEditOfTwoWeightsShiftsTheTraffic() throws Exception {
    weft.shares(95, 5);
    Installed.until(() -> weft.answers(20).getOrDefault("v1", 0) > 10);

    Map<String, Integer> before = weft.answers(400);
    weft.shares(0, 100);
    Installed.until(() -> weft.answers(20).equals(Map.of("v2", 20)));

    assertThat(before.keySet()).containsExactly("v1", "v2");
    assertThat(before.get("v2")).isBetween(2, 60);
    Installed.until(() -> status().startsWith("applied v"));
  }

  @Test
  void callersOfTheWorkloadProveWhoTheyAre() throws Exception {
    assertThat(weft.answers(1).values()).containsExactly(1);
    Installed.until(
        () ->
            weft.cluster()
                .logs("search-", "weft-proxy")
                .contains(
                    "\"principal\":\"spiffe://cluster.local/ns/weft-ingress/sa/weft-gateway\""));

    String pod = pod("version=v2", "status.podIP");
    assertThat(weft.on("curl", "-s", "-m", "5", "-w", "%{http_code}", "http://" + pod + ":8080/"))
        .doesNotContain("200");
  }

  @Test
  void aBrokenEditIsRefusedAndWhatRunsRunsOn() throws Exception {
    assertThatThrownBy(() -> weft.rules("kind: VirtualService\n"))
        .hasMessageContaining("configmap.weft.dev")
        .hasMessageContaining("shop.yaml:1:");

    assertThat(total(weft.answers(20))).isEqualTo(20);
  }

  @Test
  void withoutControlPlaneAllServesOnAndASidecarStartsAgain() throws Exception {
    weft.shares(100, 0);
    Installed.until(() -> weft.allAnswer("v1", 20));
    scaleControl(0);
    try {
      assertThat(weft.answers(50)).isEqualTo(Map.of("v1", 50));
      ProcessHandle sidecar =
          Cluster.processes(pod("version=v1", "metadata.name"), "weft-sidecar.jar").get(0);
      sidecar.destroyForcibly();
      sidecar.onExit().join();
      Installed.until(() -> weft.allAnswer("v1", 20)); // a breaker of each was open for a while
      weft.shares(0, 100); // nobody is there to refuse it
      assertThat(weft.answers(20)).isEqualTo(Map.of("v1", 20));
    } finally {
      scaleControl(2);
    }
    Installed.until(() -> weft.allAnswer("v2", 20));
  }

  private static void scaleControl(int replicas) throws Exception {
    weft.cluster()
        .kubectl(
            "-n", Installed.SYSTEM, "scale", "deployment/weft-control", "--replicas=" + replicas);
    weft.available(Installed.SYSTEM, "weft-control");
    Installed.until(() -> pods(Installed.SYSTEM).size() == replicas);
  }

  @Test
  void gatewayAndControlPlaneAreReplacedUnderLoad() throws Exception {
    try (LoadProcess load =
        new LoadProcess(weft.cluster().line(), weft.gateway(), Installed.HOST, PER_SECOND)) {
      for (String[] one :
          new String[][] {
            {Installed.INGRESS, "weft-gateway"}, {Installed.SYSTEM, "weft-control"}
          }) {
        weft.cluster().kubectl("-n", one[0], "rollout", "restart", "deployment/" + one[1]);
        weft.available(one[0], one[1]);
        Installed.until(() -> pods(one[0]).size() == 2); // those that were before are gone
      }
      LoadProcess.Outcome outcome = load.stop();

      assertThat(outcome.failed()).as(outcome.text()).isZero();
      assertThat(outcome.sent()).isGreaterThan(300);
    }
  }

  @Test
  void aJobWithASidecarFinishes() throws Exception {
    weft.apply(
        """
        apiVersion: batch/v1
        kind: Job
        metadata: {name: ask, namespace: shop}
        spec:
          template:
            spec:
              restartPolicy: Never
              containers:
              - name: ask
                image: host
                command: [curl, -sS, --fail, -m, "20", "http://search/"]
        """);

    weft.cluster()
        .kubectl("-n", "shop", "wait", "job/ask", "--for=condition=Complete", "--timeout=180s");
    assertThat(weft.cluster().logs("ask-", "ask")).containsPattern("v[12]");
  }

  @Test
  void theDoctorFindsNothingWrong() throws Exception {
    String launcher = Launched.HOME.resolve("weft").toString();

    assertThat(weft.on(launcher, "doctor"))
        .doesNotContain("[fail]")
        .contains("2 pods behind weft-system/weft-control");
  }

  @Test
  void aRollbackByTheChartsControlPlaneIsWrittenToTheConfigMap() throws Exception {
    weft.shares(100, 0);
    Installed.until(() -> weft.allAnswer("v1", 20));
    weft.shares(0, 100);
    Installed.until(() -> weft.allAnswer("v2", 20));

    List<String> replicas = pods(Installed.SYSTEM);
    String said = asked(replicas.get(0), "config", "rollback");
    assertThat(said)
        .as(asked(replicas.get(0), "config", "history"))
        .contains("configmap:", ": written");
    Installed.until(() -> weft.allAnswer("v1", 20));
    String edges = asked(replicas.get(0), "edges") + asked(replicas.get(1), "edges");

    assertThat(
            weft.cluster()
                .kubectl("-n", Installed.SYSTEM, "get", "configmap", "shop", "-o", "yaml"))
        .contains("subset: v1}, weight: 100}", "subset: v2}, weight: 0}");
    assertThat(edges)
        .as("a proxy listens to one of them")
        .containsPattern(
            "weft-ingress/\\S+ +spiffe://\\S+/sa/weft-gateway +shop/search-v1 .*mutual_tls");
  }

  /** What a command prints that asks the admin port of a pod of the control plane. */
  private static String asked(String pod, String... command) throws Exception {
    ProcessHandle control =
        Cluster.processes(pod.substring(pod.indexOf('/') + 1), "weft-control.jar").get(0);
    List<String> line =
        new ArrayList<>(List.of("nsenter", "-t", Long.toString(control.pid()), "-n"));
    line.add(Launched.HOME.resolve("weft").toString());
    line.addAll(List.of(command));
    return weft.on(line.toArray(new String[0]));
  }

  private static List<String> pods(String namespace) {
    String names = weft.cluster().kubectl("-n", namespace, "get", "pods", "-o", "name");
    return names.lines().toList();
  }

  /** Of the one pod of the application with such a label. */
  private static String pod(String label, String field) {
    return weft.cluster()
        .kubectl(
            "-n", "shop", "get", "pods", "-l", label, "-o", "jsonpath={.items[0]." + field + "}");
  }

  private static int total(Map<String, Integer> answers) {
    return answers.getOrDefault("v1", 0) + answers.getOrDefault("v2", 0);
  }

  private static String status() {
    return weft.cluster()
        .kubectl(
            "-n",
            Installed.SYSTEM,
            "get",
            "configmap",
            "shop",
            "-o",
            "jsonpath={.metadata.annotations.weft\\.dev/status}");
  }
}
