package dev.weft.routing.verticle;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.ConfigDocument;
import dev.weft.config.history.ConfigHistory.Applied;
import dev.weft.routing.cluster.Endpoint;
import dev.weft.routing.snapshot.UpstreamRegistry;
import dev.weft.routing.transport.Unsecured;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class ConfigVerticleTest extends ConfigFixture {

  private final UpstreamRegistry registry = registry(new CircuitBreakerVerticle(new Unsecured()));
  private final CountDownLatch begun = new CountDownLatch(1);
  private final CountDownLatch heard = new CountDownLatch(1);

  @Test
  void namesThatAreLookedUpWhileAChangeIsCompiledAreNotForgotten() throws Exception {
    ConfigVerticle config = configured(registry);
    compiling = this::held;

    Future<Void> change =
        config.changed("dir:x", Map.of("dir:x", List.of(entry("search", "s.invalid", "DNS"))));
    assertThat(begun.await(20, SECONDS)).isTrue();
    Future<Void> known = config.resolved(Map.of("s.invalid", List.of("10.0.0.7")));
    vertx.runOnContext(now -> heard.countDown()); // the one loop heard of the names by then
    done(change);
    done(known);

    assertThat(config.status().addresses()).containsEntry("s.invalid", List.of("10.0.0.7"));
    assertThat(endpoints()).containsExactly("10.0.0.7:8080");
  }

  @Test
  void otherEndpointsAloneCompileNothing() throws Exception {
    ConfigVerticle config = configured(registry);
    AtomicInteger compilations = new AtomicInteger();
    compiling = compilations::incrementAndGet;
    done(changed(config, service(80), slice("10.0.0.1"), route()));
    assertThat(endpoints()).containsExactly("10.0.0.1:8080");
    long version = store.current().orElseThrow().version();

    done(changed(config, service(80), slice("10.0.0.1, 10.0.0.2"), route()));

    assertThat(endpoints()).containsExactly("10.0.0.1:8080");
    assertThat(compilations).hasValue(1);

    done(changed(config, service(80), slice("10.0.0.2"), route()));

    assertThat(endpoints()).containsExactly("10.0.0.2:8080");
    assertThat(compilations).hasValue(1);
    assertThat(store.current().orElseThrow().version()).isEqualTo(version);
    assertThat(store.current().orElseThrow().config().endpointSlices().get(0).endpoints())
        .extracting(each -> each.addresses().get(0))
        .containsExactly("10.0.0.2");

    done(changed(config, service(81), slice("10.0.0.1"), route())); // endpoints and more

    assertThat(compilations).hasValue(2);
    assertThat(store.current().orElseThrow().version()).isEqualTo(version + 1);
  }

  @Test
  void endpointsThatComeBackWithAnEditAreTaken() throws Exception {
    ConfigVerticle config = configured(registry);
    done(changed(config, service(80), slice("10.0.0.1"), route()));
    done(changed(config, service(80), slice("10.0.0.2"), route()));

    done(changed(config, service(80), slice("10.0.0.1"), route(), entry("other", "10.9.9.9")));

    assertThat(endpoints()).containsExactlyInAnyOrder("10.0.0.1:8080", "10.9.9.9:8080");
  }

  @Test
  void whoIsServedByAVersionMayAskToGoBackFromIt() throws Exception {
    ConfigVerticle config = configured(registry);
    Promise<Void> opened = Promise.promise();
    opening = opened.future();

    Future<Void> change = changed(config, entry("search", "10.0.0.7"));
    while (store.current().isEmpty()) { // ends with the test's time
      Thread.onSpinWait();
    }
    Optional<Applied> known = config.history().current();
    opened.complete();
    done(change);

    assertThat(known)
        .get()
        .extracting(Applied::version, Applied::cause)
        .containsExactly(1L, "dir:x");
  }

  private static Future<Void> changed(ConfigVerticle config, ConfigDocument... documents) {
    return config.changed("dir:x", Map.of("dir:x", List.of(documents)));
  }

  private static ConfigDocument service(int second) {
    return document(
        "service.yaml",
        """
        apiVersion: v1
        kind: Service
        metadata: {name: a, annotations: {weft.dev/identities: pods}}
        spec: {clusterIP: 10.96.0.1, ports: [{name: http, port: 8000}, {name: b, port: %d}]}
        """
            .formatted(second));
  }

  private static ConfigDocument slice(String addresses) {
    return document(
        "slice.yaml",
        """
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: a-1, labels: {kubernetes.io/service-name: a}}
        addressType: IPv4
        ports: [{name: http, port: 8080}]
        endpoints: [{addresses: [%s]}]
        """
            .formatted(addresses));
  }

  private static ConfigDocument route() {
    return document(
        "route.yaml",
        """
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: a}
        spec:
          hosts: [a.test]
          http: [{route: [{destination: {host: a, port: {number: 8000}}}]}]
        """);
  }

  private static ConfigDocument document(String name, String text) {
    return new ConfigDocument("dir:x", name, text);
  }

  private void held() {
    begun.countDown();
    try {
      assertThat(heard.await(20, SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private List<String> endpoints() {
    return registry.all().stream()
        .flatMap(upstream -> upstream.endpoints().endpoints().stream())
        .map(Endpoint::address)
        .toList();
  }
}
