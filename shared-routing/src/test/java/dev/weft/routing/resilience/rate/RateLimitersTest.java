package dev.weft.routing.resilience.rate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.model.settings.RateLimit;
import dev.weft.config.model.settings.RateLimit.Scope;
import dev.weft.config.model.settings.Redis;
import dev.weft.config.model.settings.RouteSettings;
import dev.weft.config.model.settings.RouteSettings.Match;
import dev.weft.config.model.settings.edge.EdgePolicy;
import dev.weft.config.problem.Place;
import dev.weft.routing.clock.HandTimers;
import dev.weft.routing.exchange.Exchange.Loop;
import dev.weft.routing.resilience.rate.RateLimiter.Verdict;
import dev.weft.routing.resilience.rate.SharedBuckets.Taken;
import dev.weft.routing.telemetry.HandTicker;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class RateLimitersTest {

  private static final Match SEARCH = new Match.Host("search.test");

  private static final Redis REDIS = new Redis("redis://redis.test", "", "", Redis.TIMEOUT);
  private static final HandTimers TIME = new HandTimers();
  private static final Loop LOOP = new Loop(0, TIME, TIME);

  private final RateLimiters limiters = new RateLimiters(new HandTicker());
  private final FakeBuckets buckets = new FakeBuckets();
  private final List<Redis> opened = new ArrayList<>();
  private final RateLimiters shared =
      new RateLimiters(
          new HandTicker(),
          redis -> {
            opened.add(redis);
            return buckets;
          });

  @Test
  void whatDidNotChangeKeepsItsBuckets() {
    RateLimiter before = limiters.of(SEARCH, limit(5));

    limiters.retain(List.of(entry(SEARCH, 5)), Redis.NONE);

    assertThat(limiters.of(SEARCH, limit(5))).isSameAs(before);
  }

  @Test
  void anotherLimitBeginsAnewAndTheOldOneIsForgotten() {
    RateLimiter before = limiters.of(SEARCH, limit(5));
    limiters.of(SEARCH, limit(6));

    limiters.retain(List.of(entry(SEARCH, 6)), Redis.NONE);

    assertThat(limiters.of(SEARCH, limit(5))).isNotSameAs(before);
  }

  @Test
  void whatIsCountedIsToldByWhatIsLimited() {
    RateLimiter limiter = limiters.of(new Match.Route("prod/search#0"), limit(1));
    limiter.ask("", 0);
    limiter.ask("", 0);

    assertThat(limiters.refused()).containsExactly(Map.entry("prod/search#0", 1L));
    assertThat(limiters.keys()).containsExactly(Map.entry("prod/search#0", 1L));
  }

  @Test
  void oneForAllProxiesIsAskedForWhereARedisIsNamed() {
    assertThat(shared.shared(SEARCH, forAll(5), Redis.NONE)).isEmpty();
    assertThat(shared.shared(SEARCH, limit(5), REDIS)).as("scope local").isEmpty();
    assertThat(limiters.shared(SEARCH, forAll(5), REDIS)).as("nobody opens one").isEmpty();
    assertThat(shared.shared(SEARCH, forAll(5), REDIS)).isPresent();
    assertThat(shared.shared(SEARCH, forAll(6), REDIS)).isPresent();

    assertThat(opened).containsExactly(REDIS);
  }

  @Test
  void whatItsBucketsSayIsWhatCounts() {
    SharedLimiter limiter = shared.shared(SEARCH, forAll(4), REDIS).orElseThrow();

    buckets.says(Future.succeededFuture(new Taken(true, 250_000)));
    Verdict passes = limiter.ask("ann", LOOP).result();
    buckets.says(Future.succeededFuture(new Taken(false, 900_000)));
    Verdict refused = limiter.ask("ann", LOOP).result();

    assertThat(passes).isEqualTo(new Verdict(true, 3, 0, 250_000_000));
    assertThat(refused).isEqualTo(new Verdict(false, 0, 150_000_000, 900_000_000));
    assertThat(shared.refused()).containsExactly(Map.entry("search.test", 1L));
    assertThat(buckets.asked).allMatch(one -> one.endsWith(" 250000 1000000"));
  }

  @Test
  void withoutAnAnswerTheProxyCountsAlone() {
    SharedLimiter limiter = shared.shared(SEARCH, forAll(1), REDIS).orElseThrow();
    buckets.says(Future.failedFuture("away"));

    assertThat(limiter.ask("ann", LOOP).result().passes()).isTrue();
    assertThat(limiter.ask("ann", LOOP).result().passes()).isFalse();
    assertThat(limiter.ask("bob", LOOP).result().passes()).isTrue();
  }

  @Test
  void aBucketIsNamedByWhatIsLimitedAndNothingOfTheKeyIsShown() {
    Match rule = new Match.Route("prod/search#0");
    RateLimit byUser =
        new RateLimit(5, Duration.ofSeconds(1), 5, new RateLimit.Key.Header("x-user"), Scope.REDIS);

    shared.shared(rule, byUser, REDIS).orElseThrow().ask("secret", LOOP);
    shared.shared(SEARCH, forAll(5), REDIS).orElseThrow().ask("", LOOP);

    assertThat(buckets.asked.get(0))
        .startsWith("weft:limit:route:prod/search#0:header:x-user:")
        .doesNotContain("secret");
    assertThat(buckets.asked.get(1)).startsWith("weft:limit:host:search.test:all:");
  }

  @Test
  void aRedisThatNobodyNeedsIsLetGo() {
    shared.shared(SEARCH, forAll(5), REDIS);
    RouteSettings still =
        new RouteSettings(
            SEARCH, Optional.empty(), Optional.of(forAll(5)), EdgePolicy.NONE, Place.of("a.yaml"));

    shared.retain(List.of(still), REDIS);
    assertThat(buckets.closed).isFalse();
    assertThat(shared.answers()).containsExactly(Map.entry("redis.test:6379", true));

    shared.retain(List.of(entry(SEARCH, 5)), REDIS);
    assertThat(buckets.closed).isTrue();
    assertThat(shared.answers()).isEmpty();
  }

  private static RateLimit forAll(int requests) {
    RateLimit.Key key = new RateLimit.Key.Everybody();
    return new RateLimit(requests, Duration.ofSeconds(1), requests, key, Scope.REDIS);
  }

  private static RateLimit limit(int requests) {
    RateLimit.Key key = new RateLimit.Key.Everybody();
    return new RateLimit(requests, Duration.ofSeconds(1), requests, key, Scope.LOCAL);
  }

  private static RouteSettings entry(Match match, int requests) {
    return new RouteSettings(
        match, Optional.empty(), Optional.of(limit(requests)), EdgePolicy.NONE, Place.of("a.yaml"));
  }
}
