package dev.weft.routing.transport.http2;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.net.HostAndPort;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class AuthoritiesTest {

  @ParameterizedTest
  @ValueSource(strings = {"search", "Search.default.svc:80", "a_b~c", "10.0.0.1:65535", "a:4430"})
  void whatVertxWritesAsItWas(String authority) {
    assertThat(Authorities.same(authority)).isTrue();
    assertThat(HostAndPort.parseAuthority(authority, -1)).hasToString(authority);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a:", "a:080", "a:0", "a:65536", "a:443", "[::1]:80", "a%20b", "a:8x"})
  void whatItWouldWriteOtherwiseOrMay(String authority) {
    assertThat(Authorities.same(authority)).isFalse();
  }
}
