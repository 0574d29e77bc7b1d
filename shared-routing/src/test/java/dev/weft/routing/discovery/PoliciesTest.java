package dev.weft.routing.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.ConfigDocument;
import dev.weft.config.ConfigLoader;
import dev.weft.config.LoadResult;
import dev.weft.routing.cluster.Endpoint;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.exchange.Workload;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Which DestinationRule and which ServiceEntry counts for a caller. */
final class PoliciesTest {

  private static final String SERVICE =
      """
      apiVersion: networking.istio.io/v1
      kind: ServiceEntry
      metadata: {name: s, namespace: prod}
      spec:
        hosts: [s.test]
        resolution: STATIC
        ports: [{number: 80, name: http, protocol: HTTP}]
        endpoints:
        - {address: 10.0.0.1, labels: {version: v1}}
        - {address: 10.0.0.2, labels: {version: v2}}
      """;

  @Test
  void theCallersNamespaceCountsThenTheServicesThenTheRoot() {
    String root = rule("istio-system", "r", "s.test", "", 3);
    String service = rule("prod", "p", "s.test", "", 2);
    String caller = rule("web", "w", "s.test", "", 1);

    assertThat(limit(root + service + caller)).isEqualTo(1);
    assertThat(limit(root + service)).isEqualTo(2);
    assertThat(limit(root)).isEqualTo(3);
    assertThat(limit(rule("weft-system", "r", "s.test", "", 4))).isEqualTo(4);
    assertThat(limit(rule("other", "o", "s.test", "", 5))).isZero();
  }

  @Test
  void withinANamespaceTheMostSpecificHostCountsAlone() {
    String wide = rule("prod", "a", "'*.test'", "", 1);
    String exact = rule("prod", "b", "s.test", "", 2);

    assertThat(limit(wide)).isEqualTo(1);
    assertThat(limit(wide + exact)).isEqualTo(2);
  }

  @Test
  void whatIsNotExportedHereDoesNotCount() {
    assertThat(limit(rule("prod", "a", "s.test", "exportTo: ['.']", 1))).isZero();
    assertThat(limit(rule("prod", "a", "s.test", "exportTo: [web]", 1))).isEqualTo(1);
  }

  @Test
  void aWorkloadSelectorPicksCallersOfItsOwnNamespace() {
    String selector = "workloadSelector: {matchLabels: {app: shop}}";

    assertThat(limit(rule("web", "a", "s.test", selector, 1))).isEqualTo(1);
    assertThat(limit(rule("prod", "a", "s.test", selector, 1))).isZero();
    assertThat(limit(rule("web", "a", "s.test", selector.replace("shop", "x"), 1))).isZero();
  }

  @Test
  void aSubsetThatNobodyDefinesMeansTheLabelVersion() {
    EndpointCatalog catalog = catalog(SERVICE);

    assertThat(catalog.endpoints(ClusterName.outbound("s.test", 80, "v2")).endpoints())
        .extracting(Endpoint::address)
        .containsExactly("10.0.0.2:80");
  }

  @Test
  void aServiceEntryForASuffixServesEachNameWithinIt() {
    EndpointCatalog catalog = catalog(SERVICE.replace("[s.test]", "['*.test']"));

    assertThat(catalog.endpoints(ClusterName.outbound("any.test", 80, "")).endpoints()).hasSize(2);
    assertThat(catalog.endpoints(ClusterName.outbound("any.org", 80, "")).endpoints()).isEmpty();
  }

  @Test
  void anotherConfigurationWithTheSameServicesNeedsNoOtherCatalogue() {
    ConfigLoader loader = new ConfigLoader();
    ConfigDocument service = new ConfigDocument("t", "s.yaml", SERVICE);
    EndpointCatalog catalog =
        new EndpointCatalog(loader.read(List.of(service)).config(), CALLER, Map.of());

    ConfigDocument more =
        new ConfigDocument("t", "d.yaml", rule("prod", "p", "s.test", "", 2).substring(4));

    assertThat(catalog.isOf(loader.read(List.of(service)).config(), Map.of())).isTrue();
    assertThat(catalog.isOf(loader.read(List.of(service, more)).config(), Map.of())).isFalse();
    assertThat(catalog.isOf(loader.read(List.of(service)).config(), Map.of("a", List.of("b"))))
        .isFalse();
  }

  private static final Workload CALLER =
      new Workload("web", "shop", "cluster.local", Map.of("app", "shop"));

  private static String rule(String namespace, String name, String host, String more, int limit) {
    return """
        ---
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata: {name: %s, namespace: %s}
        spec:
          host: %s
          trafficPolicy: {connectionPool: {http: {http2MaxRequests: %d}}}
          %s
        """
        .formatted(name, namespace, host, limit, more);
  }

  private static int limit(String rules) {
    return catalog(SERVICE + rules)
        .settings(ClusterName.outbound("s.test", 80, ""))
        .connectionPool()
        .maxRequests()
        .orElse(0);
  }

  private static EndpointCatalog catalog(String text) {
    LoadResult result = ConfigLoader.load(List.of(new ConfigDocument("t", "t.yaml", text)));
    assertThat(result.accepted()).as("%s", result.problems()).isTrue();
    return new EndpointCatalog(result.config(), CALLER, Map.of());
  }
}
