package dev.weft.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.Tools;
import dev.weft.testkit.net.PodNetwork;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
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

  private static final int ROUNDS = 300;
  private static final int LONGEST_TOLD = 500;
  private static final String LAST = "end-of-what-was-captured";
  private static final String IN_TLS = "\u0017\u0003\u0003"; // how a record of data begins

  @TempDir Path folder;

  InterceptedPair pods;
  InterceptedPod own;
  InterceptedPod other;

  static boolean possible() {
    return Tools.there(PodNetwork.missing().stream())
        && Tools.installed("curl", "setpriv", InterceptedPod.PYTHON);
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

  /** Waits until a file has a text. */
  void until(Path file, String wanted) throws IOException {
    for (int i = 0; i < ROUNDS && !text(file).contains(wanted); i++) {
      own.program("sleep", "0.1");
    }
    assertThat(text(file).contains(wanted))
        .as("%s in %s: %s", wanted, file, start(text(file)))
        .isTrue();
  }

  /** All packets of the caller's pod. */
  final class Packets {

    private final Path within; // between programs and their sidecar
    private final Path wire; // between the pods

    Packets() throws Exception {
      within = own.captured("lo");
      wire = own.captured("eth0");
    }

    /**
     * Each text is seen where a program says it to its sidecar, and none of them between the pods,
     * where all is seen up to something that is said past the sidecar at the end.
     */
    void keepWithin(String... texts) throws IOException {
      for (String text : texts) {
        until(within, text);
      }
      String past = "setpriv --reuid 1337 --clear-groups curl -s -m 20 http://10.77.0.2:1/" + LAST;
      own.program("sh", "-c", past + " || true"); // an answer is not what matters
      until(wire, LAST);
      String all = text(wire);
      assertThat(all.contains(IN_TLS)).as("records of TLS").isTrue();
      for (String text : texts) {
        assertThat(all.contains(text)).as("%s between the pods", text).isFalse();
      }
    }

    long bytesOnTheWire() throws IOException {
      return Files.size(wire);
    }
  }

  private static String start(String text) {
    return text.substring(0, Math.min(text.length(), LONGEST_TOLD));
  }

  /** As bytes. */
  static String text(Path file) throws IOException {
    return Files.exists(file) ? Files.readString(file, StandardCharsets.ISO_8859_1) : "";
  }
}
