package dev.weft.routing.stage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.model.HttpRoute.CorsPolicy;
import dev.weft.config.model.StringMatch;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.exchange.Service;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class CorsStageTest extends StageFixture {

  private static final String HOME = "https://shop.test";

  @Test
  void aPreflightOfAnAllowedOriginIsAnsweredHere() {
    Response answer =
        stage(true)
            .apply(
                exchange(
                    "OPTIONS",
                    get().request().body(),
                    "origin",
                    HOME,
                    "access-control-request-method",
                    "PUT"),
                backend)
            .result();

    assertThat(served).isEmpty();
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.headers().get("access-control-allow-origin")).isEqualTo(HOME);
    assertThat(answer.headers().get("access-control-allow-methods")).isEqualTo("GET,PUT");
    assertThat(answer.headers().get("access-control-allow-headers")).isEqualTo("x-a");
    assertThat(answer.headers().get("access-control-max-age")).isEqualTo("60");
    assertThat(answer.headers().get("access-control-allow-credentials")).isEqualTo("true");
  }

  @Test
  void aPreflightOfAnotherOriginGoesOnOrIsRefusedAsThePolicySays() {
    String[] foreign = {"origin", "https://evil.test", "access-control-request-method", "PUT"};

    Response forwarded =
        stage(true).apply(exchange("OPTIONS", get().request().body(), foreign), backend).result();
    Response refused =
        stage(false).apply(exchange("OPTIONS", get().request().body(), foreign), backend).result();

    assertThat(served).hasSize(1);
    assertThat(forwarded.headers().contains("access-control-allow-origin")).isFalse();
    assertThat(refused.status()).isEqualTo(403);
  }

  @Test
  void anAnswerIsMarkedForAllowedOriginsOnly() {
    Response own = stage(true).apply(get("origin", HOME), backend).result();
    Response foreign = stage(true).apply(get("origin", "https://evil.test"), backend).result();
    Response none = stage(true).apply(get(), backend).result();

    assertThat(own.headers().get("access-control-allow-origin")).isEqualTo(HOME);
    assertThat(own.headers().get("access-control-expose-headers")).isEqualTo("x-b");
    assertThat(own.headers().get("vary")).isEqualToIgnoringCase("origin");
    assertThat(foreign.headers().contains("access-control-allow-origin")).isFalse();
    assertThat(none.headers().contains("access-control-allow-origin")).isFalse();
    assertThat(served).hasSize(3);
  }

  @Test
  void aRefusalOfTheProxysOwnCanBeReadByAllowedOriginsOnly() {
    Service refusing =
        asked ->
            Future.failedFuture(
                new ProxyFailure(Cause.BAD_API_KEY, "no", Map.of("www-authenticate", "x")));

    ProxyFailure own = failure(stage(true).apply(get("origin", HOME), refusing));
    ProxyFailure foreign = failure(stage(true).apply(get("origin", "https://e.test"), refusing));

    assertThat(own.reason()).isEqualTo(Cause.BAD_API_KEY);
    assertThat(own.headers())
        .containsEntry("www-authenticate", "x")
        .containsEntry("access-control-allow-origin", HOME)
        .containsEntry("access-control-allow-credentials", "true")
        .containsEntry("vary", "origin");
    assertThat(foreign.headers()).containsOnlyKeys("www-authenticate");
  }

  @Test
  void twoWithTheSamePolicyAreAsOne() {
    CorsStage one = stage(true);

    Response answer = one.apply(get("origin", HOME), asked -> one.apply(asked, backend)).result();

    assertThat(answer.headers().getAll("vary")).hasSize(1);
    assertThat(answer.headers().getAll("access-control-allow-origin")).containsExactly(HOME);
  }

  private static CorsStage stage(boolean forwardUnmatched) {
    return new CorsStage(
        new CorsPolicy(
            List.of(new StringMatch.Exact(HOME)),
            List.of("GET", "PUT"),
            List.of("x-a"),
            List.of("x-b"),
            Optional.of(Duration.ofSeconds(60)),
            true,
            forwardUnmatched));
  }
}
