package dev.weft.routing.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.ConfigDocument;
import dev.weft.config.ConfigLoader;
import dev.weft.config.LoadResult;
import dev.weft.config.model.TrafficPolicy;
import dev.weft.config.model.TrafficPolicy.LoadBalancer.Simple;
import dev.weft.routing.cluster.UpstreamSettings;
import dev.weft.routing.cluster.UpstreamTls;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.exchange.Workload;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A port's entry replaces the whole policy: what it leaves out goes back to the default. */
final class PortLevelSettingsTest {

  private static final String RULE =
      """
      apiVersion: networking.istio.io/v1
      kind: DestinationRule
      metadata: {name: s}
      spec:
        host: s.test
        trafficPolicy:
          loadBalancer: {simple: ROUND_ROBIN}
          connectionPool: {http: {http2MaxRequests: 7}}
          outlierDetection: {consecutive5xxErrors: 3}
          tls: {mode: SIMPLE}
          portLevelSettings:
          - port: {number: 81}
            loadBalancer: {simple: RANDOM}
          - port: {number: 82}
            connectionPool: {http: {http2MaxRequests: 9}}
            outlierDetection: {consecutive5xxErrors: 4}
            tls: {mode: DISABLE}
        subsets:
        - name: v1
          labels: {version: v1}
          trafficPolicy:
            connectionPool: {http: {http2MaxRequests: 5}}
        - name: v2
          labels: {version: v2}
          trafficPolicy:
            portLevelSettings:
            - port: {number: 80}
              connectionPool: {http: {http2MaxRequests: 3}}
      ---
      apiVersion: networking.istio.io/v1
      kind: ServiceEntry
      metadata: {name: s}
      spec:
        hosts: [s.test]
        resolution: STATIC
        ports: [{number: 80, name: a}, {number: 81, name: b}, {number: 82, name: c}]
        endpoints:
        - {address: 10.0.0.1, labels: {version: v1}}
        - {address: 10.0.0.2, labels: {version: v2}}
      """;

  @Test
  void aPortWithoutEntryHasThePolicyOfAll() {
    UpstreamSettings settings = settings(80, "");

    assertThat(balancer(settings)).isEqualTo(Simple.ROUND_ROBIN);
    assertThat(settings.connectionPool().maxRequests()).hasValue(7);
    assertThat(ejectsAfter(settings)).contains(3);
    assertThat(tls(80, "")).isInstanceOf(UpstreamTls.Origination.class);
  }

  @Test
  void whatAPortsEntryLeavesOutGoesBackToTheDefault() {
    UpstreamSettings settings = settings(81, "");

    assertThat(balancer(settings)).isEqualTo(Simple.RANDOM);
    assertThat(settings.connectionPool().maxRequests()).isEmpty();
    assertThat(ejectsAfter(settings)).isEmpty();
    assertThat(tls(81, "")).isInstanceOf(UpstreamTls.Plaintext.class);
  }

  @Test
  void whatAPortsEntrySaysHolds() {
    UpstreamSettings settings = settings(82, "");

    assertThat(balancer(settings)).isEqualTo(Simple.LEAST_REQUEST);
    assertThat(settings.connectionPool().maxRequests()).hasValue(9);
    assertThat(ejectsAfter(settings)).contains(4);
    assertThat(tls(82, "")).isInstanceOf(UpstreamTls.Plaintext.class);
  }

  @Test
  void aSubsetReplacesBlockByBlockAndAPortsEntryTheWhole() {
    UpstreamSettings byBlock = settings(80, "v1");
    assertThat(balancer(byBlock)).isEqualTo(Simple.ROUND_ROBIN);
    assertThat(byBlock.connectionPool().maxRequests()).hasValue(5);
    assertThat(ejectsAfter(byBlock)).contains(3);

    UpstreamSettings whole = settings(80, "v2");
    assertThat(balancer(whole)).isEqualTo(Simple.LEAST_REQUEST);
    assertThat(whole.connectionPool().maxRequests()).hasValue(3);
    assertThat(ejectsAfter(whole)).isEmpty();
    assertThat(tls(80, "v2")).isInstanceOf(UpstreamTls.Plaintext.class);
  }

  private static Simple balancer(UpstreamSettings settings) {
    return settings
        .policy()
        .loadBalancer()
        .map(TrafficPolicy.LoadBalancer::simple)
        .orElse(TrafficPolicy.LoadBalancer.DEFAULT.simple());
  }

  private static Optional<Integer> ejectsAfter(UpstreamSettings settings) {
    return settings.policy().outlierDetection().map(one -> one.consecutive5xx());
  }

  private static UpstreamSettings settings(int port, String subset) {
    return catalog().settings(ClusterName.outbound("s.test", port, subset));
  }

  private static UpstreamTls tls(int port, String subset) {
    return catalog()
        .endpoints(ClusterName.outbound("s.test", port, subset))
        .endpoints()
        .get(0)
        .tls();
  }

  private static EndpointCatalog catalog() {
    LoadResult result = ConfigLoader.load(List.of(new ConfigDocument("t", "t.yaml", RULE)));
    assertThat(result.accepted()).as("%s", result.problems()).isTrue();
    Workload caller = new Workload("default", "caller", "cluster.local", Map.of());
    return new EndpointCatalog(result.config(), caller, Map.of());
  }
}
