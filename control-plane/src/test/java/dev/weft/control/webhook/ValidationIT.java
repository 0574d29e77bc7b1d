package dev.weft.control.webhook;

import static dev.weft.control.MeshServer.done;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.config.Trial;
import dev.weft.control.ca.CertificateAuthority;
import dev.weft.control.inject.InjectSettings;
import dev.weft.kubernetes.KubernetesApi;
import dev.weft.routing.clock.SystemTicker;
import dev.weft.routing.process.HostPort;
import dev.weft.testkit.Tools;
import dev.weft.testkit.kube.KubeApiServer;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** Edits by kubectl, refused by a real API server that asks the webhook by its Service. */
@Timeout(180)
@EnabledIf(value = "canStart", disabledReason = "needs the built API server, or go and curl")
final class ValidationIT {

  private static final int MOST_TRIES = 1000;
  private static final HostPort FREE = new HostPort("127.0.0.1", 0);
  private static final String ROUTES =
      """
      apiVersion: v1
      kind: ConfigMap
      metadata: {name: routes, labels: {weft.dev/config: "%s"}}
      data:
        search.yaml: |
          apiVersion: networking.istio.io/v1
          kind: VirtualService
          metadata: {name: search}
          spec:
            hosts: [search.test]
            http:
            - route:
              - destination: {host: search}
                weight: %d
      """;
  private static final String REFUSED =
      "1 error:\n"
          + "configmap:%s/routes#search.yaml:9:15: spec.http[0].route[0].weight: error: weight -5"
          + " (expected: 0 to 1000000)\n"
          + "  hint: 0 sends nothing there [WF104]";
  private static final String DEFINITION =
      """
      apiVersion: apiextensions.k8s.io/v1
      kind: CustomResourceDefinition
      metadata: {name: virtualservices.networking.istio.io}
      spec:
        group: networking.istio.io
        scope: Namespaced
        names: {kind: VirtualService, plural: virtualservices}
        versions:
        - name: v1
          served: true
          storage: true
          schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
      """;
  private static final String RESOURCE =
      """
      apiVersion: networking.istio.io/v1
      kind: VirtualService
      metadata: {name: search}
      spec:
        hosts: [search.test]
        http:
        - route:
          - destination: {host: search}
            weight: %d
      """;

  @TempDir private static Path folder;

  private static KubeApiServer kube;
  private static Vertx vertx;
  private static CertificateAuthority authority;
  private static KubernetesApi api;

  static boolean canStart() {
    return Tools.there(KubeApiServer.missing().stream());
  }

  @BeforeAll
  static void up() throws Exception {
    kube = KubeApiServer.start();
    vertx = Vertx.vertx();
    authority =
        CertificateAuthority.open(
            folder.resolve("ca"), "cluster.local", Duration.ofHours(24), new SystemTicker());
    api = KubernetesApi.connect(vertx, kube.kubeconfig());
    kube.kubectl("create", "namespace", "weft-system");
    // no kube-proxy here: the API server reaches a Service of this type by its external name
    kube.kubectl(
        "create",
        "-n",
        "weft-system",
        "service",
        "externalname",
        "weft-control",
        "--external-name=localhost");
    answering(vertx);
  }

  @AfterAll
  static void down() throws Exception {
    if (kube != null) {
      api.close();
      done(vertx.close());
      kube.close();
    }
  }

  @Test
  void aBrokenEditIsRefusedWithItsLineAndAGoodOneIsTaken() throws Exception {
    namespace("shop");
    apply("shop", ROUTES.formatted("true", 95));

    for (String dryRun : List.of("none", "server")) {
      assertThatThrownBy(() -> apply("shop", ROUTES.formatted("true", -5), "--dry-run=" + dryRun))
          .hasMessageContaining("admission webhook \"configmap.weft.dev\" denied the request: ")
          .hasMessageContaining(REFUSED.formatted("shop"));
    }
    assertThat(text("shop")).contains("weight: 95");
    apply("shop", ROUTES.formatted("true", 50));
    assertThat(text("shop")).contains("weight: 50");
  }

  @Test
  void whatIsNoConfigurationIsNotAskedFor() {
    namespace("other");

    apply("other", ROUTES.formatted("no", -5));
    apply("kube-system", ROUTES.formatted("true", -5));

    assertThat(text("other")).contains("weight: -5");
    assertThat(text("kube-system")).contains("weight: -5");
  }

  @Test
  void aResourceOfIstiosIsRefusedByItsField() throws Exception {
    namespace("istio");
    apply("istio", DEFINITION);
    kube.kubectl("wait", "--for=condition=Established", "crd", "--all");
    until(() -> refuses("istio", RESOURCE.formatted(-5)));

    assertThatThrownBy(() -> apply("istio", RESOURCE.formatted(-5)))
        .hasMessageContaining("admission webhook \"istio.weft.dev\" denied the request: ")
        .hasMessageContaining(
            "VirtualService istio/search: spec.http[0].route[0].weight: error: weight -5"
                + " (expected: 0 to 1000000)");
    apply("istio", RESOURCE.formatted(95));
  }

  @Test
  void aDeadWebhookKeepsNobodyFromMendingAndNoteOnWhatIsBrokenIsTaken() throws Exception {
    namespace("dead");
    Vertx another = Vertx.vertx();
    try {
      answering(another);
      done(another.close());
      until(() -> !refuses("dead", ROUTES.formatted("true", -5)));
      apply("dead", ROUTES.formatted("true", -5));
    } finally {
      answering(vertx);
    }

    kube.kubectl("annotate", "-n", "dead", "configmap", "routes", "seen=yes");
    assertThat(refuses("dead", ROUTES.formatted("true", -6))).isTrue();
    kube.kubectl("label", "-n", "dead", "configmap", "routes", "weft.dev/config-");
  }

  /** A webhook that the API server asks by now. */
  private static void answering(Vertx on) throws Exception {
    InjectSettings inject =
        new InjectSettings("weft:1", "weft-control.weft-system.svc:15012", "cluster.local", true);
    Webhook webhook =
        Webhook.of(on, authority, new WebhookSettings(FREE, inject), api, () -> Trial.NONE);
    done(webhook.listen());
    String wanted =
        Files.readString(Path.of("../config/kubernetes/validator.yaml"))
            .replace("port: 15017", "port: " + webhook.port());
    apply("default", wanted);
    done(webhook.trusted(api, () -> true));
    until(() -> refuses("default", ROUTES.formatted("true", -5)));
  }

  /** What was written counts a moment later; each try is a call of kubectl. */
  private static void until(BooleanSupplier seen) {
    for (int i = 0; i < MOST_TRIES; i++) {
      if (seen.getAsBoolean()) {
        return;
      }
    }
    throw new AssertionError("not seen in " + MOST_TRIES + " tries");
  }

  private static boolean refuses(String namespace, String text) {
    try {
      apply(namespace, text, "--dry-run=server");
      return false;
    } catch (IllegalStateException refused) {
      return String.valueOf(refused.getMessage()).contains("denied the request");
    }
  }

  private static void namespace(String name) {
    kube.kubectl("create", "namespace", name);
  }

  private static String text(String namespace) {
    return kube.kubectl("get", "-n", namespace, "configmap", "routes", "-o", "yaml");
  }

  private static void apply(String namespace, String text, String... flags) {
    try {
      Path file = Files.writeString(folder.resolve("applied.yaml"), text);
      List<String> command = new ArrayList<>(List.of("apply", "-n", namespace, "-f"));
      command.add(file.toString());
      command.addAll(List.of(flags));
      kube.kubectl(command.toArray(new String[0]));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
