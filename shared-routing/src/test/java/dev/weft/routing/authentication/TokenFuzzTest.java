package dev.weft.routing.authentication;

import static dev.weft.routing.authentication.TokenFixture.RSA;
import static dev.weft.routing.authentication.TokenFixture.claims;
import static dev.weft.routing.authentication.TokenFixture.compiled;
import static dev.weft.routing.authentication.TokenFixture.head;
import static dev.weft.routing.authentication.TokenFixture.rule;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.token.TestKey;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Whatever stands where a token may stand, it is answered, and counts only as it was signed. */
final class TokenFuzzTest {

  private static final Authentication TOKENS =
      compiled(rule(", fromCookies: [a], fromParams: [b]"));
  private static final String GOOD = RSA.token("RS256", claims(",\"exp\":9000000000"));
  private static final String[] PIECES = {
    ".",
    "..",
    "=",
    "%",
    "\u0000",
    " ",
    "\"",
    "{}",
    "e30",
    "bnVsbA",
    "eyJhbGciOiJub25lIn0",
    "-",
    "_",
    "\u00e9",
    "\ud83d",
    "AAAA",
    "{\"alg\":\"HS256\"}",
    "1e999",
    "[[[[",
    "\n"
  };

  private final TokenFixture fixture = new TokenFixture();

  @Property(tries = 3000)
  void noTokenThatWasChangedCounts(@ForAll long seed) {
    Random random = new Random(seed);
    String token = changed(GOOD, random);

    Answer answer = TOKENS.of(head("b=" + token), fixture.loop);
    String line = token.replaceAll("[\\x00-\\x1f\\x7f]", ""); // no server reads these in a header
    Answer other = TOKENS.of(head("", "cookie", "a=" + line), fixture.loop);

    for (Answer one : new Answer[] {answer, other}) {
      assertThat(one).isNotInstanceOf(Answer.Waits.class);
      if (one instanceof Answer.Known known) {
        assertThat(known.token().principal()).isEqualTo("https://issuer.test/alice");
      }
    }
  }

  @Property(tries = 1500)
  void whateverAKeySignsIsAnswered(@ForAll long seed) {
    Random random = new Random(seed);
    String header = changed("{\"alg\":\"RS256\",\"kid\":\"rsa\"}", random);
    String payload = changed(claims(",\"exp\":9000000000,\"aud\":[\"a\"]"), random);
    String token = TestKey.encoded(header) + "." + TestKey.encoded(payload) + ".AAAA";

    assertThat(TOKENS.of(head("b=" + token), fixture.loop)).isInstanceOf(Answer.Bad.class);
  }

  private static String changed(String text, Random random) {
    StringBuilder all = new StringBuilder(text);
    for (int i = random.nextInt(4); i >= 0 && all.length() > 0; i--) {
      int at = random.nextInt(all.length());
      switch (random.nextInt(4)) {
        case 0 -> all.insert(at, PIECES[random.nextInt(PIECES.length)]);
        case 1 -> all.deleteCharAt(at);
        case 2 -> all.setCharAt(at, (char) random.nextInt(128));
        default -> all.delete(at, Math.min(all.length(), at + random.nextInt(40)));
      }
    }
    return all.toString();
  }
}
