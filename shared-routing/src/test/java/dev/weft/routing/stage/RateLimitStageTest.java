package dev.weft.routing.stage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.model.settings.RateLimit;
import dev.weft.config.model.settings.RateLimit.Scope;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.resilience.rate.RateLimiter;
import io.vertx.core.Future;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class RateLimitStageTest extends StageFixture {

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

  private boolean passes(RateLimitStage stage, Exchange exchange) {
    return stage.apply(exchange, backend).succeeded();
  }

  private RateLimitStage stage(RateLimit.Key key) {
    RateLimit limit = new RateLimit(1, Duration.ofSeconds(10), 1, key, Scope.LOCAL);
    return new RateLimitStage(new RateLimiter(limit, time.nanos(), 1), key);
  }
}
