package dev.weft.testkit.load;

import io.vertx.core.http.HttpMethod;
import java.time.Duration;

/**
 * What each request of a run asks for.
 *
 * @param bodyBytes of the request; 0 for none
 * @param patience of the client, after which it gives a request up
 */
public record Asked(HttpMethod method, String path, int bodyBytes, Duration patience) {

  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final int BODY = 32;

  public static Asked get(String path) {
    return new Asked(HttpMethod.GET, path, 0, PATIENCE);
  }

  public static Asked post(String path) {
    return new Asked(HttpMethod.POST, path, BODY, PATIENCE);
  }
}
