package dev.weft.cli.admin;

import dev.weft.routing.process.HostPort;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The admin port of a proxy or control plane that runs. Each question takes five seconds at most,
 * and blocks.
 */
public final class AdminPort {

  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private static final int NO_PAGE = 404;

  private final HostPort at;
  private final String below; // what every page's path begins with
  private final String what;
  private final String nobody;
  private final HttpClient client;

  /**
   * @param what is there: {@code proxy}, {@code control plane}
   * @param instead what a user may do where nobody answers
   */
  public AdminPort(HostPort at, String what, String instead) {
    this(
        at,
        "",
        what,
        "no " + what + " answers on " + at + " (" + instead + ")",
        HttpClient.newBuilder().connectTimeout(PATIENCE).build());
  }

  private AdminPort(HostPort at, String below, String what, String nobody, HttpClient client) {
    this.at = at;
    this.below = below;
    this.what = what;
    this.nobody = nobody;
    this.client = client;
  }

  public HostPort at() {
    return at;
  }

  /**
   * The admin port of a proxy, by way of the control plane that answers here.
   *
   * @param stream of the proxy, as {@code /proxies} tells it
   */
  AdminPort proxy(long stream) {
    return new AdminPort(at, "/proxies/" + stream, "proxy", nobody, client);
  }

  /** A page that is an object; empty where there is no such page, or nobody to tell it. */
  Optional<JsonObject> find(String page) throws InterruptedException {
    try {
      return Optional.of(json(page));
    } catch (IOException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** A value for a page's query. */
  public static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  /**
   * A page.
   *
   * @throws IOException where nobody answers
   * @throws IllegalArgumentException with its own sentence, where it cannot make sense of the
   *     question
   */
  public String text(String page) throws IOException, InterruptedException {
    HttpResponse<String> answer = ask(request(page).timeout(PATIENCE), BodyHandlers.ofString());
    return good(answer.statusCode(), answer.body()) ? answer.body() : "";
  }

  /** A page that is an object, see {@link #text}. */
  public JsonObject json(String page) throws IOException, InterruptedException {
    try {
      return new JsonObject(text(page));
    } catch (DecodeException e) {
      throw new IllegalArgumentException(at + " is no admin port of Weft", e);
    }
  }

  /** Likewise, of a page that has a field; what has it not is no admin port. */
  public JsonObject json(String page, String field) throws IOException, InterruptedException {
    return having(json(page), field);
  }

  private JsonObject having(JsonObject answer, String field) {
    if (!answer.containsKey(field)) {
      throw new IllegalArgumentException(at + " is no admin port of Weft");
    }
    return answer;
  }

  /** What becomes of a change that is asked for, an object with a field, see {@link #text}. */
  public JsonObject post(String page, String field) throws IOException, InterruptedException {
    HttpRequest.Builder request =
        request(page)
            .timeout(PATIENCE.multipliedBy(6))
            .header("x-weft-admin", "1")
            .POST(HttpRequest.BodyPublishers.noBody());
    HttpResponse<String> answer = ask(request, BodyHandlers.ofString());
    try {
      return having(
          new JsonObject(good(answer.statusCode(), answer.body()) ? answer.body() : "{}"), field);
    } catch (DecodeException e) {
      throw new IllegalArgumentException(at + " is no admin port of Weft", e);
    }
  }

  /**
   * A page's lines as they come, for as long as it goes on, see {@link #text}.
   *
   * @return to be closed
   */
  public Stream<String> lines(String page) throws IOException, InterruptedException {
    HttpResponse<Stream<String>> answer = ask(request(page), BodyHandlers.ofLines());
    if (answer.statusCode() != 200) {
      try (Stream<String> body = answer.body()) {
        good(answer.statusCode(), body.reduce("", String::concat));
      }
    }
    return answer.body();
  }

  /** Where a page is; no other port has the same. */
  public String address(String page) {
    return "http://" + at + below + page;
  }

  private HttpRequest.Builder request(String page) {
    return HttpRequest.newBuilder(URI.create(address(page)));
  }

  private <T> HttpResponse<T> ask(HttpRequest.Builder request, HttpResponse.BodyHandler<T> body)
      throws IOException, InterruptedException {
    try {
      return client.send(request.build(), body);
    } catch (IOException e) {
      throw new IOException(nobody, e);
    }
  }

  private boolean good(int status, String body) {
    if (status == 200) {
      return true;
    }
    String sentence;
    try {
      String told = new JsonObject(body).getString("error", "status " + status);
      sentence = status == NO_PAGE ? at + " is no " + what + ": " + told : told;
    } catch (DecodeException | ClassCastException e) {
      sentence = at + " is no admin port of Weft (status " + status + ")";
    }
    throw new IllegalArgumentException(sentence);
  }
}
