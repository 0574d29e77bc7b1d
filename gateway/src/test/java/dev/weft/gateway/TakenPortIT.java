package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.verticle.OpenPorts;
import dev.weft.testkit.FreePorts;
import dev.weft.testkit.LogLines;
import dev.weft.testkit.RawHttp;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A port that another process has is opened as soon as that process is gone. */
final class TakenPortIT extends GatewayFixture {

  private static final String GET =
      "GET / HTTP/1.1\r\nHost: shop.test\r\nConnection: close\r\n\r\n";
  private static final int TRIES = 600; // 50 ms each

  private LogLines told;

  @BeforeEach
  void listen() {
    told = new LogLines(OpenPorts.class);
  }

  @AfterEach
  void listenNoMore() {
    told.close();
  }

  @Test
  void itIsTriedAgainUntilItIsFree() throws Exception {
    gatewayOfServers(answering("before"), ports(port));

    int taken;
    try (ServerSocket other =
        new ServerSocket(FreePorts.next(), 1, InetAddress.getLoopbackAddress())) {
      taken = other.getLocalPort();
      write("rules.yaml", answering("after"));
      write("entry1.yaml", ports(port, taken));
      until(() -> answered(port).endsWith("after"));
      until(() -> !told.lines().isEmpty());
      write("rules.yaml", answering("later"));
      until(() -> answered(port).endsWith("later"));

      assertThat(told.lines())
          .singleElement()
          .asString()
          .contains("127.0.0.1:" + taken, "Address already in use", "again");
    }
    until(() -> answered(taken).endsWith("later"));
    until(() -> told.lines().contains("all ports are open now"));
  }

  private interface Wanted {
    boolean holds() throws IOException;
  }

  private void until(Wanted wanted) throws Exception {
    boolean holds = wanted.holds();
    for (int i = 0; i < TRIES && !holds; i++) {
      await(vertx.timer(50, TimeUnit.MILLISECONDS));
      holds = wanted.holds();
    }
    assertThat(holds).isTrue();
  }

  private static String answered(int port) {
    try {
      return RawHttp.exchange(port, GET);
    } catch (IOException refused) {
      return "";
    }
  }

  private static String answering(String text) {
    return rules("{directResponse: {status: 200, body: {string: %s}}}".formatted(text))
        .replace("hosts: [shop.test]", "hosts: [shop.test], gateways: [edge]");
  }

  private static String ports(int... numbers) {
    StringBuilder text =
        new StringBuilder(
            """
            apiVersion: networking.istio.io/v1
            kind: Gateway
            metadata: {name: edge}
            spec:
              servers:
            """);
    for (int number : numbers) {
      text.append(
          "  - {port: {number: %d, name: http-%d, protocol: HTTP},".formatted(number, number));
      text.append(" bind: 127.0.0.1, hosts: [shop.test]}\n");
    }
    return text.toString();
  }
}
