package dev.weft.cli.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.weft.routing.process.HostPort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whoever answers on a port that was meant to be a proxy's. */
final class AdminPortTest {

  private HttpServer server;
  private String body = "";

  @BeforeEach
  void open() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1);
    server.createContext(
        "/",
        exchange -> {
          byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void close() {
    server.stop(0);
  }

  private AdminPort port() {
    return new AdminPort(
        new HostPort("127.0.0.1", server.getAddress().getPort()), "proxy", "--admin");
  }

  @Test
  void aPageThatHasItsFieldIsTold() throws Exception {
    body = "{\"versions\": []}";

    assertThat(port().json("/config/history", "versions").getJsonArray("versions")).isEmpty();
  }

  @Test
  void jsonOfSomebodyElseIsNoAdminPort() {
    body = "{\"path\": \"/\"}";

    assertThatThrownBy(() -> port().json("/config/history", "versions"))
        .hasMessage(port().at() + " is no admin port of Weft");
    assertThatThrownBy(() -> port().post("/config/rollback", "sources"))
        .hasMessage(port().at() + " is no admin port of Weft");
  }

  @Test
  void aPageThatIsNoJsonIsNoAdminPort() {
    body = "<html>";

    assertThatThrownBy(() -> port().json("/config/history", "versions"))
        .hasMessage(port().at() + " is no admin port of Weft");
    assertThatThrownBy(() -> port().post("/config/rollback", "sources"))
        .hasMessage(port().at() + " is no admin port of Weft");
  }
}
