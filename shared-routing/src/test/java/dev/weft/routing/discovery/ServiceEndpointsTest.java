package dev.weft.routing.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.ConfigDocument;
import dev.weft.config.ConfigLoader;
import dev.weft.config.LoadResult;
import dev.weft.routing.cluster.Endpoint;
import dev.weft.routing.cluster.EndpointSet;
import dev.weft.routing.cluster.UpstreamTls;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.exchange.Workload;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Core Service and EndpointSlice as files. */
final class ServiceEndpointsTest {

  private static final String SLICE =
      """
      apiVersion: discovery.k8s.io/v1
      kind: EndpointSlice
      metadata: {name: a-1, namespace: prod, labels: {kubernetes.io/service-name: a}}
      addressType: IPv4
      ports: [{name: http, port: 8080}]
      endpoints:
      - addresses: [10.0.0.1]
      - addresses: [10.0.0.2]
        conditions: {ready: false}
      - addresses: [10.0.0.3]
        conditions: {ready: true, serving: true, terminating: true}
      """;

  @Test
  void aServiceThatNamesItsAccountIsReachedOverMutualTls() {
    EndpointSet set = endpoints(service("annotations: {" + ACCOUNTS + ": 'one, two'}"), "");

    assertThat(set.endpoints()).extracting(Endpoint::address).containsExactly("10.0.0.1:8080");
    assertThat(set.endpoints().get(0).tls())
        .isEqualTo(
            new UpstreamTls.Mesh(
                Set.of("spiffe://mesh.test/ns/prod/sa/one", "spiffe://mesh.test/ns/prod/sa/two"),
                "a.prod.svc.cluster.local"));
  }

  @Test
  void anEndpointThatTellsItsAccountIsThatAccount() {
    String told =
        SLICE.replace(
            "- addresses: [10.0.0.1]",
            """
            - addresses: [10.0.0.1]
              deprecatedTopology: {weft.dev/service-account: own, version: v1}
            - addresses: [10.0.0.9]""");

    EndpointSet set = endpoints(service("annotations: {weft.dev/identities: pods}"), told, "");

    assertThat(set.endpoints())
        .extracting(Endpoint::tls)
        .containsExactly(
            new UpstreamTls.Mesh(
                Set.of("spiffe://mesh.test/ns/prod/sa/own"), "a.prod.svc.cluster.local"),
            new UpstreamTls.Plaintext());
    assertThat(set.endpoints().get(0).labels()).isEqualTo(Map.of("version", "v1"));
  }

  @Test
  void aServiceThatNamesNoneIsOutsideTheMesh() {
    EndpointSet set = endpoints(service("labels: {}"), "");

    assertThat(set.endpoints())
        .extracting(Endpoint::tls)
        .containsExactly(new UpstreamTls.Plaintext());
  }

  @Test
  void whereMutualTlsIsDemandedAnEndpointWithoutIdentityIsLeftOut() {
    String rule =
        """
        ---
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata: {name: a, namespace: prod}
        spec: {host: a, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}
        """;

    EndpointSet set = endpoints(service("labels: {}"), rule);

    assertThat(set.endpoints()).isEmpty();
    assertThat(set.reason()).isEqualTo("endpoint 10.0.0.1 has no identity to expect");
  }

  private static final String ACCOUNTS = "alpha.istio.io/kubernetes-serviceaccounts";

  private static String service(String metadata) {
    return """
    apiVersion: v1
    kind: Service
    metadata: {name: a, namespace: prod, %s}
    spec: {ports: [{name: http, port: 80, targetPort: http}]}
    ---
    """
        .formatted(metadata);
  }

  private static EndpointSet endpoints(String service, String more) {
    return endpoints(service, SLICE, more);
  }

  private static EndpointSet endpoints(String service, String slice, String more) {
    LoadResult result =
        ConfigLoader.load(List.of(new ConfigDocument("test", "a.yaml", service + slice + more)));
    assertThat(result.accepted()).as(result.problems().toString()).isTrue();
    Workload caller = new Workload("default", "caller", "mesh.test", Map.of());
    return new EndpointCatalog(result.config(), caller, Map.of())
        .endpoints(ClusterName.outbound("a.prod.svc.cluster.local", 80, ""));
  }
}
