package dev.weft.routing.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.ConfigDocument;
import dev.weft.config.ConfigLoader;
import dev.weft.config.LoadResult;
import dev.weft.config.model.balance.HealthCheck;
import dev.weft.config.model.balance.Locality;
import dev.weft.routing.cluster.Endpoint;
import dev.weft.routing.cluster.EndpointSet;
import dev.weft.routing.cluster.UpstreamSettings;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.exchange.Workload;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Where endpoints and callers stand, and how endpoints are asked whether they are well. */
final class WhereaboutsTest {

  private static final Workload CALLER =
      new Workload("default", "caller", "mesh.test", Map.of("app", "x"), Locality.parse("eu/a/r1"));
  private static final String SERVICE =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: a, namespace: prod}
      spec: {ports: [{name: http, port: 80}]}
      ---
      apiVersion: discovery.k8s.io/v1
      kind: EndpointSlice
      metadata: {name: a-1, namespace: prod, labels: {kubernetes.io/service-name: a}}
      addressType: IPv4
      ports: [{name: http, port: 8080}]
      endpoints:
      - {addresses: [10.0.0.1], zone: a}
      - {addresses: [10.0.0.2], zone: b}
      - {addresses: [10.0.0.3]}
      ---
      apiVersion: networking.istio.io/v1
      kind: DestinationRule
      metadata:
        name: a
        namespace: prod
        annotations: {weft.dev/health-check: tcp, weft.dev/health-check-interval: 3s}
      spec:
        host: a
        trafficPolicy: {outlierDetection: {maxEjectionPercent: 100}}
        subsets: [{name: v1, labels: {version: v1}}]
      """;

  @Test
  void endpointsOfAClusterAreInTheRegionOfItsProxies() {
    assertThat(catalog().endpoints(name("")).endpoints())
        .extracting(Endpoint::where)
        .containsExactly(Locality.parse("eu/a"), Locality.parse("eu/b"), Locality.UNKNOWN);
  }

  @Test
  void theCallersPlaceDecidesWhoIsNear() {
    EndpointCatalog catalog = catalog();
    UpstreamSettings settings = catalog.settings(name(""));

    assertThat(settings.vantage().locality()).isEqualTo(Locality.parse("eu/a/r1"));
    assertThat(settings.grouped(catalog.endpoints(name("")).endpoints()))
        .extracting(group -> group.members().toString())
        .containsExactly("[0]", "[1]", "[2]");
  }

  @Test
  void aHealthCheckHoldsForSubsetsToo() {
    for (String subset : List.of("", "v1")) {
      assertThat(catalog().settings(name(subset)).healthCheck())
          .get()
          .satisfies(
              check -> {
                assertThat(check.probe()).isEqualTo(new HealthCheck.Probe.Tcp());
                assertThat(check.interval()).hasSeconds(3);
              });
    }
  }

  private static ClusterName name(String subset) {
    return ClusterName.outbound("a.prod.svc.cluster.local", 80, subset);
  }

  private static EndpointCatalog catalog() {
    return catalog(SERVICE, Map.of());
  }

  private static EndpointCatalog catalog(String text, Map<String, List<String>> addresses) {
    LoadResult result = ConfigLoader.load(List.of(new ConfigDocument("test", "a.yaml", text)));
    assertThat(result.accepted()).as(result.problems().toString()).isTrue();
    return new EndpointCatalog(result.config(), CALLER, addresses);
  }

  @Test
  void namesWithoutAnAddressAreToldWhetherThereAreOthersOrNot() {
    String entry =
        """
        apiVersion: networking.istio.io/v1
        kind: ServiceEntry
        metadata: {name: far}
        spec:
          hosts: [far.test]
          resolution: DNS
          ports: [{number: 80, name: http, protocol: HTTP}]
          endpoints: [{address: one.test}, {address: two.test}]
        """;
    ClusterName far = ClusterName.outbound("far.test", 80, "");

    EndpointSet none = catalog(entry, Map.of()).endpoints(far);
    EndpointSet some = catalog(entry, Map.of("two.test", List.of("10.0.0.2"))).endpoints(far);
    EndpointSet all =
        catalog(entry, Map.of("one.test", List.of("10.0.0.1"), "two.test", List.of("10.0.0.2")))
            .endpoints(far);

    assertThat(none.reason())
        .isEqualTo("no address of one.test is known; no address of two.test is known");
    assertThat(none.unresolved()).isTrue();
    assertThat(some.endpoints()).hasSize(1);
    assertThat(some.reason()).isEqualTo("no address of one.test is known");
    assertThat(all.reason()).isEmpty();
    assertThat(all.unresolved()).isFalse();
  }
}
