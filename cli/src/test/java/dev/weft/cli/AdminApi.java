package dev.weft.cli;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** What a proxy's process tells on its admin port. */
final class AdminApi {

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final int port;
  private final HttpClient client = HttpClient.newHttpClient();

  AdminApi(int port) {
    this.port = port;
  }

  String address() {
    return "127.0.0.1:" + port;
  }

  /** Status and body. */
  String get(String path) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://" + address() + path)).timeout(PATIENCE).build();
    HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
    return answer.statusCode() + " " + answer.body();
  }
}
