package dev.weft.cli.history;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.weft.routing.process.ProxyCommand;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What files would change, against what a process says that it serves. */
final class DiffCommandTest {

  private static final String SERVICE =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: search, namespace: prod}
      spec: {ports: [{port: 80}]}
      """;

  @TempDir private Path folder;

  private final StringWriter told = new StringWriter();
  private String source = "";
  private HttpServer server;

  @BeforeEach
  void open() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1);
    page("/config", "{\"version\":\"7\",\"sources\":[\"%s\"]}");
    page("/config/resources", "{\"version\":7,\"resources\":[]}");
    server.start();
    Files.writeString(folder.resolve("search.yaml"), SERVICE);
  }

  @AfterEach
  void close() {
    server.stop(0);
  }

  private void page(String path, String body) {
    server.createContext(
        path,
        exchange -> {
          byte[] bytes = body.formatted(source).getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
  }

  private int diff() {
    CommandLine line = ProxyCommand.line(new ConfigCommand());
    line.setOut(new PrintWriter(told, true)).setErr(new PrintWriter(told, true));
    return line.execute("diff", folder.toString(), "--admin", at());
  }

  private String at() {
    return "127.0.0.1:" + server.getAddress().getPort();
  }

  @Test
  void whatIsNotThereYetWouldBeAdded() {
    source = "dir:/etc/weft";

    int code = diff();

    assertThat(told.toString())
        .contains("+ Service prod/search", "1 resource would change against version 7");
    assertThat(code).isEqualTo(1);
  }

  @Test
  void whatIsStreamedIsNotComparedWithNothing() {
    source = "control:10.0.0.1:15012";

    int code = diff();

    assertThat(told.toString())
        .isEqualToIgnoringNewLines(
            "weft: what "
                + at()
                + " serves comes from control:10.0.0.1:15012"
                + " (--admin of that control plane compares)");
    assertThat(code).isEqualTo(1);
  }
}
