package dev.weft.routing.transport.http2;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import org.junit.jupiter.api.Test;

final class CookiesTest {

  private final MultiMap headers = HttpHeaders.headers().add("accept", "*/*");

  @Test
  void noneAndOneStayAsTheyAre() {
    assertThat(Cookies.same(headers)).isTrue();
    assertThat(Cookies.same(headers.add("Cookie", "a=1; b=2"))).isTrue();
  }

  @Test
  void severalWouldBecomeOne() {
    assertThat(Cookies.same(headers.add("Cookie", "a=1").add("cookie", "b=2"))).isFalse();
  }
}
