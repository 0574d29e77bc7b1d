package dev.weft.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/**
 * A client and a server of gRPC in two pods whose connections sidecars take, and all packets there.
 */
@EnabledIf(value = "installed", disabledReason = "needs root, ip, iptables with IPv6 and tcpdump")
final class GrpcPodsIT extends PodsFixture {

  private static final String PORT = "9090";
  private static final String IN_PLAINTEXT = "grpc.testing.TestService"; // of a call's path
  private static final List<String> ALL_HELD =
      List.of(
          "empty_unary",
          "large_unary",
          "client_streaming",
          "server_streaming",
          "ping_pong",
          "cancel_after_first_response",
          "timeout_on_sleeping_server",
          "custom_metadata",
          "status_code_and_message");
  private static final String SERVICES =
      """
      apiVersion: networking.istio.io/v1
      kind: ServiceEntry
      metadata: {name: calls}
      spec:
        hosts: [calls.test]
        resolution: STATIC
        location: MESH_INTERNAL
        addresses: [10.96.0.9]
        ports: [{number: 9090, name: %s}]
        endpoints: [{address: 10.77.0.2, serviceAccount: shop}]
      """;

  static boolean installed() {
    return possible() && InterceptedPod.captures();
  }

  private void begin(String portName) throws Exception {
    Path said = other.start("calls", grpc("serve", PORT));
    pods.meshed(SERVICES.formatted(portName));
    until(said, "listening");
  }

  private static String[] grpc(String... line) {
    return InterceptedPod.java(GrpcProgram.class, Stream.of(line));
  }

  @Test
  void callsPassAsTheyAreAndNothingOfThemIsReadOnTheWire() throws Exception {
    begin("grpc");
    Packets packets = new Packets();

    assertThat(own.program(grpc("call", "10.96.0.9", PORT)).lines())
        .containsExactlyElementsOf(ALL_HELD);

    packets.keepWithin(IN_PLAINTEXT);
    assertThat(packets.bytesOnTheWire()).as("large_unary alone, both ways").isGreaterThan(500_000);
    assertThat(other.admin("/metrics"))
        .containsPattern(
            "istio_requests_total\\{[^}]*connection_security_policy=\"mutual_tls\"[^}]*"
                + "request_protocol=\"grpc\"[^}]*"
                + "source_principal=\"spiffe://cluster.local/ns/default/sa/caller\"");
  }

  @Test
  void callsAreKnownByTheirFirstBytesWhereNothingSaysWhatAPortSpeaks() throws Exception {
    begin("any");

    assertThat(own.program(grpc("call", "10.96.0.9", PORT)).lines())
        .containsExactlyElementsOf(ALL_HELD);
    assertThat(own.program(grpc("call", "10.77.0.2", PORT)).lines())
        .as("the instance's own address")
        .containsExactlyElementsOf(ALL_HELD);
    assertThat(other.admin("/metrics")).containsPattern("istio_requests_total\\{[^}]*grpc");
  }

  @Test
  void aKubeletAsksItsHealthWhereOnlyMutualTlsIsTaken() throws Exception {
    Path said = other.start("calls", grpc("serve", PORT));
    other.install();
    other.sidecar(
        pods.as(
            "default/shop",
            "--config",
            pods.config(SERVICES.formatted("grpc")),
            "--health",
            "0.0.0.0:15021",
            "--app-probe",
            "/app-health/all/livez=grpc://10.77.0.2:9090,/app-health/all/readyz=grpc://:9090",
            "--app-probe",
            "/app-health/ill/readyz=grpc://:9090/ill,/app-health/none/readyz=grpc://:9090/none"));
    until(said, "listening");
    String kubelet = "http://10.77.0.2:15021/app-health/";

    assertThat(own.curl("--http2-prior-knowledge", "http://10.77.0.2:9090/"))
        .as("by itself")
        .startsWith("000 ");
    assertThat(own.curl(kubelet + "all/livez")).startsWith("200 ");
    assertThat(own.curl(kubelet + "all/readyz")).startsWith("200 ");
    assertThat(own.curl(kubelet + "ill/readyz")).startsWith("503 ").contains("not SERVING");
    assertThat(own.curl(kubelet + "none/readyz")).startsWith("503 ").contains("gRPC status 5");
    assertThat(other.refused("plaintext")).isEqualTo(1);
  }
}
