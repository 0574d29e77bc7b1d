package dev.weft.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.cli.Launched.Run;
import dev.weft.testkit.FreePorts;
import dev.weft.testkit.Tools;
import dev.weft.testkit.kube.KubeApiServer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** A gateway whose port is taken is told where its owner looks, and so is that it is free. */
@Timeout(300)
@EnabledIf(value = "canStart", disabledReason = "needs the built API server, or go and curl")
final class GatewayStatusIT {

  private static final int MOST_TRIES = 60; // of a command
  private static final int MOST_LOOKS = 1_000;

  @TempDir private Path folder;

  private KubeApiServer kube;

  static boolean canStart() {
    return Tools.there(KubeApiServer.missing().stream());
  }

  @BeforeEach
  void open() {
    kube = KubeApiServer.start();
  }

  @AfterEach
  void close() {
    kube.close();
  }

  @Test
  void aTakenPortIsToldUntilItIsFree() throws Exception {
    int control = FreePorts.next();
    int admin = FreePorts.next();
    String token = token();
    ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    try (Launched plane = control(control, admin)) {
      int taken = other.getLocalPort();
      apply(taken);
      plane.says("configuration published");
      try (Launched gateway = gateway(control, token)) {
        String trouble =
            "Gateway default/web cannot listen on 127.0.0.1:"
                + taken
                + ": Address already in use (another process has that port; choose another one, or"
                + " end it)";
        doctorSays(admin, "(gateway): " + trouble);
        gateway.says("cannot listen");
        statusIs("applied v1; " + trouble);
        eventIs("GatewayNotReady", "Warning " + trouble);

        other.close();

        gateway.says("all ports are open now");
        doctorSaysNoMore(admin, trouble);
        statusIs("applied v1");
        eventIs("GatewayReady", "Normal all Gateways of it are served");
        assertThat(events("reason=ConfigApplied")).hasSize(1); // which it was all the while
        assertThat(plane.said())
            .contains("gateway: " + trouble)
            .contains("all that did not work works")
            .doesNotContain("refused version");
      }
    } finally {
      other.close();
    }
  }

  private void doctorSays(int admin, String words) throws Exception {
    String seen = "";
    for (int i = 0; i < MOST_TRIES && !seen.contains(words); i++) {
      seen = doctor(admin).output();
    }
    assertThat(seen).contains("[ok]   default/gateway: 1 proxy runs version").contains(words);
  }

  private void doctorSaysNoMore(int admin, String words) throws Exception {
    String seen = words;
    for (int i = 0; i < MOST_TRIES && seen.contains(words); i++) {
      seen = doctor(admin).output();
    }
    assertThat(seen).contains("[ok]   default/gateway: 1 proxy runs version").doesNotContain(words);
  }

  private void statusIs(String wanted) {
    until(
        wanted,
        () ->
            kube.kubectl(
                "get",
                "configmap",
                "edge",
                "-o",
                "jsonpath={.metadata.annotations.weft\\.dev/status}"));
  }

  private void eventIs(String reason, String wanted) {
    until(List.of(wanted), () -> events("reason=" + reason));
  }

  /** Each try is a call of kubectl. */
  private static <T> void until(T wanted, Supplier<T> look) {
    T seen = look.get();
    for (int i = 0; i < MOST_LOOKS && !seen.equals(wanted); i++) {
      seen = look.get();
    }
    assertThat(seen).isEqualTo(wanted);
  }

  private List<String> events(String selector) {
    return kube.kubectl(
            "get",
            "events",
            "--field-selector=involvedObject.name=edge," + selector,
            "-o",
            "jsonpath={range .items[*]}{.type} {.message}{'\\n'}{end}")
        .lines()
        .toList();
  }

  private Run doctor(int admin) throws Exception {
    String[] line = {
      "doctor", "--kubeconfig", kube.kubeconfig().toString(), "--control", String.valueOf(admin)
    };
    try (Launched launched = Launched.weft(folder, Map.of(), line)) {
      return launched.ended(90);
    }
  }

  private String token() throws Exception {
    String[] line = {
      "token", "--service-account", "default/gateway", "--ca-dir", folder.resolve("ca").toString()
    };
    try (Launched launched = Launched.weft(folder, Map.of(), line)) {
      return launched.ended(60).output();
    }
  }

  private Launched control(int port, int admin) throws Exception {
    return Launched.weft(
        folder,
        Map.of("KUBECONFIG", kube.kubeconfig().toString()),
        "control",
        "--config",
        "configmap:default?label=weft.dev/config=true",
        "--listen",
        "127.0.0.1:" + port,
        "--admin",
        String.valueOf(admin),
        "--ca-dir",
        folder.resolve("ca").toString());
  }

  private Launched gateway(int control, String token) throws Exception {
    return Launched.weft(
        folder,
        Map.of(),
        "gateway",
        "--config",
        "control:127.0.0.1:" + control,
        "--identity",
        "control:127.0.0.1:" + control,
        "--token-file",
        Files.writeString(folder.resolve("token"), token).toString(),
        "--service-account",
        "default/gateway",
        "--labels",
        "app=gateway",
        "--admin",
        "127.0.0.1:0");
  }

  private void apply(int port) throws Exception {
    String map =
        """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: edge, namespace: default, labels: {weft.dev/config: "true"}}
        data:
          edge.yaml: |
            apiVersion: networking.istio.io/v1
            kind: Gateway
            metadata: {name: web}
            spec:
              selector: {app: gateway}
              servers:
              - {port: {number: %d, name: http, protocol: HTTP}, bind: 127.0.0.1, hosts: ['*']}
        """
            .formatted(port);
    kube.kubectl("apply", "-f", Files.writeString(folder.resolve("map.yaml"), map).toString());
  }
}
