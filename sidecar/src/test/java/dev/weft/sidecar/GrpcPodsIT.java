package dev.weft.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
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

  private static final Path TCPDUMP = Path.of("/usr/bin/tcpdump");
  private static final int ROUNDS = 300;
  private static final String PORT = "9090";
  private static final String IN_PLAINTEXT = "grpc.testing.TestService"; // of a call's path
  private static final String IN_TLS = "\u0017\u0003\u0003"; // how a record of data begins
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
    return possible() && Files.isExecutable(TCPDUMP);
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
    Path within = captured("lo");
    Path wire = captured("eth0");

    assertThat(own.program(grpc("call", "10.96.0.9", PORT)).lines())
        .containsExactlyElementsOf(ALL_HELD);

    until(within, IN_PLAINTEXT);
    until(wire, IN_TLS);
    assertThat(Files.size(wire)).as("large_unary alone, both ways").isGreaterThan(500_000);
    assertThat(text(wire)).doesNotContain(IN_PLAINTEXT);
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

  /** All that a device of the caller's pod carries from now on, packet by packet. */
  private Path captured(String device) throws Exception {
    Path packets = folder.resolve(device + ".pcap");
    Path said =
        own.start(
            "tcpdump",
            TCPDUMP.toString(),
            "--immediate-mode",
            "-U",
            "-Z",
            "root",
            "-i",
            device,
            "-w",
            packets.toString(),
            "tcp");
    until(said, "listening on");
    return packets;
  }

  private void until(Path file, String wanted) throws Exception {
    for (int i = 0; i < ROUNDS && !text(file).contains(wanted); i++) {
      own.program("sleep", "0.1");
    }
    assertThat(text(file).contains(wanted)).as("%s in %s", wanted, file).isTrue();
  }

  /** As bytes. */
  private static String text(Path file) throws IOException {
    return Files.exists(file) ? Files.readString(file, StandardCharsets.ISO_8859_1) : "";
  }
}
