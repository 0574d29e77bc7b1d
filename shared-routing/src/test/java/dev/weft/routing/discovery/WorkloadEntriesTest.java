package dev.weft.routing.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.ConfigDocument;
import dev.weft.config.ConfigLoader;
import dev.weft.config.LoadResult;
import dev.weft.config.model.MeshConfig;
import dev.weft.routing.cluster.Endpoint;
import dev.weft.routing.cluster.EndpointSet;
import dev.weft.routing.cluster.UpstreamTls;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.exchange.Workload;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** WorkloadEntries as the endpoints of a ServiceEntry that selects them. */
final class WorkloadEntriesTest {

  private static final ClusterName SHOP = ClusterName.outbound("shop.test", 80, "");
  private static final String SELECTS =
      """
      apiVersion: networking.istio.io/v1
      kind: ServiceEntry
      metadata: {name: shop, namespace: prod}
      spec:
        hosts: [shop.test]
        location: MESH_INTERNAL
        resolution: STATIC
        ports: [{number: 80, name: http, protocol: HTTP, targetPort: 8080}]
        workloadSelector: {labels: {app: shop}}
      """;

  @Test
  void thoseWithItsLabelsInItsNamespaceAreItsEndpoints() {
    EndpointSet set =
        endpoints(
            SHOP,
            workload("a", "prod", "{address: 10.0.0.1, labels: {app: shop}, serviceAccount: x}"),
            workload("b", "prod", "{address: 10.0.0.2, labels: {app: other}, serviceAccount: x}"),
            workload("c", "test", "{address: 10.0.0.3, labels: {app: shop}, serviceAccount: x}"));

    assertThat(set.endpoints()).extracting(Endpoint::address).containsExactly("10.0.0.1:8080");
    assertThat(set.endpoints().get(0).tls())
        .isEqualTo(
            new UpstreamTls.Mesh(Set.of("spiffe://cluster.local/ns/prod/sa/x"), "shop.test"));
  }

  @Test
  void itsOwnPortCountsBeforeTheServicesTargetPort() {
    String own = "labels: {app: shop}, serviceAccount: x, ports: {http: 9000}}";
    String other = "labels: {app: shop}, serviceAccount: x, ports: {metrics: 9100}}";

    EndpointSet set =
        endpoints(
            SHOP,
            workload("a", "prod", "{address: 10.0.0.1, " + own),
            workload("b", "prod", "{address: 10.0.0.2, " + other));

    assertThat(set.endpoints())
        .extracting(Endpoint::address)
        .containsExactlyInAnyOrder("10.0.0.1:9000", "10.0.0.2:8080");
  }

  @Test
  void itsWeightLocalityAndLabelsAreThoseOfTheEndpoint() {
    String spec =
        "{address: 10.0.0.1, labels: {app: shop, version: v2}, serviceAccount: x, weight: 7,"
            + " locality: eu/a/1}";

    EndpointSet v2 =
        endpoints(ClusterName.outbound("shop.test", 80, "v2"), workload("a", "prod", spec));
    EndpointSet v1 =
        endpoints(ClusterName.outbound("shop.test", 80, "v1"), workload("a", "prod", spec));

    assertThat(v1.endpoints()).isEmpty();
    assertThat(v2.endpoints()).hasSize(1);
    assertThat(v2.endpoints().get(0).weight()).isEqualTo(7);
    assertThat(v2.endpoints().get(0).where()).hasToString("eu/a/1");
    assertThat(v2.endpoints().get(0).labels()).containsEntry("version", "v2");
  }

  @Test
  void insideTheMeshOneWithoutAnAccountNeedsTheIdentitiesOfItsEntry() {
    String nameless = workload("a", "prod", "{address: 10.0.0.1, labels: {app: shop}}");
    String named = SELECTS + "  subjectAltNames: ['spiffe://cluster.local/ns/x/sa/y']\n";

    assertThat(read(SELECTS, nameless).accepted()).isFalse();
    assertThat(catalog(load(named, nameless), Map.of()).endpoints(SHOP).endpoints())
        .extracting(Endpoint::tls)
        .containsExactly(
            new UpstreamTls.Mesh(Set.of("spiffe://cluster.local/ns/x/sa/y"), "shop.test"));
  }

  @Test
  void whereNamesAreLookedUpItsAddressMayBeOne() {
    String named = SELECTS.replace("STATIC", "DNS").replace("MESH_INTERNAL", "MESH_EXTERNAL");
    MeshConfig config =
        load(
            named,
            workload("a", "prod", "{address: one.example, labels: {app: shop}}"),
            workload("b", "prod", "{address: 10.0.0.9, labels: {app: shop}}"),
            workload("c", "prod", "{address: else.example, labels: {app: other}}"));

    assertThat(EndpointCatalog.names(config)).containsExactly("one.example");
    Map<String, List<String>> answers = Map.of("one.example", List.of("10.0.0.1", "10.0.0.2"));
    assertThat(catalog(config, answers).endpoints(SHOP).endpoints())
        .extracting(Endpoint::address)
        .containsExactlyInAnyOrder("10.0.0.1:8080", "10.0.0.2:8080", "10.0.0.9:8080");
  }

  private static String workload(String name, String namespace, String spec) {
    return """
    apiVersion: networking.istio.io/v1
    kind: WorkloadEntry
    metadata: {name: %s, namespace: %s}
    spec: %s
    """
        .formatted(name, namespace, spec);
  }

  private static EndpointSet endpoints(ClusterName cluster, String... workloads) {
    String[] all = new String[workloads.length + 1];
    all[0] = SELECTS;
    System.arraycopy(workloads, 0, all, 1, workloads.length);
    return catalog(load(all), Map.of()).endpoints(cluster);
  }

  private static MeshConfig load(String... texts) {
    LoadResult result = read(texts);
    assertThat(result.accepted()).as("%s", result.problems()).isTrue();
    return result.config();
  }

  private static LoadResult read(String... texts) {
    return ConfigLoader.load(
        List.of(new ConfigDocument("test", "a.yaml", String.join("---\n", texts))));
  }

  private static EndpointCatalog catalog(MeshConfig config, Map<String, List<String>> answers) {
    Workload caller = new Workload("web", "caller", "cluster.local", Map.of());
    return new EndpointCatalog(config, caller, answers);
  }
}
