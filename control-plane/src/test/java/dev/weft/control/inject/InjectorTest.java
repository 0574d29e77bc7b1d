package dev.weft.control.inject;

import static dev.weft.control.inject.PodFixture.NATIVE;
import static dev.weft.control.inject.PodFixture.PLAIN;
import static dev.weft.control.inject.PodFixture.argument;
import static dev.weft.control.inject.PodFixture.container;
import static dev.weft.control.inject.PodFixture.injected;
import static dev.weft.control.inject.PodFixture.names;
import static dev.weft.control.inject.PodFixture.pod;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.vertx.core.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.Test;

final class InjectorTest {

  private static final String SEARCH =
      """
      metadata:
        name: search
        labels: {app: search, version: v1}
      spec:
        initContainers: [{name: migrate, image: m}]
        containers: [{name: app, image: a}]
        volumes: [{name: own, emptyDir: {}}]
      """;

  @Test
  void aNativeSidecarStandsBeforeAllOtherStepsAndAfterTheRules() throws Exception {
    JsonObject pod = injected(NATIVE, pod(SEARCH));

    assertThat(names(pod, "initContainers")).containsExactly("weft-init", "weft-proxy", "migrate");
    assertThat(names(pod, "containers")).containsExactly("app");
    assertThat(names(pod, "volumes"))
        .containsExactly("own", "weft-token", "weft-ca", "weft-state", "weft-tmp");
    assertThat(container(pod, "weft-proxy").getString("restartPolicy")).isEqualTo("Always");
    assertThat(pod.getJsonObject("metadata").getJsonObject("labels").getString(Injector.INJECTED))
        .isEqualTo("true");
  }

  @Test
  void aPlainSidecarIsAContainerAndThePodsOwnStepsComeBeforeTheRules() throws Exception {
    JsonObject pod = injected(PLAIN, pod(SEARCH));

    assertThat(names(pod, "initContainers")).containsExactly("migrate", "weft-init");
    assertThat(names(pod, "containers")).containsExactly("app", "weft-proxy");
    assertThat(container(pod, "weft-proxy").fieldNames())
        .doesNotContain("restartPolicy", "startupProbe");
  }

  @Test
  void theSidecarIsToldWhatItsWorkloadIsCalled() throws Exception {
    String owned =
        """
        metadata:
          generateName: podinfo-5d8f7b6c9-
          labels: {app: podinfo, pod-template-hash: 5d8f7b6c9%s}
          ownerReferences:
          - {kind: Nobody, name: nobody}
          - {kind: ReplicaSet, name: podinfo-5d8f7b6c9, controller: true}
        spec: {containers: [{name: app, image: a}]}
        """;

    assertThat(
            argument(
                container(injected(NATIVE, pod(owned.formatted(""))), "weft-proxy"), "--labels"))
        .isEqualTo(
            "app=podinfo,pod-template-hash=5d8f7b6c9,service.istio.io/workload-name=podinfo");
    String own = ", service.istio.io/workload-name: other";
    assertThat(
            argument(
                container(injected(NATIVE, pod(owned.formatted(own))), "weft-proxy"), "--labels"))
        .as("what the pod says counts")
        .endsWith("service.istio.io/workload-name=other");
  }

  @Test
  void whatIsInjectedIsLeftAsItIs() throws Exception {
    for (InjectSettings settings : List.of(NATIVE, PLAIN)) {
      JsonObject once = injected(settings, pod(SEARCH));

      assertThat(new Injector(settings).inject(once).patch().isEmpty()).isTrue();
    }
  }

  @Test
  void theSidecarMayDoNothingAndTheRulesOnlyTheNetwork() throws Exception {
    JsonObject pod = injected(NATIVE, pod(SEARCH));

    assertThat(container(pod, "weft-proxy").getJsonObject("securityContext"))
        .isEqualTo(
            new JsonObject(
                """
                {"allowPrivilegeEscalation": false, "privileged": false, "readOnlyRootFilesystem": true,
                 "seccompProfile": {"type": "RuntimeDefault"}, "runAsUser": 1337, "runAsGroup": 1337,
                 "runAsNonRoot": true, "capabilities": {"drop": ["ALL"]}}"""));
    assertThat(container(pod, "weft-init").getJsonObject("securityContext"))
        .isEqualTo(
            new JsonObject(
                """
                {"allowPrivilegeEscalation": false, "privileged": false, "readOnlyRootFilesystem": true,
                 "seccompProfile": {"type": "RuntimeDefault"}, "runAsUser": 0, "runAsGroup": 0,
                 "runAsNonRoot": false, "capabilities": {"drop": ["ALL"], "add": ["NET_ADMIN", "NET_RAW"]}}"""));
  }

