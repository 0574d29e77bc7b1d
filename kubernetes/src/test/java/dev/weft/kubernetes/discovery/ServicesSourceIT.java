package dev.weft.kubernetes.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.ConfigDocument;
import dev.weft.config.ConfigUnits;
import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.core.EndpointSlice;
import dev.weft.config.problem.Problem;
import dev.weft.kubernetes.ApiServerFixture;
import dev.weft.kubernetes.KubernetesApi;
import dev.weft.kubernetes.watch.Pace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;

/** Against a real API server; slices are written by hand, as nothing else does for no selector. */
@Timeout(180)
@EnabledIf(value = "canStart", disabledReason = "needs the built API server, or go and curl")
final class ServicesSourceIT extends ApiServerFixture {

  private static final String SIDECAR =
      ", initContainers: [{name: weft-proxy, image: sidecar, restartPolicy: Always}]";

  private final BlockingQueue<Map<String, List<ConfigDocument>>> told = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> sentences = new LinkedBlockingQueue<>();
  private KubernetesApi api;
  private ServicesSource source;
  private ConfigUnits units;
  private MeshConfig seen;

  @BeforeEach
  void watch() throws Exception {
    kube.kubectl("create", "-n", namespace, "serviceaccount", "reviews");
    String name = "kubernetes:" + namespace;
    api = KubernetesApi.connect(vertx, kube.kubeconfig());
    source = new ServicesSource(api, new Pace(), name, told::add, sentences::add);
    units = new ConfigUnits(List.of(name));
    source.start().toCompletionStage().toCompletableFuture().get(WAIT_SECONDS, TimeUnit.SECONDS);
  }

  @AfterEach
  void close() {
    source.close();
    api.close();
  }

  @Test
  void endpointsFollowTheirSlicesAndPods() throws Exception {
    apply(service(""), pod("a-1", SIDECAR), slice("a-1"));
    assertThat(accounts(until(endpoints -> endpoints.size() == 1))).containsExactly("reviews");

    apply(pod("a-2", ""));
    apply(slice("a-1", "a-2", "unknown"));
    List<EndpointSlice.Endpoint> both = until(endpoints -> endpoints.size() == 2);
    assertThat(accounts(both)).containsExactly("reviews", ""); // and not the unknown pod's
    assertThat(both.get(1).labels()).containsEntry("version", "v1");

    apply(pod("unknown", SIDECAR)); // the slice does not change
    assertThat(accounts(until(endpoints -> endpoints.size() == 3)))
        .containsExactly("reviews", "", "reviews");

    long before = System.nanoTime();
    kube.kubectl("delete", "-n", namespace, "endpointslice", "a-1");
    until(List::isEmpty);
    assertThat(Duration.ofNanos(System.nanoTime() - before)) // it may not be true at once
        .isGreaterThanOrEqualTo(ServicesSource.HOLD);
    assertThat(sentences).isEmpty();
  }

  @Test
  void whatIsNotReadyIsNoEndpointAtOnce() throws Exception {
    apply(service("clusterIP: None,"), pod("a-1", SIDECAR), slice("a-1"));
    until(endpoints -> endpoints.size() == 1);
    assertThat(seen.services()).allMatch(service -> service.headless());

    apply(slice("a-1").replace("ready: true", "ready: false"));

    until(List::isEmpty);
  }

  @Test
  void aSliceThatIsAnothersNowIsNoLongerTheFirstOnes() throws Exception {
    String other = slice("a-2").replace("name: a-1", "name: a-2").replace("10.1.0.1", "10.1.0.2");
    String b = service("").replace("name: a}", "name: b}");
    apply(service(""), b, pod("a-1", SIDECAR), pod("a-2", SIDECAR), slice("a-1"), other);
    until(endpoints -> endpoints.size() == 2);

    apply(other.replace("service-name: a}", "service-name: b}"));

    until(endpoints -> seen.endpointSlices().stream().anyMatch(one -> one.service().equals("b")));
    assertThat(seen.endpointSlices())
        .extracting(one -> one.service() + one.endpoints().get(0).addresses())
        .containsExactlyInAnyOrder("a[10.1.0.1]", "b[10.1.0.2]");
  }

  @Test
  void aRestartOfTheServerLosesNothing() throws Exception {
    apply(service(""), pod("a-1", SIDECAR), pod("a-2", SIDECAR), slice("a-1"));
    until(endpoints -> endpoints.size() == 1);

    kube.restart(Duration.ofSeconds(2));
    apply(slice("a-1", "a-2"));

    while (seen.endpointSlices().get(0).endpoints().size() != 2) {
      next();
      assertThat(seen.endpointSlices()).isNotEmpty(); // at no time
    }
  }

  private List<EndpointSlice.Endpoint> until(Predicate<List<EndpointSlice.Endpoint>> reached)
      throws InterruptedException {
    while (true) {
      next();
      List<EndpointSlice.Endpoint> all =
          seen.endpointSlices().stream().flatMap(slice -> slice.endpoints().stream()).toList();
      if (reached.test(all)) {
        return all;
      }
    }
  }

  private void next() throws InterruptedException {
    Map<String, List<ConfigDocument>> news = told.poll(WAIT_SECONDS, TimeUnit.SECONDS);
    assertThat(news).as("told in time; sentences: %s; seen: %s", sentences, seen).isNotNull();
    ConfigUnits.Outcome outcome = units.change("kubernetes:" + namespace, news);
    assertThat(outcome.problems().stream().filter(Problem::error)).isEmpty();
    Optional<MeshConfig> config = outcome.config();
    seen = config.orElse(seen);
  }

  private static List<String> accounts(List<EndpointSlice.Endpoint> endpoints) {
    return endpoints.stream().map(EndpointSlice.Endpoint::serviceAccount).toList();
  }

  private void apply(String... documents) throws IOException {
    Path file = Files.writeString(folder.resolve("a.yaml"), String.join("---\n", documents));
    kube.kubectl("apply", "-n", namespace, "-f", file.toString());
  }

  private static String service(String more) {
    return """
    apiVersion: v1
    kind: Service
    metadata: {name: a}
    spec: {%s ports: [{name: http, port: 80, targetPort: 8080}]}
    """
        .formatted(more);
  }

  private static String pod(String name, String containers) {
    return """
    apiVersion: v1
    kind: Pod
    metadata: {name: %s, labels: {version: v1, weft.dev/injected: "true"}}
    spec: {serviceAccountName: reviews, containers: [{name: app, image: app}]%s}
    """
        .formatted(name, containers);
  }

  private static String slice(String... pods) {
    StringBuilder text =
        new StringBuilder(
            """
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata: {name: a-1, labels: {kubernetes.io/service-name: a}}
            addressType: IPv4
            ports: [{name: http, port: 8080}]
            endpoints:
            """);
    for (int i = 0; i < pods.length; i++) {
      text.append(
          """
          - addresses: [10.1.0.%d]
            conditions: {ready: true}
            targetRef: {kind: Pod, name: %s}
          """
              .formatted(i + 1, pods[i]));
    }
    return text.toString();
  }
}
