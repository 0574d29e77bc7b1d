package dev.weft.routing.resilience;

import dev.weft.routing.exchange.Response;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.vertx.core.http.HttpHeaders;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How long an answer asks to be left alone: {@code 429}, or gRPC's RESOURCE_EXHAUSTED in its head.
 *
 * <p>Source: Linkerd's load biaser: 5 s, or {@code Retry-After} up to 300 s.
 */
public final class Pauses {

  private static final int TOO_MANY_REQUESTS = 429;
  private static final CharSequence GRPC_STATUS = HttpHeaders.createOptimized("grpc-status");
  private static final String RESOURCE_EXHAUSTED = "8";
  private static final Duration DEFAULT = Duration.ofSeconds(5);
  private static final int MOST_SECONDS = 300;

  private Pauses() {}

  /** Zero where it does not ask. */
  public static Duration of(Response response) {
    boolean asks =
        response.status() == TOO_MANY_REQUESTS
            || RESOURCE_EXHAUSTED.equals(response.header(GRPC_STATUS));
    if (!asks) {
      return Duration.ZERO;
    }
    @Nullable String after = response.header(HttpHeaderNames.RETRY_AFTER);
    return after == null ? DEFAULT : seconds(after);
  }

  /** A date counts as no number does. */
  private static Duration seconds(String after) {
    int seconds = 0;
    for (int i = 0; i < after.length(); i++) {
      char c = after.charAt(i);
      if (c < '0' || c > '9') {
        return DEFAULT;
      }
      seconds = Math.min(MOST_SECONDS, seconds * 10 + c - '0');
    }
    return after.isEmpty() ? DEFAULT : Duration.ofSeconds(seconds);
  }
}
