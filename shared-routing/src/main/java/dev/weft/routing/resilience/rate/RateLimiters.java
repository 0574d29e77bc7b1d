package dev.weft.routing.resilience.rate;

import dev.weft.config.model.settings.RateLimit;
import dev.weft.config.model.settings.RouteSettings;
import dev.weft.config.model.settings.RouteSettings.Match;
import dev.weft.routing.clock.Ticker;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToLongFunction;

/**
 * All limiters of a process by what they limit: they outlive snapshots, so that an edit of anything
 * else leaves their buckets as they are. Any thread may read; one thread at a time changes.
 */
public final class RateLimiters {

  private final Map<Limited, RateLimiter> limiters = new ConcurrentHashMap<>();
  private final Ticker ticker;
  private final long seed = new SecureRandom().nextLong();

  /** A limit and the rules that it is for; compared by both. */
  private record Limited(Match match, RateLimit limit) {

    /** {@code prod/search#0}, or a service's host. */
    String name() {
      return match instanceof Match.Route route ? route.name() : ((Match.Host) match).host();
    }
  }

  public RateLimiters(Ticker ticker) {
    this.ticker = ticker;
  }

  /** The limiter of these rules with this limit; that of before where nothing of it changed. */
  public RateLimiter of(Match match, RateLimit limit) {
    return limiters.computeIfAbsent(
        new Limited(match, limit), any -> new RateLimiter(limit, ticker.nanos(), seed));
  }

  /** Forgets those that no entry asks for any more. */
  public void retain(List<RouteSettings> entries) {
    limiters
        .keySet()
        .removeIf(
            known ->
                entries.stream()
                    .noneMatch(
                        entry ->
                            entry.match().equals(known.match)
                                && entry.rateLimit().equals(Optional.of(known.limit))));
  }

  /** Requests that did not pass, by what is limited. */
  public Map<String, Long> refused() {
    return by(RateLimiter::refused);
  }

  /** Keys that are known, by what is limited. */
  public Map<String, Long> keys() {
    return by(RateLimiter::keys);
  }

  private Map<String, Long> by(ToLongFunction<RateLimiter> value) {
    Map<String, Long> all = new LinkedHashMap<>();
    limiters.forEach(
        (limited, limiter) -> all.merge(limited.name(), value.applyAsLong(limiter), Long::sum));
    return all;
  }
}
