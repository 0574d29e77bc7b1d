package dev.weft.routing.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.ConfigDocument;
import dev.weft.config.ConfigLoader;
import dev.weft.config.LoadResult;
import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.Sidecar.Unknown;
import dev.weft.routing.discovery.Destinations.Known;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.exchange.Workload;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class DestinationsTest {

  private static final Workload CALLER =
      new Workload("prod", "caller", "mesh.test", Map.of("app", "caller"));
  private static final String SERVICES =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: shop, namespace: prod}
      spec:
        clusterIP: 10.96.0.7
        clusterIPs: [10.96.0.7, "fd96::7"]
        ports: [{name: http, port: 80}, {name: db, port: 5432, appProtocol: postgresql}]
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: each, namespace: prod}
      spec: {clusterIP: None, ports: [{name: tcp-each, port: 9000}]}
      ---
      apiVersion: discovery.k8s.io/v1
      kind: EndpointSlice
      metadata: {name: shop-1, namespace: prod, labels: {kubernetes.io/service-name: shop}}
      ports: [{name: http, port: 8080}, {name: db, port: 5432}]
      endpoints: [{addresses: [10.0.0.1]}]
      ---
      apiVersion: discovery.k8s.io/v1
      kind: EndpointSlice
      metadata: {name: each-1, namespace: prod, labels: {kubernetes.io/service-name: each}}
      ports: [{name: tcp-each, port: 9000}]
      endpoints: [{addresses: [10.0.0.2]}, {addresses: [10.0.0.3]}]
      ---
      apiVersion: networking.istio.io/v1
      kind: ServiceEntry
      metadata: {name: wide, namespace: prod}
      spec:
        hosts: [wide.test]
        addresses: [172.16.0.0/12]
        ports: [{number: 80, name: http, protocol: HTTP}]
        resolution: STATIC
        endpoints: [{address: "fd00::9"}]
      ---
      apiVersion: networking.istio.io/v1
      kind: ServiceEntry
      metadata: {name: narrow, namespace: prod}
      spec:
        hosts: [narrow.test]
        addresses: [172.16.5.0/24, 172.16.6.6]
        ports: [{number: 80, name: http, protocol: TCP}]
        resolution: DNS
      ---
      apiVersion: networking.istio.io/v1
      kind: ServiceEntry
      metadata: {name: plain, namespace: prod}
      spec:
        hosts: [plain.test]
        ports: [{number: 443, name: tls, protocol: TLS}, {number: 80, name: http, protocol: HTTP}]
        resolution: STATIC
        endpoints: [{address: 10.0.0.50}]
      ---
      apiVersion: networking.istio.io/v1
      kind: ServiceEntry
      metadata: {name: none, namespace: prod}
      spec:
        hosts: [none.test]
        addresses: [10.96.0.98]
        ports: [{number: 80, name: http, protocol: HTTP}]
        resolution: NONE
      ---
      apiVersion: networking.istio.io/v1
      kind: ServiceEntry
      metadata: {name: any, namespace: prod}
      spec:
        hosts: ["*.any.test", deep.a.any.test]
        ports:
        - {number: 8443, name: tls, protocol: TLS}
        - {number: 6380, name: redis, protocol: REDIS}
        - {number: 80, name: http, protocol: HTTP}
        resolution: NONE
      ---
      apiVersion: networking.istio.io/v1
      kind: ServiceEntry
      metadata: {name: hidden, namespace: other}
      spec:
        hosts: [hidden.test]
        exportTo: ["."]
        addresses: [10.96.0.99]
        ports: [{number: 80, name: http, protocol: HTTP}]
        resolution: STATIC
        endpoints: [{address: 10.0.0.99}]
      """;

  @ParameterizedTest
  @CsvSource({
    "10.96.0.7, 80, shop.prod.svc.cluster.local, 80, false, http",
    "fd96::7, 80, shop.prod.svc.cluster.local, 80, false, http",
    "10.96.0.7, 5432, shop.prod.svc.cluster.local, 5432, false, postgresql",
    "10.0.0.1, 8080, shop.prod.svc.cluster.local, 80, true, http",
    "10.0.0.3, 9000, each.prod.svc.cluster.local, 9000, true, tcp-each",
    "172.16.5.200, 80, narrow.test, 80, false, TCP",
    "172.16.6.6, 80, narrow.test, 80, false, TCP",
    "172.31.255.255, 80, wide.test, 80, false, HTTP",
    "fd00::9, 80, wide.test, 80, true, HTTP",
    "192.0.2.1, 80, narrow.test, 80, true, TCP",
    "10.96.0.98, 80, none.test, 80, false, HTTP"
  })
  void anAddressMeansItsServiceOrItsInstance(
      String address, int at, String host, int port, boolean instance, String protocol) {
    assertThat(known().at(new InetSocketAddress(address, at)))
        .contains(
            new Known(
                ClusterName.outbound(host, port, ""),
                instance,
                !host.startsWith("each"),
                protocol));
  }

  @ParameterizedTest
  @CsvSource({
    "plain.test, 443, true",
    "plain.test, 444, false",
    "plain.test, 80, false",
    "narrow.test, 443, false",
    "other.test, 443, false"
  })
  void theNameOfAHandshakeMeansAServiceWithoutAnAddressWhosePortMaySpeakTls(
      String name, int port, boolean known) {
    assertThat(known().named(name, port))
        .isEqualTo(
            known
                ? Optional.of(new Known(ClusterName.outbound(name, port, ""), false, false, "TLS"))
                : Optional.empty());
    assertThat(known().byName()).isTrue();
  }

  @Test
  void whatIsWhereverItsCallersGoIsMeantByTheClosestNameOrByThePortAlone() {
    Known wide = new Known(ClusterName.outbound("*.any.test", 8443, ""), false, false, "TLS");
    Known deep = new Known(ClusterName.outbound("deep.a.any.test", 8443, ""), false, false, "TLS");
    Known port = new Known(ClusterName.outbound("*.any.test", 6380, ""), false, false, "REDIS");

    assertThat(known().named("b.any.test", 8443)).contains(wide);
    assertThat(known().named("deep.a.any.test", 8443)).contains(deep);
    assertThat(known().named("any.test", 8443)).isEmpty();
    assertThat(known().named("b.any.test", 443)).isEmpty();
    InetSocketAddress anywhere = new InetSocketAddress("192.0.2.77", 6380);
    assertThat(known().at(anywhere)).contains(port);
    assertThat(known().owner(anywhere)).as("what arrives is not for it").isEmpty();
    assertThat(known().clusters()).contains(wide.cluster(), deep.cluster(), port.cluster());
  }

  @ParameterizedTest
  @CsvSource({
    "10.96.0.7, 81",
    "10.0.0.1, 80",
    "10.0.0.99, 80",
    "10.96.0.99, 80",
    "10.96.0.98, 81",
    "192.0.2.9, 8443",
    "172.32.0.1, 80",
    "172.16.5.1, 81",
    "fd96::8, 80"
  })
  void ofOthersNothingIsKnown(String address, int port) {
    assertThat(known().at(new InetSocketAddress(address, port))).isEmpty();
  }

  private static Destinations known() {
    MeshConfig config = config(SERVICES);
    Map<String, List<String>> answers = Map.of("narrow.test", List.of("192.0.2.1"));
    return Destinations.of(config, new EndpointCatalog(config, CALLER, answers));
  }

  @ParameterizedTest
  @CsvSource({
    "'', '', '', ",
    "REGISTRY_ONLY, '', '', REGISTRY_ONLY",
    "REGISTRY_ONLY, ALLOW_ANY, '', ALLOW_ANY",
    "REGISTRY_ONLY, REGISTRY_ONLY, ALLOW_ANY, ALLOW_ANY",
    "'', ALLOW_ANY, REGISTRY_ONLY, REGISTRY_ONLY"
  })
  void theNearestSidecarSaysWhatBecomesOfTheUnknown(
      String mesh, String namespace, String own, Unknown expected) {
    MeshConfig config =
        config(
            sidecar("istio-system", "", mesh)
                + sidecar("prod", "", namespace)
                + sidecar("prod", "workloadSelector: {labels: {app: caller}},", own)
                + sidecar("prod", "workloadSelector: {labels: {app: other}},", "ALLOW_ANY")
                + sidecar("other", "", "ALLOW_ANY"));

    if (expected == null) {
      assertThat(OutboundModes.mode(config, CALLER)).isEmpty();
    } else {
      assertThat(OutboundModes.mode(config, CALLER)).contains(expected);
    }
  }

  private static String sidecar(String namespace, String selector, String mode) {
    return mode.isEmpty()
        ? ""
        : """
          apiVersion: networking.istio.io/v1
          kind: Sidecar
          metadata: {name: s%d, namespace: %s}
          spec: {%s outboundTrafficPolicy: {mode: %s}}
          ---
          """
            .formatted(selector.length(), namespace, selector, mode);
  }

  private static MeshConfig config(String text) {
    LoadResult result = ConfigLoader.load(List.of(new ConfigDocument("test", "a.yaml", text)));
    assertThat(result.accepted()).as(result.problems().toString()).isTrue();
    return result.config();
  }
}
