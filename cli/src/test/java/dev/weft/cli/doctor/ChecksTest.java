package dev.weft.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.weft.cli.doctor.Finding.Mark;
import dev.weft.cli.doctor.Findings.Section;
import dev.weft.kubernetes.cluster.PodInfo;
import dev.weft.kubernetes.cluster.Rehearsal;
import dev.weft.kubernetes.cluster.Right;
import dev.weft.kubernetes.cluster.ServerInfo;
import dev.weft.kubernetes.cluster.WebhookInfo;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class ChecksTest {

  private static final Instant NOW = Instant.parse("2026-03-04T05:06:07Z");
  private static final Map<String, String> INJECTED = Map.of("weft.dev/injected", "true");

  @Test
  void aServerIsToldWithItsVersionAndAnOldOneKnowsNoNativeSidecars() {
    assertThat(server("v1.36.1", NOW))
        .containsExactly(
            Finding.ok("https://api answers, Kubernetes v1.36.1"),
            Finding.ok("its clock and this machine's agree"));
    assertThat(server("v1.28.9+k3s1", NOW).get(0).mark()).isEqualTo(Mark.WARN);
  }

  @Test
  void clocksThatDifferAreToldByHowMuch() {
    assertThat(server("v1.36.1", NOW.minusSeconds(1)).get(1).mark()).isEqualTo(Mark.OK);
    assertThat(server("v1.36.1", NOW.minusSeconds(21)).get(1))
        .satisfies(
            one -> {
              assertThat(one.mark()).isEqualTo(Mark.WARN);
              assertThat(one.text()).isEqualTo("its clock and this machine's differ by 20 s");
            });
    assertThat(server("v1.36.1", NOW.plusSeconds(90)).get(1).mark()).isEqualTo(Mark.FAIL);
    ServerInfo silent = new ServerInfo("v1.36.1", Optional.empty());
    assertThat(ServerChecks.of("x", silent, NOW, NOW).get(1).mark()).isEqualTo(Mark.WARN);
  }

  @Test
  void podsOfTheControlPlaneMustBeThereAndReady() {
    assertThat(ControlChecks.pods("s", List.of(pod("a", true), pod("b", true))))
        .containsExactly(Finding.ok("2 pods behind s"));
    assertThat(ControlChecks.pods("s", List.of(pod("a", true), pod("b", false))))
        .extracting(Finding::mark, Finding::text)
        .containsExactly(tuple(Mark.WARN, "not ready: b"));
    assertThat(ControlChecks.pods("s", List.of(pod("b", false))).get(0).mark())
        .isEqualTo(Mark.FAIL);
    assertThat(ControlChecks.pods("s", List.of()).get(0).text())
        .isEqualTo("no pod is behind service s");
  }

  @Test
  void rightsFollowFromTheFlags() {
    List<Right> rights =
        ControlChecks.rights(
            List.of(
                "--config=configmap:prod?label=weft.dev/config=true",
                "--config",
                "configmap:shop/routes",
                "--webhook",
                "15017",
                "--kubernetes-tokens"),
            Map.of("gateways", "networking.istio.io"));

    assertThat(rights.stream().map(Right::toString))
        .containsExactly(
            "get configmaps in prod",
            "list configmaps in prod",
            "watch configmaps in prod",
            "patch configmaps in prod",
            "create events in prod",
            "get events in prod",
            "patch events in prod",
            "get configmaps routes in shop",
            "list configmaps routes in shop",
            "watch configmaps routes in shop",
            "patch configmaps routes in shop",
            "create events in shop",
            "get events in shop",
            "patch events in shop",
            "get mutatingwebhookconfigurations weft-injector",
            "update mutatingwebhookconfigurations weft-injector",
            "get validatingwebhookconfigurations weft-validator",
            "update validatingwebhookconfigurations weft-validator",
            "create tokenreviews",
            "list namespaces",
            "watch namespaces",
            "get configmaps weft-ca-root",
            "list configmaps weft-ca-root",
            "watch configmaps weft-ca-root",
            "update configmaps weft-ca-root",
            "create configmaps",
            "get pods");
    assertThat(ControlChecks.rights(List.of("control", "--config", "dir:/etc/weft"), Map.of()))
        .isEmpty();
    assertThat(ControlChecks.rights(List.of("--ca-secret", "weft-system/ca"), Map.of()).stream())
        .map(Right::toString)
        .contains(
            "create tokenreviews",
            "get secrets ca in weft-system",
            "patch leases weft-control in weft-system",
            "create leases in weft-system")
        .doesNotContain("get secrets");
    assertThat(ControlChecks.missing("a", 2, List.of(rights.get(3))).text())
        .isEqualTo("a may not patch configmaps in prod");
  }

  @Test
  void theRightsOnIstiosResourcesAreThoseOfKindsThatThereAre() {
    Map<String, String> istio =
        Map.of("virtualservices", "networking.istio.io", "telemetries", "telemetry.istio.io");
    assertThat(ControlChecks.discovers(List.of("--config", "kubernetes:shop"))).isTrue();
    assertThat(ControlChecks.discovers(List.of("--config", "configmap:shop"))).isFalse();
    assertThat(ControlChecks.rights(List.of("--config", "kubernetes:shop"), istio).stream())
        .map(Right::toString)
        .contains("list virtualservices in shop", "watch telemetries in shop")
        .contains("watch endpointslices in shop", "list services in shop", "get pods in shop");
  }

  @Test
  void aWebhookNeedsAnAuthority() {
    assertThat(webhook(Optional.empty()))
        .containsExactly(Finding.warn("there is no w", "kubectl apply -f f.yaml"));
    assertThat(
            webhook(Optional.of(List.of(new WebhookInfo("a", ""), new WebhookInfo("b", " "))))
                .get(0)
                .text())
        .isEqualTo("w: no caBundle of a, b");
    assertThat(webhook(Optional.of(List.of(new WebhookInfo("a", "junk")))).get(0).text())
        .isEqualTo("w: what stands in caBundle is no certificate");
  }

  @Test
  void whatIsTriedTellsWhyItFailed() {
    assertThat(WebhookChecks.injected(new Rehearsal.Result(INJECTED, Optional.empty())).mark())
        .isEqualTo(Mark.OK);
    assertThat(WebhookChecks.injected(new Rehearsal.Result(Map.of(), Optional.of("x509"))).text())
        .isEqualTo("a pod that asks for a sidecar would not be made: x509");
    assertThat(WebhookChecks.injected(new Rehearsal.Result(Map.of(), Optional.empty())).mark())
        .isEqualTo(Mark.FAIL);
    Optional<String> forbidden = Optional.of("pods is forbidden: User \"me\" cannot create");
    assertThat(WebhookChecks.injected(new Rehearsal.Result(Map.of(), forbidden)).mark())
        .isEqualTo(Mark.WARN);
    Optional<String> denied =
        Optional.of("admission webhook \"configmap.weft.dev\" denied the request: 1 error:");
    assertThat(WebhookChecks.refused(new Rehearsal.Result(Map.of(), denied)).mark())
        .isEqualTo(Mark.OK);
    assertThat(WebhookChecks.refused(new Rehearsal.Result(Map.of(), Optional.empty())).mark())
        .isEqualTo(Mark.WARN);
  }

  @Test
  void podsWithoutASidecarAreNamedUnlessTheyWantNone() {
    List<PodInfo> pods =
        List.of(
            labelled("in", INJECTED),
            labelled("old", Map.of()),
            labelled("out", Map.of("weft.dev/inject", "disabled")),
            labelled("istio-out", Map.of("sidecar.istio.io/inject", "false")));

    assertThat(NamespaceChecks.pods("shop", pods).text()).isEqualTo("shop: without a sidecar: old");
    assertThat(NamespaceChecks.pods("shop", pods.subList(0, 1)))
        .isEqualTo(Finding.ok("shop: 1 pods, all with a sidecar"));
    assertThat(NamespaceChecks.meshed(Map.of("istio-injection", "enabled"))).isTrue();
    assertThat(
            NamespaceChecks.meshed(
                Map.of("istio-injection", "enabled", "weft.dev/inject", "disabled")))
        .isFalse();
    assertThat(NamespaceChecks.roots("shop", Optional.empty()).mark()).isEqualTo(Mark.FAIL);
  }

  @Test
  void aConfigMapTellsItsOwnState() {
    List<Finding> all =
        ConfigChecks.of(
            Map.of("a/b", Optional.of("applied v3"), "a/c", Optional.of("x:1:1: error: no")));

    assertThat(all)
        .extracting(Finding::text)
        .containsExactly("1 ConfigMap is applied", "a/c is not applied: x:1:1: error: no");
    assertThat(ConfigChecks.of(Map.of("a/b", Optional.of("applied v3; Gateway a/b is taken"))))
        .extracting(Finding::mark, Finding::text)
        .containsExactly(
            tuple(Mark.OK, "1 ConfigMap is applied"),
            tuple(Mark.FAIL, "a/b: Gateway a/b is taken"));
    assertThat(ConfigChecks.of(Map.of("a/b", Optional.empty())).get(0).mark()).isEqualTo(Mark.WARN);
    assertThat(ConfigChecks.of(Map.of()).get(0).mark()).isEqualTo(Mark.WARN);
  }

  @Test
  void whatFailedIsMarkedAndCounted() {
    Findings findings =
        new Findings(
            List.of(
                new Section("one", List.of(Finding.ok("fine"))),
                new Section(
                    "two", List.of(Finding.warn("so so", "look"), Finding.fail("no", "")))));

    assertThat(findings.text())
        .isEqualTo(
            """
            one
              [ok]   fine

            two
              [warn] so so
                     hint: look
              [fail] no

            1 failed, 1 warning""");
    assertThat(findings.failed()).isTrue();
    assertThat(findings.json().encode())
        .startsWith("{\"ok\":false,\"findings\":[{\"section\":\"one\",\"result\":\"ok\"")
        .contains("\"hint\":\"look\"");
  }

  private static List<Finding> server(String version, Instant date) {
    return ServerChecks.of(
        "https://api", new ServerInfo(version, Optional.of(date)), NOW, NOW.plusMillis(20));
  }

  private static List<Finding> webhook(Optional<List<WebhookInfo>> webhooks) {
    return WebhookChecks.of("w", "f.yaml", webhooks, NOW);
  }

  private static PodInfo pod(String name, boolean ready) {
    return new PodInfo(name, "weft-control", Map.of(), List.of(), ready, false);
  }

  private static PodInfo labelled(String name, Map<String, String> labels) {
    return new PodInfo(name, "default", labels, List.of(), true, false);
  }
}
