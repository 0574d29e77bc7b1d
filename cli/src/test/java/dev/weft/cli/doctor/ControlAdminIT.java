package dev.weft.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.weft.cli.doctor.Finding.Mark;
import dev.weft.routing.process.HostPort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is made of what a control plane's admin port says, over the wire. */
@Timeout(60)
final class ControlAdminIT {

  private HttpServer server;
  private HostPort at;

  @BeforeEach
  void open() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.start();
    at = new HostPort("127.0.0.1", server.getAddress().getPort());
  }

  @AfterEach
  void close() {
    server.stop(0);
  }

  @Test
  void proxiesAreToldByTheirAccounts() {
    says(
        200,
        """
        {"version":4,"proxies":[{"namespace":"prod","account":"search","address":"10.0.0.3:4444",
         "sent":4,"sentSeconds":1,"acknowledged":4,"inSync":true}]}
        """);

    assertThat(new ControlAdmin(at).proxies())
        .containsExactly(Finding.ok("prod/search: 1 proxy runs version 4"));
  }

  @Test
  void replicasAreToldTogetherWithTheirPlaces() throws IOException {
    says(200, "{\"version\":4,\"proxies\":[]}");
    HttpServer another = server;
    HostPort empty = at;
    open();
    try {
      says(
          200,
          """
          {"version":9,"proxies":[{"namespace":"prod","account":"search","address":"10.0.0.3:4444",
           "sent":9,"sentSeconds":1,"acknowledged":9,"inSync":true}]}
          """);

      assertThat(ControlAdmin.proxies(List.of(new ControlAdmin(empty), new ControlAdmin(at))))
          .containsExactly(Finding.ok(at + ": prod/search: 1 proxy runs version 9"));
      assertThat(ControlAdmin.proxies(List.of(new ControlAdmin(empty), new ControlAdmin(empty))))
          .isEqualTo(ProxyChecks.NOBODY);
    } finally {
      another.stop(0);
    }
  }

  @Test
  void whatIsNoAdminPortIsToldSo() {
    says(200, "<html>");
    assertThat(told()).isEqualTo("--control " + at + " is no control plane's admin port");
  }

  @Test
  void aRefusalIsToldWithItsStatus() {
    says(403, "{}");
    assertThat(told()).isEqualTo("--control " + at + " answers /proxies with status 403");
  }

  @Test
  void whoDoesNotAnswerIsTold() {
    server.stop(0);
    assertThat(told()).isEqualTo("--control " + at + " does not answer");
  }

  @Test
  void aCatalogueIsLookedAtWhereThereIsOne() {
    says(200, "{}"); // at another path
    assertThat(new ControlAdmin(at).catalogue(Map.of())).isEmpty();

    says("/services", 200, "{\"services\":[]}");
    assertThat(new ControlAdmin(at).catalogue(Map.of()))
        .containsExactly(Finding.ok("the catalogue has the 0 Services of the cluster"));
  }

  private String told() {
    Finding one = new ControlAdmin(at).proxies().get(0);
    assertThat(one.mark()).isEqualTo(Mark.FAIL);
    assertThat(one.hint()).contains("kubectl port-forward");
    return one.text();
  }

  private void says(int status, String body) {
    says("/proxies", status, body);
  }

  private void says(String path, int status, String body) {
    server.createContext(
        path,
        exchange -> {
          byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(status, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
  }
}
