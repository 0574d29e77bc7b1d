package dev.weft.kubernetes.note;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.kubernetes.KubernetesApi;
import dev.weft.kubernetes.note.ConfigMapNotes.Done;
import dev.weft.kubernetes.note.Note.Troubles;
import dev.weft.testkit.Tools;
import dev.weft.testkit.kube.KubeApiServer;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** Against a real API server that has Istio's definition of Gateway. */
@Timeout(120)
@EnabledIf(value = "canStart", disabledReason = "needs the built API server, or go and curl")
final class GatewayNotesIT {

  private static final String GATEWAY = "gateways.networking.istio.io/edge";
  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
  private static final Instant LATER = NOON.plusSeconds(60);
  private static final Troubles TAKEN = new Troubles("port 443 is taken", "port 443 is taken");
  private static final String DEFINITION =
      """
      apiVersion: apiextensions.k8s.io/v1
      kind: CustomResourceDefinition
      metadata: {name: gateways.networking.istio.io}
      spec:
        group: networking.istio.io
        scope: Namespaced
        names: {kind: Gateway, plural: gateways, singular: gateway}
        versions:
        - name: v1
          served: true
          storage: true
          subresources: {status: {}}
          schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
      """;
  private static final String RESOURCE =
      """
      apiVersion: networking.istio.io/v1
      kind: Gateway
      metadata: {name: edge, namespace: default}
      spec: {selector: {app: gateway}}
      """;

  @TempDir private Path folder;

  private KubeApiServer kube;
  private Vertx vertx;
  private KubernetesApi api;
  private GatewayNotes notes;

  static boolean canStart() {
    return Tools.there(KubeApiServer.missing().stream());
  }

  @BeforeEach
  void up() throws Exception {
    kube = KubeApiServer.start();
    vertx = Vertx.vertx();
    api = KubernetesApi.connect(vertx, kube.kubeconfig());
    notes = new GatewayNotes(api);
    apply(DEFINITION);
    kube.kubectl(
        "wait", "--for=condition=Established", "crd/gateways.networking.istio.io", "--timeout=60s");
    apply(RESOURCE);
  }

  @AfterEach
  void down() throws Exception {
    api.close();
    vertx.close().toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
    kube.close();
  }

  @Test
  void aTroubleIsAConditionAndAnEventUntilItEnds() throws Exception {
    status("[{\"type\":\"Reconciled\",\"status\":\"True\"}]");

    assertThat(write(Troubles.NONE, NOON)).as("nothing was ever wrong").isEqualTo(Done.SAME);
    assertThat(write(TAKEN, NOON)).isEqualTo(Done.WRITTEN);
    assertThat(write(TAKEN, LATER)).isEqualTo(Done.SAME);

    assertThat(condition("weft.dev/Served"))
        .isEqualTo("False NotReady 2026-01-01T12:00:00Z port 443 is taken");
    assertThat(condition("Reconciled")).as("another's").isEqualTo("True");
    assertThat(events("GatewayNotReady")).isEqualTo("Warning");

    assertThat(write(Troubles.NONE, LATER)).isEqualTo(Done.WRITTEN);

    assertThat(condition("weft.dev/Served")).startsWith("True Ready 2026-01-01T12:01:00Z ");
    assertThat(condition("Reconciled")).isEqualTo("True");
    assertThat(events("GatewayReady")).isEqualTo("Normal");
  }

  @Test
  void conditionsThatNobodyCanReadHoldUpNothing() throws Exception {
    for (String unreadable : new String[] {"\"x\"", "[1, \"x\"]", "{}"}) {
      status(unreadable);

      assertThat(write(TAKEN, NOON)).as(unreadable).isEqualTo(Done.WRITTEN);
      assertThat(condition("weft.dev/Served")).as(unreadable).startsWith("False ");
    }
  }

  @Test
  void oneThatIsGoneIsTold() {
    kube.kubectl("delete", GATEWAY);

    assertThat(write(TAKEN, NOON)).isEqualTo(Done.GONE);
  }

  private Done write(Troubles troubles, Instant now) {
    return notes.write(Note.gateway("default", "edge", troubles), true, now);
  }

  private void status(String conditions) {
    String patch = "{\"status\":{\"conditions\":" + conditions + "}}";
    kube.kubectl("patch", GATEWAY, "--subresource=status", "--type=merge", "-p", patch);
  }

  private String condition(String type) {
    String one = "{range .status.conditions[?(@.type=='%s')]}".formatted(type);
    return kube.kubectl(
        "get",
        GATEWAY,
        "-o",
        "jsonpath=" + one + "{.status} {.reason} {.lastTransitionTime} {.message}{end}");
  }

  private String events(String reason) {
    return kube.kubectl(
        "get",
        "events",
        "--field-selector=involvedObject.kind=Gateway,reason=" + reason,
        "-o",
        "jsonpath={.items[*].type}");
  }

  private void apply(String text) throws Exception {
    Path file = Files.writeString(folder.resolve("a.yaml"), text);
    kube.kubectl("apply", "-f", file.toString());
  }
}
