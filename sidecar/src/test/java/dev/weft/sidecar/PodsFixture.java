package dev.weft.sidecar;

import dev.weft.testkit.net.PodNetwork;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two pods whose connections sidecars take, made anew for each test. A class that extends it says
 * itself that it is enabled if this is {@code possible}: JUnit's conditions are not inherited.
 */
@Timeout(240)
abstract class PodsFixture {

  /** What nothing is known of is refused. */
  static final String REGISTRY_ONLY =
      """
      ---
      apiVersion: networking.istio.io/v1
      kind: Sidecar
      metadata: {name: default}
      spec: {outboundTrafficPolicy: {mode: REGISTRY_ONLY}}
      """;

  /** Workloads take plaintext, too. */
  static final String PERMISSIVE =
      """
      ---
      apiVersion: security.istio.io/v1
      kind: PeerAuthentication
      metadata: {name: default}
      spec: {mtls: {mode: PERMISSIVE}}
      """;

  @TempDir Path folder;

  InterceptedPair pods;
  InterceptedPod own;
  InterceptedPod other;

  static boolean possible() {
    return PodNetwork.missing().isEmpty();
  }

  /** {@code shop.test}, a workload of the mesh in the other pod. */
  static String shop(String ports) {
    return """
        ---
        apiVersion: networking.istio.io/v1
        kind: ServiceEntry
        metadata: {name: shop}
        spec:
          hosts: [shop.test]
          resolution: STATIC
          location: MESH_INTERNAL
          ports: [%s]
          endpoints: [{address: 10.77.0.2, serviceAccount: shop, labels: {app: shop}}]
        """
        .formatted(ports);
  }

  /** It takes mTLS alone, but at ports of which something else is said. */
  static String strictBut(String ports) {
    return """
        ---
        apiVersion: security.istio.io/v1
        kind: PeerAuthentication
        metadata: {name: shop}
        spec:
          selector: {matchLabels: {app: shop}}
          mtls: {mode: STRICT}
          portLevelMtls: {%s}
        """
        .formatted(ports);
  }

  @BeforeEach
  void open() throws IOException {
    pods = new InterceptedPair(folder);
    own = pods.own();
    other = pods.other();
  }

  @AfterEach
  void close() {
    pods.close();
  }
}
