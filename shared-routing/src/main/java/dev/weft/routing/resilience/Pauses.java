package dev.weft.routing.resilience;

import dev.weft.routing.exchange.Response;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How long an answer asks to be left alone: {@code 429}, or gRPC's RESOURCE_EXHAUSTED in its head.
 *
 * <p>Source: Linkerd's load biaser: 5 s, or {@code Retry-After} up to 300 s.
 */
public final class Pauses {

  private static final int TOO_MANY_REQUESTS = 429;
  private static final String RESOURCE_EXHAUSTED = "8";
  private static final Duration DEFAULT = Duration.ofSeconds(5);
  private static final int MOST_SECONDS = 300;

  private Pauses() {}

  /** Zero where it does not ask. */
  public static Duration of(Response response) {
    boolean asks =
        response.status() == TOO_MANY_REQUESTS
            || RESOURCE_EXHAUSTED.equals(response.headers().get("grpc-status"));
    if (!asks) {
      return Duration.ZERO;
    }
    @Nullable String after = response.headers().get("retry-after");
    if (after == null || !after.matches("\\d{1,9}")) {
      return DEFAULT;
    }
    return Duration.ofSeconds(Math.min(MOST_SECONDS, Integer.parseInt(after)));
  }
}
