package dev.weft.sidecar;

import dev.weft.testkit.trace.OtlpReceiver;

/** What {@link MeasuredMeshFixture} is configured with. */
final class MeasuredMesh {

  private MeasuredMesh() {}

  static String edge(int port, int lines) {
    return """
        apiVersion: networking.istio.io/v1
        kind: Gateway
        metadata: {name: edge, namespace: edge}
        spec:
          selector: {app: gateway}
          servers:
          - {port: {number: %1$d, name: http, protocol: HTTP}, bind: 127.0.0.1, hosts: ["*"]}
          - {port: {number: %2$d, name: tcp, protocol: TCP}, bind: 127.0.0.1, hosts: ["*"]}
        ---
        %3$s
        ---
        %4$s
        ---
        %5$s
        ---
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: lines, namespace: edge}
        spec:
          hosts: [lines.test]
          gateways: [edge]
          tcp: [{match: [{port: %2$d}], route: [{destination: {host: lines.prod.svc.cluster.local}}]}]
        """
        .formatted(port, lines, route("shop"), route("calls"), route("gone"));
  }

  private static String route(String name) {
    return """
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: %1$s, namespace: edge}
        spec:
          hosts: [%1$s.test]
          gateways: [edge]
          http: [{route: [{destination: {host: %1$s.prod.svc.cluster.local}}]}]
        """
        .formatted(name);
  }

  static String shop(int port) {
    return """
        %s
        ---
        apiVersion: security.istio.io/v1
        kind: PeerAuthentication
        metadata: {name: shop, namespace: prod}
        spec: {selector: {matchLabels: {app: shop}}, mtls: {mode: PERMISSIVE}}
        """
        .formatted(entry("shop", "HTTP", endpoint(port, "shop", SHOP)));
  }

  private static final String SHOP = "{app: shop, service.istio.io/workload-name: shop-primary}";

  static String calls(int port) {
    return entry("calls", "GRPC", endpoint(port, "shop", SHOP));
  }

  static String search(int one, int two) {
    return """
        %s
        ---
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata: {name: search, namespace: prod}
        spec:
          host: search.prod.svc.cluster.local
          subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]
        ---
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: search, namespace: prod}
        spec:
          hosts: [search.prod.svc.cluster.local]
          http:
          - retries: {attempts: 0}
            route:
            - {destination: {host: search.prod.svc.cluster.local, subset: v1}, weight: 75}
            - {destination: {host: search.prod.svc.cluster.local, subset: v2}, weight: 25}
        """
        .formatted(
            entry(
                "search",
                "HTTP",
                endpoint(one, "search", "{app: search, version: v1}")
                    + ", "
                    + endpoint(two, "search", "{app: search, version: v2}")));
  }

  static String lines(int port) {
    return """
        apiVersion: networking.istio.io/v1
        kind: ServiceEntry
        metadata: {name: lines, namespace: prod}
        spec:
          hosts: [lines.prod.svc.cluster.local]
          location: MESH_EXTERNAL
          resolution: STATIC
          ports: [{number: 7000, name: tcp, protocol: TCP}]
          endpoints: [{address: 127.0.0.1, ports: {tcp: %d}, labels: {app: lines, version: v3}}]
        """
        .formatted(port);
  }

  static String gone() {
    return entry("gone", "HTTP", "");
  }

  private static String entry(String name, String protocol, String endpoints) {
    return """
        apiVersion: networking.istio.io/v1
        kind: ServiceEntry
        metadata: {name: %1$s, namespace: prod}
        spec:
          hosts: [%1$s.prod.svc.cluster.local]
          location: MESH_INTERNAL
          resolution: STATIC
          ports: [{number: 80, name: main, protocol: %2$s}]
          endpoints: [%3$s]
        """
        .formatted(name, protocol, endpoints);
  }

  private static String endpoint(int port, String account, String labels) {
    return "{address: 127.0.0.1, ports: {main: %d}, serviceAccount: %s, labels: %s}"
        .formatted(port, account, labels);
  }

  /** Nothing is sampled but what somebody before decided. */
  static String traces(OtlpReceiver collector) {
    return """
        apiVersion: telemetry.istio.io/v1
        kind: Telemetry
        metadata: {name: mesh, namespace: istio-system}
        spec: {tracing: [{providers: [{name: told}], randomSamplingPercentage: 0}]}
        ---
        """
        + collector.configuration();
  }
}
