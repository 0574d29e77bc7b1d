package dev.weft.routing.stage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.model.settings.RateLimit;
import dev.weft.config.model.settings.RateLimit.Scope;
import dev.weft.config.model.settings.Redis;
import dev.weft.config.model.settings.RouteSettings.Match;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.resilience.rate.FakeBuckets;
import dev.weft.routing.resilience.rate.RateLimiter;
import dev.weft.routing.resilience.rate.RateLimiters;
import dev.weft.routing.resilience.rate.SharedBuckets.Taken;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class RateLimitStageTest extends StageFixture {

  private final Promise<Taken> elsewhere = Promise.promise();

  @Test
  void whatPassesTellsHowMuchIsLeft() {
    Response response = stage(new RateLimit.Key.Everybody()).apply(get(), backend).result();

    assertThat(response.headers().get("ratelimit-policy")).isEqualTo("\"default\";q=1;w=10");
    assertThat(response.headers().get("ratelimit")).isEqualTo("\"default\";r=0;t=10");
  }

  @Test
  void whatDoesNotPassIsToldWhenToComeAgain() {
    RateLimitStage stage = stage(new RateLimit.Key.Everybody());
    stage.apply(get(), backend);

    Future<Response> answer = stage.apply(get(), backend);

    ProxyFailure failure = failure(answer);
    assertThat(failure.reason()).isEqualTo(Cause.RATE_LIMITED);
    assertThat(failure).hasMessage("route default/t#0: its rate limit is used up");
    assertThat(failure.headers())
        .containsEntry("retry-after", "10")
        .containsEntry("ratelimit", "\"default\";r=0;t=10")
        .containsEntry("ratelimit-policy", "\"default\";q=1;w=10");
    assertThat(served).hasSize(1);
  }

  @Test
  void afterThatTimeItPasses() {
    RateLimitStage stage = stage(new RateLimit.Key.Everybody());
    stage.apply(get(), backend);
    time.turn(Duration.ofSeconds(10));

    assertThat(stage.apply(get(), backend).succeeded()).isTrue();
  }

  @Test
  void aHeaderTellsUsersApartAndThoseWithoutItAreOne() {
    RateLimitStage stage = stage(new RateLimit.Key.Header("x-user"));

    assertThat(passes(stage, get("x-user", "ann"))).isTrue();
    assertThat(passes(stage, get("x-user", "bob"))).isTrue();
    assertThat(passes(stage, get("x-user", "ann"))).isFalse();
    assertThat(passes(stage, get())).isTrue();
    assertThat(passes(stage, get())).isFalse();
  }

  @Test
  void anAddressTellsCallersApart() {
    RateLimitStage stage = stage(new RateLimit.Key.Address());

    assertThat(passes(stage, get())).isTrue();
    assertThat(passes(stage, get())).isFalse();
  }

  @Test
  void callersWithoutAnIdentityAreOne() {
    RateLimitStage stage = stage(new RateLimit.Key.Identity());

    assertThat(passes(stage, get())).isTrue();
    assertThat(passes(stage, get("x-user", "bob"))).isFalse();
  }

  @Test
  void oneForAllProxiesWaitsForWhatIsCountedElsewhere() {
    RateLimitStage stage = shared();

    Future<Response> first = stage.apply(get(), backend);
    assertThat(served).as("nothing is known yet").isEmpty();
    elsewhere.complete(new Taken(true, 10_000_000));

    assertThat(first.result().headers().get("ratelimit")).isEqualTo("\"default\";r=0;t=10");
    assertThat(served).hasSize(1);
  }

  @Test
  void whatIsRefusedElsewhereIsToldAsAlways() {
    Future<Response> answer = shared().apply(get(), backend);

    elsewhere.complete(new Taken(false, 8_000_000));

    assertThat(failure(answer).reason()).isEqualTo(Cause.RATE_LIMITED);
    assertThat(failure(answer).headers())
        .containsEntry("retry-after", "8")
        .containsEntry("ratelimit", "\"default\";r=0;t=8");
    assertThat(served).isEmpty();
  }

  @Test
  void whoLeavesMeanwhileIsNotServed() {
    Exchange exchange = get();
    Future<Response> answer = shared().apply(exchange, backend);

    exchange.cancel(new ProxyFailure(Cause.CLIENT_GONE, "the caller went away"));
    elsewhere.complete(new Taken(true, 1));

    assertThat(failure(answer).reason()).isEqualTo(Cause.CLIENT_GONE);
    assertThat(served).isEmpty();
  }

  /** One in ten seconds, counted where {@link #elsewhere} says. */
  private RateLimitStage shared() {
    RateLimit.Key key = new RateLimit.Key.Everybody();
    RateLimit limit = new RateLimit(1, Duration.ofSeconds(10), 1, key, Scope.REDIS);
    Match match = new Match.Host("shop.test");
    RateLimiters limiters =
        new RateLimiters(time, redis -> new FakeBuckets().says(elsewhere.future()));
    Redis redis = new Redis("redis://redis.test", "", "", Redis.TIMEOUT);
    return new RateLimitStage(limiters.of(match, limit), limiters.shared(match, limit, redis), key);
  }

  private boolean passes(RateLimitStage stage, Exchange exchange) {
    return stage.apply(exchange, backend).succeeded();
  }

  private RateLimitStage stage(RateLimit.Key key) {
    RateLimit limit = new RateLimit(1, Duration.ofSeconds(10), 1, key, Scope.LOCAL);
    return new RateLimitStage(new RateLimiter(limit, time.nanos(), 1), Optional.empty(), key);
  }
}