  @Test
  void theSidecarIsToldWhoItIsAndWhereTheControlPlaneIs() throws Exception {
    JsonObject proxy = container(injected(NATIVE, pod(SEARCH)), "weft-proxy");

    String control = "control:weft-control.weft-system.svc:15012";
    assertThat(argument(proxy, "--config")).isEqualTo(control);
    assertThat(argument(proxy, "--identity")).isEqualTo(control);
    assertThat(argument(proxy, "--token-file")).isEqualTo("/var/run/secrets/weft/token");
    assertThat(argument(proxy, "--root-cert")).isEqualTo("/var/run/secrets/weft-ca/root-cert.pem");
    assertThat(argument(proxy, "--trust-domain")).isEqualTo("mesh.test");
    assertThat(argument(proxy, "--labels")).isEqualTo("app=search,version=v1");
    assertThat(argument(proxy, "--service-account"))
        .isEqualTo("$(POD_NAMESPACE)/$(POD_SERVICE_ACCOUNT)");
    assertThat(argument(proxy, "--health")).isEqualTo("0.0.0.0:15021");
    assertThat(argument(proxy, "--control-admin")).isEqualTo("0.0.0.0:15004");
  }

  @Test
  void theTokenIsForWeftAloneAndKeysAreInMemory() throws Exception {
    List<JsonObject> volumes =
        Tree.objects(injected(NATIVE, pod(SEARCH)).getJsonObject("spec"), "volumes");

    assertThat(volumes.get(1).encode()).contains("\"audience\":\"weft\"", "\"path\":\"token\"");
    assertThat(volumes.get(2).encode()).contains("{\"name\":\"weft-ca-root\"}");
    assertThat(volumes.get(3).encode()).contains("\"medium\":\"Memory\"");
  }

  @Test
  void aPodWithoutLabelsOrListsGetsThem() throws Exception {
    JsonObject pod = injected(NATIVE, pod("spec: {containers: [{name: app, image: a}]}"));

    assertThat(names(pod, "initContainers")).containsExactly("weft-init", "weft-proxy");
    assertThat(names(pod, "volumes")).hasSize(4);
    assertThat(pod.getJsonObject("metadata").encode())
        .isEqualTo("{\"labels\":{\"weft.dev/injected\":\"true\"}}");
    assertThat(container(pod, "weft-proxy").getJsonArray("args").contains("--labels")).isFalse();
  }

  @Test
  void whatTheSidecarNeedsForItselfIsNobodyElses() {
    JsonObject pod =
        pod(
            """
            spec:
              securityContext: {runAsUser: 1337}
              containers: [{name: app}, {name: weft-proxy, securityContext: {runAsUser: 5}}]
              volumes: [{name: weft-ca}]
            """);

    InjectionRefused refused =
        catchThrowableOfType(InjectionRefused.class, () -> new Injector(NATIVE).inject(pod));

    assertThat(refused.faults())
        .containsExactly(
            "container app: runAsUser 1337 is the sidecar's, whose connections nobody takes"
                + " (expected: another user)",
            "container weft-proxy has the name of what is injected; give it another name, or the"
                + " pod the label weft.dev/injected: \"true\" if it is the sidecar",
            "volume weft-ca has the name of one that is injected");
  }

  @Test
  void podsThatFinishAreToldWhatAPlainSidecarDoesToThem() throws Exception {
    JsonObject job = pod("spec: {restartPolicy: Never, containers: [{name: app}]}");

    assertThat(new Injector(NATIVE).inject(job).warnings()).isEmpty();
    assertThat(new Injector(PLAIN).inject(job).warnings())
        .containsExactly(
            "restartPolicy Never: the pod does not finish while its sidecar runs; a native sidecar"
                + " (Kubernetes 1.29) ends by itself");
  }

  @Test
  void aPodOfWindowsIsLeftAsItIs() throws Exception {
    Injection injection =
        new Injector(NATIVE).inject(pod("spec: {os: {name: windows}, containers: [{name: app}]}"));

    assertThat(injection.patch().isEmpty()).isTrue();
    assertThat(injection.warnings()).containsExactly("a pod of Windows has no sidecar");
  }

  @Test
  void thePatchIsOfRfc6902() throws Exception {
    assertThat(new Injector(NATIVE).inject(pod(SEARCH)).patch().json().stream())
        .extracting(
            one -> ((JsonObject) one).getString("op") + " " + ((JsonObject) one).getString("path"))
        .containsExactly(
            "add /spec/initContainers/0",
            "add /spec/initContainers/1",
            "add /spec/volumes/-",
            "add /spec/volumes/-",
            "add /spec/volumes/-",
            "add /spec/volumes/-",
            "add /metadata/labels/weft.dev~1injected");
  }
}
