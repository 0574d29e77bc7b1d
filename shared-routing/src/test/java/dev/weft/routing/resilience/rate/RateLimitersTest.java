package dev.weft.routing.resilience.rate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.model.settings.RateLimit;
import dev.weft.config.model.settings.RateLimit.Scope;
import dev.weft.config.model.settings.RouteSettings;
import dev.weft.config.model.settings.RouteSettings.Match;
import dev.weft.config.problem.Place;
import dev.weft.routing.telemetry.HandTicker;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class RateLimitersTest {

  private static final Match SEARCH = new Match.Host("search.test");

  private final RateLimiters limiters = new RateLimiters(new HandTicker());

  @Test
  void whatDidNotChangeKeepsItsBuckets() {
    RateLimiter before = limiters.of(SEARCH, limit(5));

    limiters.retain(List.of(entry(SEARCH, 5)));

    assertThat(limiters.of(SEARCH, limit(5))).isSameAs(before);
  }

  @Test
  void anotherLimitBeginsAnewAndTheOldOneIsForgotten() {
    RateLimiter before = limiters.of(SEARCH, limit(5));
    limiters.of(SEARCH, limit(6));

    limiters.retain(List.of(entry(SEARCH, 6)));

    assertThat(limiters.of(SEARCH, limit(5))).isNotSameAs(before);
  }

  @Test
  void whatIsCountedIsToldByWhatIsLimited() {
    RateLimiter limiter = limiters.of(new Match.Route("prod/search#0"), limit(1));
    limiter.ask("", 0);
    limiter.ask("", 0);

    assertThat(limiters.refused()).containsExactly(java.util.Map.entry("prod/search#0", 1L));
    assertThat(limiters.keys()).containsExactly(java.util.Map.entry("prod/search#0", 1L));
  }

  private static RateLimit limit(int requests) {
    RateLimit.Key key = new RateLimit.Key.Everybody();
    return new RateLimit(requests, Duration.ofSeconds(1), requests, key, Scope.LOCAL);
  }

  private static RouteSettings entry(Match match, int requests) {
    return new RouteSettings(
        match, Optional.empty(), Optional.of(limit(requests)), Place.of("a.yaml"));
  }
}
