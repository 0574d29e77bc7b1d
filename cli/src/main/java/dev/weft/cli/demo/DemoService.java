package dev.weft.cli.demo;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The applications of the demo, which know nothing of Weft: a search service that tells its
 * version, and a caller that asks it by its name through the address of its sidecar.
 */
public final class DemoService {

  private static final int THREADS = 16;
  private static final int MOST_CONNECTIONS = 512;

  private DemoService() {}

  /** {@code search PORT VERSION}, or {@code caller PORT SIDECAR-PORT HOST}. */
  public static void main(String[] args) throws IOException {
    System.setProperty("jdk.httpclient.allowRestrictedHeaders", "host");
    int port = Integer.parseInt(args[1]);
    HttpServer server =
        HttpServer.create(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), port), MOST_CONNECTIONS);
    ExecutorService workers = Executors.newFixedThreadPool(THREADS);
    server.setExecutor(workers);
    if (args[0].equals("search")) {
      server.createContext("/", exchange -> answer(exchange, 200, args[2]));
    } else {
      Caller caller = new Caller(Integer.parseInt(args[2]), args[3]);
      server.createContext("/", caller::handle);
    }
    server.start();
  }

  private static void answer(HttpExchange exchange, int status, String text) throws IOException {
    try (exchange) {
      exchange.getRequestBody().readAllBytes();
      byte[] body = text.getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("content-type", "text/plain");
      exchange.sendResponseHeaders(status, body.length);
      try (OutputStream out = exchange.getResponseBody()) {
        out.write(body);
      }
    }
  }

  /** Asks the search service through the sidecar and passes on what it said. */
  private static final class Caller {

    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final HttpClient client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(PATIENCE)
            .build();
    private final HttpRequest question;

    Caller(int sidecar, String host) {
      this.question =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + sidecar + "/find"))
              .header("host", host)
              .timeout(PATIENCE)
              .build();
    }

    void handle(HttpExchange exchange) throws IOException {
      try {
        HttpResponse<String> found = client.send(question, HttpResponse.BodyHandlers.ofString());
        answer(exchange, found.statusCode(), found.body());
      } catch (IOException e) {
        answer(exchange, 502, "no answer: " + e.getMessage());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
