package dev.weft.cli;

import dev.weft.routing.admin.AdminSource.Explanation;
import dev.weft.routing.admin.AdminSource.Question;
import dev.weft.routing.process.HostPort;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** A proxy that runs, asked by its admin API; five seconds at most. */
final class RunningProxy {

  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final HostPort admin;
  private final HttpClient client = HttpClient.newBuilder().connectTimeout(PATIENCE).build();

  RunningProxy(HostPort admin) {
    this.admin = admin;
  }

  /**
   * What it would do with a request or a connection.
   *
   * @throws IllegalArgumentException with its own sentence, where it cannot make sense of the
   *     question
   */
  Explanation explain(Question question) throws IOException, InterruptedException {
    StringBuilder query = new StringBuilder("/explain?method=").append(encoded(question.method()));
    query.append("&url=").append(encoded(question.url()));
    question
        .headers()
        .forEach(
            header ->
                query
                    .append("&header=")
                    .append(encoded(header.getKey() + ":" + header.getValue())));
    question.serverName().ifPresent(name -> query.append("&sni=").append(encoded(name)));
    return new Explanation(
        new JsonObject(get(query + "&output=json")), get(query + "&output=text"));
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private String get(String path) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://" + admin + path)).timeout(PATIENCE).build();
    HttpResponse<String> answer;
    try {
      answer = client.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new IOException(
          "no proxy answers on "
              + admin
              + " (--admin ADDR:PORT asks another one, --config dir:PATH explains files)",
          e);
    }
    if (answer.statusCode() != 200) {
      throw new IllegalArgumentException(sentence(answer));
    }
    return answer.body();
  }

  private String sentence(HttpResponse<String> answer) {
    try {
      return new JsonObject(answer.body()).getString("error", "status " + answer.statusCode());
    } catch (DecodeException e) {
      return admin + " is no proxy's admin API (status " + answer.statusCode() + ")";
    }
  }
}
