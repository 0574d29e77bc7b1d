package dev.weft.routing.stage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.model.settings.StickyKey;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.route.sticky.Cohorts;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class StickyCookieStageTest extends StageFixture {

  private final StickyCookieStage stage =
      new StickyCookieStage(new StickyKey.Cookie("cohort", Optional.of(Duration.ofHours(1))));

  @Test
  void aNewcomerGetsTheCookieThatHeWasDecidedBy() {
    Exchange exchange = get();

    Response response = stage.apply(exchange, backend).result();

    assertThat(response.headers().get("set-cookie"))
        .isEqualTo(
            "cohort=" + Cohorts.newcomer(exchange.seed()) + "; Path=/; Max-Age=3600; HttpOnly");
  }

  @Test
  void whoHasOneKeepsIt() {
    Response response = stage.apply(get("cookie", "a=b; cohort=1"), backend).result();

    assertThat(response.headers().contains("set-cookie")).isFalse();
  }

  @Test
  void withoutATimeItEndsWithTheSession() {
    StickyCookieStage session =
        new StickyCookieStage(new StickyKey.Cookie("cohort", Optional.empty()));

    Response response = session.apply(get(), backend).result();

    assertThat(response.headers().get("set-cookie")).endsWith("; Path=/; HttpOnly");
  }
}
