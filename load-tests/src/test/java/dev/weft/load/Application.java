package dev.weft.load;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * One instance of the search service. {@code GET /bytes/N} answers N bytes, everything else the
 * bytes that came; can die and return at the same port.
 */
final class Application implements AutoCloseable {

  private static final String BYTES = "/bytes/";

  private final String version;
  private final String name;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private HttpServer server;

  Application(String version, String name) {
    this.version = version;
    this.name = name;
    this.server = listen(0);
  }

  int port() {
    return server.getAddress().getPort();
  }

  void stop() {
    server.stop(0);
  }

  void start() {
    server = listen(port());
  }

  @Override
  public void close() {
    stop();
    threads.shutdownNow();
  }

  private HttpServer listen(int port) {
    try {
      HttpServer made =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1024);
      made.setExecutor(threads);
      made.createContext("/", this::answer);
      made.start();
      return made;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      String path = exchange.getRequestURI().getPath();
      if (path.startsWith(BYTES)) {
        body = new byte[Integer.parseInt(path.substring(BYTES.length()))];
        Arrays.fill(body, (byte) 'x');
      }
      exchange.getResponseHeaders().set(Mesh.VERSION, version);
      exchange.getResponseHeaders().set(Mesh.INSTANCE, name);
      boolean bodiless = exchange.getRequestMethod().equals("HEAD") || body.length == 0;
      exchange.sendResponseHeaders(200, bodiless ? -1 : body.length);
      if (!bodiless) {
        exchange.getResponseBody().write(body);
      }
    }
  }
}
