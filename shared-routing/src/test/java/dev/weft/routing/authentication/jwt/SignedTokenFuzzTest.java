package dev.weft.routing.authentication.jwt;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Whatever stands where a token may stand is refused, or taken apart without loss. */
final class SignedTokenFuzzTest {

  private static final Base64.Encoder BASE64URL = Base64.getUrlEncoder().withoutPadding();

  @FuzzTest(maxDuration = "10m")
  void aTextIsATokenOrRefused(FuzzedDataProvider data) {
    boolean encoded = data.consumeBoolean();
    String text =
        encoded
            ? text(data.consumeBytes(200)) + "." + text(data.consumeBytes(2000)) + ".AAAA"
            : data.consumeRemainingAsString();
    try {
      SignedToken token = SignedToken.parse(text);
      String signed = new String(token.signedBytes(), StandardCharsets.US_ASCII);
      assertThat(signed + "." + token.signature()).isEqualTo(text);
      assertThat(token.header().getAlgorithm().getName()).isNotEqualToIgnoringCase("none");
      assertThat(token.header().getCriticalParams()).isNull();
      String line = token.claims().line("a.b");
      assertThat(line == null ? "" : line).doesNotContain("\r").doesNotContain("\n");
      token.claims().texts("aud");
      token.claims().seconds("exp");
    } catch (Refused e) {
      assertThat(e.fault()).isNotNull();
    }
  }

  private static String text(byte[] bytes) {
    return BASE64URL.encodeToString(bytes);
  }
}
