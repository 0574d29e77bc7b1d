package dev.weft.routing.telemetry;

import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.exchange.Decision;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.telemetry.ExchangeObserver.Ending;
import io.vertx.core.http.HttpVersion;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is noted of one request that ended, by reference and without text: an event loop fills it,
 * others write it down.
 *
 * @param endedEpochMillis when it ended
 * @param durationNanos from its first byte to its response's last
 * @param seed from which every draw of the decision was mixed
 * @param endpoint last tried, {@code -} for none
 * @param attempts sent upstream
 * @param requestId {@code x-request-id}
 * @param userAgent as sent; never trusted
 * @param headers that configuration wants noted, in its order
 */
public record AccessEntry(
    long endedEpochMillis,
    long durationNanos,
    RequestHead head,
    HttpVersion version,
    Caller caller,
    Decision decision,
    long seed,
    String endpoint,
    int attempts,
    String configVersion,
    Optional<String> requestId,
    Optional<String> userAgent,
    List<Map.Entry<String, String>> headers,
    Ending ending) {

  /** Where it was sent; empty when the proxy answered. */
  public Optional<ClusterName> cluster() {
    return decision.action() instanceof Decision.Forward forward
        ? Optional.of(forward.cluster())
        : Optional.empty();
  }
}
