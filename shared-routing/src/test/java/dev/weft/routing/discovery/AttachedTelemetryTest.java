package dev.weft.routing.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.ConfigDocument;
import dev.weft.config.ConfigLoader;
import dev.weft.config.LoadResult;
import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.balance.Locality;
import dev.weft.config.model.telemetry.Metric;
import dev.weft.routing.exchange.Workload;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** At whom a Telemetry holds that is attached to a resource. */
final class AttachedTelemetryTest {

  private static final String NAME = "gateway.networking.k8s.io/gateway-name";

  private static final String ALL =
      """
      apiVersion: telemetry.istio.io/v1
      kind: Telemetry
      metadata: {name: near, namespace: prod}
      spec:
        metrics: [{overrides: [{match: {metric: REQUEST_SIZE}, tagOverrides: {of: {value: "'near'"}}}]}]
        accessLogging: [{filter: {expression: "response.code >= 500"}}]
      ---
      apiVersion: telemetry.istio.io/v1
      kind: Telemetry
      metadata: {name: attached, namespace: prod}
      spec:
        targetRefs:
        - {kind: Gateway, group: gateway.networking.k8s.io, name: edge}
        - {kind: Service, name: shop}
        metrics: [{overrides: [{match: {metric: REQUEST_SIZE}, tagOverrides: {of: {value: "'own'"}}}]}]
        accessLogging: [{disabled: true}]
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: shop, namespace: prod}
      spec: {selector: {app: shop}, ports: [{name: http, port: 80}]}
      """;

  private static EndpointCatalog at(String namespace, Map<String, String> labels) {
    LoadResult result = ConfigLoader.load(List.of(new ConfigDocument("t", "t.yaml", ALL)));
    assertThat(result.accepted()).as("%s", result.problems()).isTrue();
    MeshConfig config = result.config();
    return new EndpointCatalog(
        config,
        new Workload(namespace, "any", "cluster.local", labels, Locality.UNKNOWN),
        Map.of());
  }

  private static String tag(EndpointCatalog catalog) {
    return Optional.ofNullable(catalog.settings().metrics().client().get(Metric.REQUEST_SIZE))
        .flatMap(told -> told.tags().getOrDefault("of", Optional.empty()))
        .orElse("none");
  }

  @Test
  void aGatewayOfTheGatewayApiHasItsOwn() {
    EndpointCatalog edge = at("prod", Map.of(NAME, "edge"));

    assertThat(tag(edge)).isEqualTo("'own'");
    assertThat(edge.settings().log().client().on()).isFalse();
  }

  @Test
  void theWorkloadsBehindAServiceHaveIts() {
    assertThat(tag(at("prod", Map.of("app", "shop")))).isEqualTo("'own'");
  }

  @Test
  void othersHaveWhatTheirNamespaceHas() {
    EndpointCatalog other = at("prod", Map.of("app", "cart", NAME, "inner"));

    assertThat(tag(other)).isEqualTo("'near'");
    assertThat(other.settings().log().client().on()).isTrue();
    assertThat(tag(at("test", Map.of("app", "shop", NAME, "edge")))).isEqualTo("none");
  }
}
