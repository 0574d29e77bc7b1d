package dev.weft.routing.stage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.model.TrafficPolicy.CookieAttribute;
import dev.weft.config.model.TrafficPolicy.HashKey;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.LocalResponse;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class HashKeysTest extends StageFixture {

  private static final HashKey COOKIE =
      new HashKey.Cookie("sticky", "/shop", Optional.of(Duration.ofHours(1)), List.of());

  @Test
  void theSameHeaderGivesTheSameHashAndAnotherOneAnother() {
    HashKey key = new HashKey.Header("x-user");

    assertThat(HashKeys.of(key, get("X-User", "ann")))
        .isEqualTo(HashKeys.of(key, get("x-user", "ann")));
    assertThat(HashKeys.of(key, get("x-user", "ann")))
        .isNotEqualTo(HashKeys.of(key, get("x-user", "bob")));
    assertThat(HashKeys.of(key, get())).isEmpty();
  }

  @Test
  void aQueryParameterIsAKey() {
    assertThat(HashKeys.of(new HashKey.QueryParameter("q"), get())).isPresent();
    assertThat(HashKeys.of(new HashKey.QueryParameter("other"), get())).isEmpty();
  }

  @Test
  void theAddressOfTheCallerIsAKey() {
    assertThat(HashKeys.of(new HashKey.SourceIp(), get()))
        .isEqualTo(HashKeys.of(new HashKey.SourceIp(), get()));
    assertThat(HashKeys.of(new HashKey.SourceIp(), get())).isPresent();
  }

  @Test
  void aCookieAmongOthersIsAKey() {
    Exchange exchange = get("cookie", "a=1; sticky=ann; b=2");

    assertThat(HashKeys.of(COOKIE, exchange))
        .isPresent()
        .isEqualTo(HashKeys.of(COOKIE, get("cookie", "sticky=ann")));
  }

  @Test
  void aCallerWithoutTheCookieGetsOneThatLeadsToWhereItWas() {
    Exchange first = get();
    LocalResponse answer = new LocalResponse(200, Buffer.buffer());

    HashKeys.remember(COOKIE, first, answer);
    String given = answer.headers().get("set-cookie");
    Exchange second = get("cookie", given.substring(0, given.indexOf(';')));

    assertThat(given).matches("sticky=[0-9a-f]+; Path=/shop; Max-Age=3600; HttpOnly");
    assertThat(HashKeys.of(COOKIE, first)).isPresent().isEqualTo(HashKeys.of(COOKIE, second));
    HashKeys.remember(COOKIE, second, answer);
    assertThat(answer.headers().getAll("set-cookie")).as("it has one now").hasSize(1);
  }

  @Test
  void aCookieOfNoTimeIsOfTheSessionAndOneWithoutATimeIsNotMade() {
    LocalResponse answer = new LocalResponse(200, Buffer.buffer());
    HashKey session = new HashKey.Cookie("sticky", "", Optional.of(Duration.ZERO), List.of());
    HashKey theirs = new HashKey.Cookie("sticky", "", Optional.empty(), List.of());

    HashKeys.remember(session, get(), answer);
    HashKeys.remember(theirs, get(), answer);

    assertThat(answer.headers().getAll("set-cookie"))
        .singleElement()
        .asString()
        .matches("sticky=[0-9a-f]+; Path=/; HttpOnly");
    assertThat(HashKeys.of(theirs, get())).isEmpty();
  }

  @Test
  void aCookieIsMadeWithItsAttributes() {
    LocalResponse answer = new LocalResponse(200, Buffer.buffer());
    HashKey key =
        new HashKey.Cookie(
            "sticky",
            "",
            Optional.of(Duration.ZERO),
            List.of(
                new CookieAttribute("SameSite", "Strict"), new CookieAttribute("httponly", "")));

    HashKeys.remember(key, get(), answer);

    assertThat(answer.headers().get("set-cookie"))
        .matches("sticky=[0-9a-f]+; Path=/; SameSite=Strict; httponly");
  }
}
