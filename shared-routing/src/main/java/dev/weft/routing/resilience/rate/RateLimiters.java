package dev.weft.routing.resilience.rate;

import dev.weft.config.model.settings.RateLimit;
import dev.weft.config.model.settings.RateLimit.Scope;
import dev.weft.config.model.settings.Redis;
import dev.weft.config.model.settings.RouteSettings;
import dev.weft.config.model.settings.RouteSettings.Match;
import dev.weft.routing.clock.Ticker;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/**
 * All limiters of a process by what they limit: they outlive snapshots, so that an edit of anything
 * else leaves their buckets as they are. Any thread may read; one thread at a time changes.
 */
public final class RateLimiters {

  private final Map<Limited, RateLimiter> limiters = new ConcurrentHashMap<>();
  private final Map<Redis, SharedBuckets> shared = new ConcurrentHashMap<>();
  private final Optional<Function<Redis, SharedBuckets>> opener;
  private final Map<String, Long> unansweredBefore = new ConcurrentHashMap<>(); // of those let go
  private final Ticker ticker;
  private final long seed = new SecureRandom().nextLong();

  /** A limit and the rules that it is for; compared by both. */
  private record Limited(Match match, RateLimit limit) {

    /** {@code prod/search#0}, or a service's host. */
    String name() {
      return match instanceof Match.Route route ? route.name() : ((Match.Host) match).host();
    }
  }

  /** Where limits for all proxies together are for each of them. */
  public RateLimiters(Ticker ticker) {
    this.ticker = ticker;
    this.opener = Optional.empty();
  }

  /**
   * @param opener of the buckets that a Redis keeps; asked once such a limit holds
   */
  public RateLimiters(Ticker ticker, Function<Redis, SharedBuckets> opener) {
    this.ticker = ticker;
    this.opener = Optional.of(opener);
  }

  /**
   * The limiter of these rules for all proxies; empty where it is for each, or there is no Redis.
   */
  public Optional<SharedLimiter> shared(Match match, RateLimit limit, Redis redis) {
    if (limit.scope() != Scope.REDIS || !redis.there()) {
      return Optional.empty();
    }
    return opener
        .map(open -> shared.computeIfAbsent(redis, open))
        .map(buckets -> new SharedLimiter(buckets, of(match, limit), match, limit.key()));
  }

  /** The limiter of these rules with this limit; that of before where nothing of it changed. */
  public RateLimiter of(Match match, RateLimit limit) {
    return limiters.computeIfAbsent(
        new Limited(match, limit), any -> new RateLimiter(limit, ticker.nanos(), seed));
  }

  /** Forgets those that no entry asks for any more, and lets go of a Redis that none needs. */
  public void retain(List<RouteSettings> entries, Redis redis) {
    boolean needed =
        entries.stream()
            .anyMatch(
                entry -> entry.rateLimit().filter(one -> one.scope() == Scope.REDIS).isPresent());
    for (Redis known : List.copyOf(shared.keySet())) {
      SharedBuckets left = needed && known.equals(redis) ? null : shared.remove(known);
      if (left != null) {
        left.close();
        left.unanswered().forEach((why, count) -> unansweredBefore.merge(why, count, Long::sum));
      }
    }
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

  /** Where limits for all proxies are counted: whether answers come from there. */
  public Map<String, Boolean> answers() {
    Map<String, Boolean> all = new LinkedHashMap<>();
    shared.forEach((redis, buckets) -> all.put(redis.address(), buckets.answers()));
    return all;
  }

  /** Requests that were counted by this proxy alone, since no answer came, by the reason. */
  public Map<String, Long> unanswered() {
    Map<String, Long> all = new LinkedHashMap<>(unansweredBefore);
    shared
        .values()
        .forEach(
            buckets ->
                buckets.unanswered().forEach((why, count) -> all.merge(why, count, Long::sum)));
    return all;
  }

  private Map<String, Long> by(ToLongFunction<RateLimiter> value) {
    Map<String, Long> all = new LinkedHashMap<>();
    limiters.forEach(
        (limited, limiter) -> all.merge(limited.name(), value.applyAsLong(limiter), Long::sum));
    return all;
  }
}
