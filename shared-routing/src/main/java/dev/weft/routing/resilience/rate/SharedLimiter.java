package dev.weft.routing.resilience.rate;

import dev.weft.config.model.settings.RateLimit;
import dev.weft.config.model.settings.RouteSettings.Match;
import dev.weft.routing.exchange.Exchange.Loop;
import dev.weft.routing.resilience.rate.RateLimiter.Verdict;
import io.vertx.core.Future;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;

/**
 * Counts the requests of one limit for all proxies together. A request that gets no answer from
 * there in time is counted by this proxy alone, by the same limit: it is neither let pass nor
 * refused unseen.
 *
 * <p>Buckets are named by what is limited, by the kind of key and by a digest of the key itself, so
 * that nothing which a caller sent is kept there, and no key is longer than another.
 */
public final class SharedLimiter {

  private static final String PREFIX = "weft:limit:";
  private static final int DIGEST_BYTES = 16;
  private static final long MICROSECOND = 1000;

  private final SharedBuckets buckets;
  private final RateLimiter alone;
  private final String prefix;
  private final String everybody; // the bucket of the empty key

  SharedLimiter(SharedBuckets buckets, RateLimiter alone, Match match, RateLimit.Key key) {
    this.buckets = buckets;
    this.alone = alone;
    this.prefix = PREFIX + of(match) + ':' + of(key) + ':';
    this.everybody = prefix + digest("");
  }

  private static String of(Match match) {
    return match instanceof Match.Route route
        ? "route:" + route.name()
        : "host:" + ((Match.Host) match).host();
  }

  private static String of(RateLimit.Key key) {
    if (key instanceof RateLimit.Key.Header header) {
      return "header:" + header.name();
    }
    if (key instanceof RateLimit.Key.Identity) {
      return "identity";
    }
    return key instanceof RateLimit.Key.Address ? "address" : "all";
  }

  /**
   * Counts a request; never fails.
   *
   * @param key whose it is
   */
  public Future<Verdict> ask(String key, Loop loop) {
    return buckets
        .take(
            loop,
            key.isEmpty() ? everybody : prefix + digest(key),
            alone.intervalNanos() / MICROSECOND,
            alone.capacityNanos() / MICROSECOND)
        .transform(
            answer ->
                Future.succeededFuture(
                    answer.succeeded()
                        ? alone.counted(
                            answer.result().passes(), answer.result().fullMicros() * MICROSECOND)
                        : alone.ask(key, loop.ticker().nanos())));
  }

  private static String digest(String key) {
    try {
      byte[] all =
          MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
      return Base64.getUrlEncoder()
          .withoutPadding()
          .encodeToString(Arrays.copyOf(all, DIGEST_BYTES));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-256", e); // every JVM has it
    }
  }
}
