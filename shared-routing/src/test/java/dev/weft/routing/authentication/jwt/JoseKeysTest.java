package dev.weft.routing.authentication.jwt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.testkit.token.TestKey;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which keys of a set may sign. */
final class JoseKeysTest {

  private static final TestKey RSA = TestKey.rsa("a", 2048);
  private static final TestKey EC = TestKey.ec("a", "secp256r1");

  static Stream<Map.Entry<String, Integer>> entries() {
    return Stream.of(
        Map.entry(RSA.jwk(""), 1),
        Map.entry(RSA.nameless(), 1),
        Map.entry(RSA.jwk(",\"use\":\"sig\""), 1),
        Map.entry(RSA.jwk(",\"use\":\"enc\""), 0),
        Map.entry(RSA.jwk(",\"key_ops\":[\"verify\"]"), 1),
        Map.entry(RSA.jwk(",\"key_ops\":[\"encrypt\"]"), 0),
        Map.entry(TestKey.rsa("weak", 1024).jwk(""), 0),
        Map.entry(EC.jwk(""), 1),
        Map.entry(EC.jwk("").replace("P-256", "secp256k1"), 0),
        Map.entry(EC.jwk("").replace("P-256", "P-384"), 0),
        Map.entry(TestKey.ed25519("a").jwk(""), 1),
        Map.entry(TestKey.ed25519("a").jwk("").replace("Ed25519", "X25519"), 0),
        Map.entry("{\"kty\":\"oct\",\"k\":\"c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0\"}", 0),
        Map.entry("{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AAAA\"}", 0),
        Map.entry("{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AAAA\",\"y\":\"AAAA\"}", 0),
        Map.entry("{\"kty\":\"RSA\",\"n\":\"\",\"e\":\"AQAB\"}", 0),
        Map.entry("{\"kty\":\"RSA\"}", 0),
        Map.entry("{}", 0),
        Map.entry("7", 0),
        Map.entry("[]", 0));
  }

  @ParameterizedTest
  @MethodSource("entries")
  void aKeyThatSignsNothingIsLeftOutAndTakesNoOtherWithIt(Map.Entry<String, Integer> entry) {
    String set = TestKey.set(List.of(entry.getKey(), TestKey.ed25519("other").jwk("")));

    assertThat(JoseKeys.parse(set).size()).isEqualTo(entry.getValue() + 1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "keys",
        "[]",
        "null",
        "{}",
        "{\"keys\":{}}",
        "{\"keys\":null}",
        "{\"keys\":[]} {}",
        "{\"keys\":[],\"keys\":[]}",
        "<html></html>"
      })
  void whatIsNoSetIsRefused(String text) {
    assertThatThrownBy(() -> JoseKeys.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("no JSON with a list of keys");
  }

  @Test
  void anIssuerMayTakeAllItsKeysAway() {
    assertThat(JoseKeys.parse("{\"keys\":[]}").size()).isZero();
  }

  @Test
  void setsAreBounded() {
    List<String> many = Stream.generate(() -> "{}").limit(101).toList();

    assertThatThrownBy(() -> JoseKeys.parse(TestKey.set(many))).hasMessageStartingWith("101 keys");
    assertThatThrownBy(() -> JoseKeys.parse(" ".repeat(JoseKeys.LONGEST + 1)))
        .hasMessageStartingWith("longer than");
  }

  @Test
  void aKeySignsByTheAlgorithmThatItNamesAlone() throws Refused {
    JoseKeys keys = JoseKeys.parse(TestKey.set(List.of(RSA.jwk(",\"alg\":\"PS256\""))));

    keys.check(SignedToken.parse(RSA.token("PS256", "{}")));
    assertThatThrownBy(() -> keys.check(SignedToken.parse(RSA.token("RS256", "{}"))))
        .hasMessage(TokenFault.UNKNOWN_KEY.text());
  }

  @Test
  void aKeyWithoutANameMayHaveSignedAnything() throws Refused {
    JoseKeys keys = JoseKeys.parse(TestKey.set(List.of(RSA.nameless())));

    keys.check(SignedToken.parse(RSA.token("RS256", "{}")));
    assertThat(keys.size()).isEqualTo(1);
  }
}
