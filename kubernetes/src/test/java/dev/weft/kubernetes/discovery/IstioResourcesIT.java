package dev.weft.kubernetes.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.ConfigDocument;
import dev.weft.config.ConfigUnits;
import dev.weft.config.problem.Problem;
import dev.weft.kubernetes.KubernetesApi;
import dev.weft.kubernetes.watch.Pace;
import dev.weft.testkit.Tools;
import dev.weft.testkit.kube.KubeApiServer;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** Against a real API server that has some of Istio's definitions, and gets another one later. */
@Timeout(180)
@EnabledIf(value = "canStart", disabledReason = "needs the built API server, or go and curl")
final class IstioResourcesIT {

  private static final int WAIT_SECONDS = 60;
  private static final Duration LOOK = Duration.ofSeconds(1); // which kinds there are
  private static final String SOURCE = "kubernetes:";

  private final BlockingQueue<Map<String, List<ConfigDocument>>> told = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> sentences = new LinkedBlockingQueue<>();
  private final ConfigUnits units = new ConfigUnits(List.of(SOURCE));
  private KubeApiServer kube;
  private Vertx vertx;
  private KubernetesApi api;
  private ServicesSource source;

  @TempDir private Path folder;

  static boolean canStart() {
    return Tools.there(KubeApiServer.missing().stream());
  }

  @BeforeEach
  void up() throws Exception {
    kube = KubeApiServer.start();
    vertx = Vertx.vertx();
    api = KubernetesApi.connect(vertx, kube.kubeconfig());
    source = new ServicesSource(api, new Pace(), SOURCE, LOOK, told::add, sentences::add);
  }

  @AfterEach
  void down() throws Exception {
    source.close();
    api.close();
    vertx.close().toCompletionStage().toCompletableFuture().get(WAIT_SECONDS, TimeUnit.SECONDS);
    kube.close();
  }

  @Test
  void resourcesAreReadWhereTheirDefinitionsAreAndWhenTheseCome() throws Exception {
    define("networking.istio.io", "VirtualService", "virtualservices");
    kube.kubectl("create", "namespace", "shop");
    apply(rule("search", 95));

    source.start().toCompletionStage().toCompletableFuture().get(WAIT_SECONDS, TimeUnit.SECONDS);

    ConfigUnits.Outcome first = units.change(SOURCE, next());
    assertThat(first.units()).contains("VirtualService shop/search");
    assertThat(first.config().orElseThrow().virtualServices()).hasSize(1);
    assertThat(sentences).isEmpty(); // that there are no others is no trouble

    apply(rule("search", -5), rule("other", 50));
    ConfigUnits.Outcome broken = units.change(SOURCE, changed("VirtualService shop/search"));
    assertThat(broken.problems().stream().filter(Problem::error))
        .extracting(one -> one.place().file())
        .containsExactly("VirtualService shop/search");
    assertThat(units.good().get(SOURCE).get("VirtualService shop/search").get(0).text())
        .contains("95");

    kube.kubectl("delete", "-n", "shop", "virtualservice", "search");
    assertThat(changed("VirtualService shop/search")).containsValue(List.of());

    define("security.istio.io", "AuthorizationPolicy", "authorizationpolicies");
    apply(
        """
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: none, namespace: shop}
        spec: {action: DENY, rules: [{}]}
        """);
    ConfigUnits.Outcome closed = units.change(SOURCE, changed("AuthorizationPolicy shop/none"));
    assertThat(closed.config().orElseThrow().authorizationPolicies()).hasSize(1);
    assertThat(sentences).isEmpty();
  }

  private Map<String, List<ConfigDocument>> changed(String unit) throws InterruptedException {
    while (true) {
      Map<String, List<ConfigDocument>> news = next();
      if (news.containsKey(unit)) {
        return news;
      }
      units.change(SOURCE, news);
    }
  }

  private Map<String, List<ConfigDocument>> next() throws InterruptedException {
    Map<String, List<ConfigDocument>> news = told.poll(WAIT_SECONDS, TimeUnit.SECONDS);
    assertThat(news).as("told in time; sentences: %s", sentences).isNotNull();
    return news;
  }

  private void apply(String... documents) throws IOException {
    Path file = Files.writeString(folder.resolve("a.yaml"), String.join("---\n", documents));
    kube.kubectl("apply", "-f", file.toString());
  }

  private void define(String group, String kind, String plural) throws IOException {
    apply(
        """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: %2$s.%1$s}
        spec:
          group: %1$s
          scope: Namespaced
          names: {kind: %3$s, plural: %2$s, singular: %4$s}
          versions:
          - name: v1
            served: true
            storage: true
            schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
        """
            .formatted(group, plural, kind, kind.toLowerCase(Locale.ROOT)));
    kube.kubectl("wait", "--for=condition=Established", "crd/" + plural + "." + group);
  }

  private static String rule(String name, int weight) {
    return """
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: %1$s, namespace: shop, labels: {team: platform}}
    spec:
      hosts: [%1$s.test]
      http:
      - route:
        - {destination: {host: a.test}, weight: %2$d}
        - {destination: {host: b.test}, weight: %3$d}
    """
        .formatted(name, weight, 100 - weight);
  }
}
