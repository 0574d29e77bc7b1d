package dev.weft.routing.authentication;

import static dev.weft.routing.authentication.SignatureBytes.malleable;
import static dev.weft.routing.authentication.SignatureBytes.pair;
import static dev.weft.routing.authentication.TokenFixture.ED;
import static dev.weft.routing.authentication.TokenFixture.NOW;
import static dev.weft.routing.authentication.TokenFixture.P256;
import static dev.weft.routing.authentication.TokenFixture.P384;
import static dev.weft.routing.authentication.TokenFixture.P521;
import static dev.weft.routing.authentication.TokenFixture.RSA;
import static dev.weft.routing.authentication.TokenFixture.STRANGER;
import static dev.weft.routing.authentication.TokenFixture.UNKNOWN;
import static dev.weft.routing.authentication.TokenFixture.claims;
import static dev.weft.routing.authentication.TokenFixture.compiled;
import static dev.weft.routing.authentication.TokenFixture.rule;
import static dev.weft.testkit.token.TestKey.encoded;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.token.TestKey;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Tokens, well and ill made, and what is said of each; the texts are what its bearer is told. */
final class AuthenticationTest {

  private static final String GOOD = "good https://issuer.test/alice";
  private static final String MALFORMED = "token: no signed token";
  private static final String SIGNATURE = "token: a wrong signature";
  private static final String UNKNOWN_KEY = "token: signed by no key of its issuer";
  private static final String ALGORITHM = "token: an algorithm that is not taken";
  private static final String EXTENSION = "token: demands an extension that is not known";
  private static final String CLAIMS = "token: claims of a wrong type";
  private static final String ISSUER = "token: of an issuer that does not count here";
  private static final String EXPIRED = "token: expired";
  private static final String NOT_YET = "token: not valid yet";
  private static final String AUDIENCE = "token: for another audience";

  private final TokenFixture fixture = new TokenFixture();
  private final List<DynamicTest> cases = new ArrayList<>();

  private void says(String expected, String name, String token) {
    says(expected, name, "", token);
  }

  private void says(String expected, String name, String more, String token) {
    cases.add(
        DynamicTest.dynamicTest(
            cases.size() + " " + name,
            () -> assertThat(fixture.said(compiled(rule(more)), token)).isEqualTo(expected)));
  }

  private static String good() {
    return RSA.token("RS256", claims(""));
  }

  private static String header(String members) {
    return RSA.token("RS256", "{\"alg\":\"RS256\",\"kid\":\"rsa\"" + members + "}", claims(""));
  }

  private static String with(String claims) {
    return RSA.token("RS256", claims(claims));
  }

  private static String payload(String text) {
    return RSA.token("RS256", text);
  }

  @TestFactory
  Stream<DynamicTest> algorithms() {
    Map<String, TestKey> taken =
        Map.ofEntries(
            Map.entry("RS256", RSA),
            Map.entry("RS384", RSA),
            Map.entry("RS512", RSA),
            Map.entry("PS256", RSA),
            Map.entry("PS384", RSA),
            Map.entry("PS512", RSA),
            Map.entry("ES256", P256),
            Map.entry("ES384", P384),
            Map.entry("ES512", P521),
            Map.entry("EdDSA", ED),
            Map.entry("Ed25519", ED));
    taken.forEach((name, key) -> says(GOOD, name, key.token(name, claims(""))));
    List<TestKey> keys = List.of(RSA, P256, P384, P521, ED);
    for (String name : taken.keySet()) { // each key by the name of each algorithm of others
      for (TestKey key : keys) {
        if (!taken.get(name).equals(key)) {
          String header = "{\"alg\":\"" + name + "\",\"kid\":\"" + key.id() + "\"}";
          String own =
              taken.entrySet().stream()
                  .filter(e -> e.getValue().equals(key))
                  .map(Map.Entry::getKey)
                  .sorted()
                  .toList()
                  .get(0);
          says(UNKNOWN_KEY, name + " by " + key.id(), key.token(own, header, claims("")));
        }
      }
    }
    for (String other : List.of("RS384", "RS512", "PS256", "PS384", "PS512")) {
      String header = "{\"alg\":\"" + other + "\",\"kid\":\"rsa\"}";
      says(SIGNATURE, "RS256 called " + other, RSA.token("RS256", header, claims("")));
    }
    for (String none : List.of("none", "None", "NONE", "nOnE", "", "HS256 ", "RSA1_5", "ES256K")) {
      String header = "{\"alg\":\"" + none + "\",\"kid\":\"rsa\"}";
      says(ALGORITHM, "alg '" + none + "'", RSA.token("RS256", header, claims("")));
    }
    String unsigned = encoded("{\"alg\":\"none\"}") + "." + encoded(claims(""));
    says(MALFORMED, "none without a signature", unsigned + ".");
    says(ALGORITHM, "none with rubbish", unsigned + ".AAAA");
    says(MALFORMED, "no alg", RSA.token("RS256", "{\"kid\":\"rsa\"}", claims("")));
    says(MALFORMED, "alg is a number", RSA.token("RS256", "{\"alg\":256}", claims("")));
    says(MALFORMED, "alg is null", RSA.token("RS256", "{\"alg\":null}", claims("")));
    return cases.stream();
  }

  @TestFactory
  Stream<DynamicTest> publicKeysAreNoSecrets() {
    String pem =
        "-----BEGIN PUBLIC KEY-----\n"
            + java.util.Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(RSA.encoded())
            + "\n-----END PUBLIC KEY-----\n";
    for (String name : List.of("HS256", "HS384", "HS512")) {
      for (TestKey key : List.of(RSA, P256, ED)) {
        says(ALGORITHM, name + " by " + key.id(), mac(name, key.id(), key.encoded()));
      }
      says(ALGORITHM, name + " by PEM", mac(name, "rsa", pem.getBytes(StandardCharsets.US_ASCII)));
      byte[] entry = RSA.jwk("").getBytes(StandardCharsets.UTF_8);
      says(ALGORITHM, name + " by JWK", mac(name, "rsa", entry));
    }
    return cases.stream();
  }

  private static String mac(String name, String kid, byte[] secret) {
    try {
      String header = "{\"alg\":\"" + name + "\",\"kid\":\"" + kid + "\"}";
      String signed = encoded(header) + "." + encoded(claims(""));
      Mac mac = Mac.getInstance("HmacSHA" + name.substring(2));
      mac.init(new SecretKeySpec(secret, "RAW"));
      return signed + "." + encoded(mac.doFinal(signed.getBytes(StandardCharsets.US_ASCII)));
    } catch (java.security.GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  @TestFactory
  Stream<DynamicTest> whichKey() {
    says(GOOD, "by its name", good());
    says(GOOD, "without a name", RSA.token("RS256", "{\"alg\":\"RS256\"}", claims("")));
    says(UNKNOWN_KEY, "of a name that nobody has", UNKNOWN.token("RS256", claims("")));
    says(SIGNATURE, "by a stranger of that name", STRANGER.token("RS256", claims("")));
    says(SIGNATURE, "by a stranger", STRANGER.token("RS256", "{\"alg\":\"RS256\"}", claims("")));
    says(UNKNOWN_KEY, "empty", named("\"\""));
    says(MALFORMED, "a number", named("7"));
    says(MALFORMED, "a list", named("[\"rsa\"]"));
    says(UNKNOWN_KEY, "in another case", named("\"RSA\""));
    says(UNKNOWN_KEY, "with a space", named("\"rsa \""));
    says(UNKNOWN_KEY, "a path", named("\"../../dev/null\""));
    says(UNKNOWN_KEY, "of another kind", named("\"p256\""));
    String own = STRANGER.jwk("");
    says(SIGNATURE, "that it brings", bringing(",\"jwk\":" + own));
    says(SIGNATURE, "where it says", bringing(",\"jku\":\"https://evil.test/keys\""));
    says(SIGNATURE, "of a certificate", bringing(",\"x5u\":\"https://evil.test/cert\""));
    return cases.stream();
  }

  private static String named(String kid) {
    return RSA.token("RS256", "{\"alg\":\"RS256\",\"kid\":" + kid + "}", claims(""));
  }

  private static String bringing(String members) {
    String header = "{\"alg\":\"RS256\",\"kid\":\"rsa\"" + members + "}";
    return STRANGER.token("RS256", header, claims(""));
  }

  @TestFactory
  Stream<DynamicTest> extensions() {
    says(EXTENSION, "crit", header(",\"crit\":[\"exp\"],\"exp\":1"));
    says(EXTENSION, "crit of nothing", header(",\"crit\":[]"));
    says(EXTENSION, "crit of a text", header(",\"crit\":\"exp\""));
    says(EXTENSION, "b64", header(",\"crit\":[\"b64\"],\"b64\":false"));
    says(EXTENSION, "b64 alone", header(",\"b64\":false"));
    says(EXTENSION, "b64 true", header(",\"b64\":true"));
    says(GOOD, "typ", header(",\"typ\":\"at+jwt\""));
    says(GOOD, "what nobody knows", header(",\"x\":{\"y\":[1]}"));
    return cases.stream();
  }

  @TestFactory
  Stream<DynamicTest> issuerAndSubject() {
    says(ISSUER, "none", payload("{\"sub\":\"alice\"}"));
    says(ISSUER, "another", payload("{\"iss\":\"https://other.test\",\"sub\":\"alice\"}"));
    says(ISSUER, "with a slash", payload("{\"iss\":\"https://issuer.test/\",\"sub\":\"alice\"}"));
    says(ISSUER, "in capitals", payload("{\"iss\":\"HTTPS://ISSUER.TEST\"}"));
    says(ISSUER, "null", payload("{\"iss\":null}"));
    says(CLAIMS, "a number", payload("{\"iss\":7}"));
    says(CLAIMS, "a list", payload("{\"iss\":[\"https://issuer.test\"]}"));
    says("good ", "no subject", payload("{\"iss\":\"https://issuer.test\"}"));
    says("good ", "null subject", payload("{\"iss\":\"https://issuer.test\",\"sub\":null}"));
    says(CLAIMS, "numeric subject", payload("{\"iss\":\"https://issuer.test\",\"sub\":7}"));
    says(CLAIMS, "numeric presenter", with(",\"azp\":7"));
    return cases.stream();
  }

  @TestFactory
  Stream<DynamicTest> audiences() {
    String wants = ", audiences: [search, find]";
    says(GOOD, "any where none is wanted", with(",\"aud\":\"whatever\""));
    says(GOOD, "the one", wants, with(",\"aud\":\"search\""));
    says(GOOD, "one of several", wants, with(",\"aud\":[\"a\",\"find\"]"));
    says(AUDIENCE, "none", wants, good());
    says(AUDIENCE, "another", wants, with(",\"aud\":\"searching\""));
    says(AUDIENCE, "others", wants, with(",\"aud\":[\"a\",\"b\"]"));
    says(AUDIENCE, "an empty list", wants, with(",\"aud\":[]"));
    says(AUDIENCE, "several in one", wants, with(",\"aud\":\"search find\""));
    says(AUDIENCE, "in capitals", wants, with(",\"aud\":\"SEARCH\""));
    says(CLAIMS, "a number", wants, with(",\"aud\":7"));
    says(CLAIMS, "numbers", wants, with(",\"aud\":[\"search\",7]"));
    says(CLAIMS, "a mapping", wants, with(",\"aud\":{\"search\":1}"));
    says(CLAIMS, "a number where none is wanted", with(",\"aud\":7"));
    return cases.stream();
  }

  @TestFactory
  Stream<DynamicTest> times() {
    says(GOOD, "no end", good());
    says(GOOD, "in an hour", with(",\"exp\":" + (NOW + 3600)));
    says(GOOD, "just over, within the skew", with(",\"exp\":" + (NOW - 59)));
    says(EXPIRED, "over", with(",\"exp\":" + (NOW - 60)));
    says(EXPIRED, "long over", with(",\"exp\":1"));
    says(EXPIRED, "at 0", with(",\"exp\":0"));
    says(EXPIRED, "before 1970", with(",\"exp\":-5"));
    says(GOOD, "with a fraction", with(",\"exp\":" + (NOW + 10) + ".5"));
    says(GOOD, "as a power of ten", with(",\"exp\":2e10"));
    says(GOOD, "at the end of time", with(",\"exp\":9223372036854775807"));
    says(GOOD, "after the end of time", with(",\"exp\":1e300"));
    says(EXPIRED, "before the beginning", with(",\"exp\":-1e300"));
    says(CLAIMS, "a text", with(",\"exp\":\"" + (NOW + 10) + "\""));
    says(CLAIMS, "a truth", with(",\"exp\":true"));
    says(CLAIMS, "a list", with(",\"exp\":[1]"));
    says(GOOD, "null", with(",\"exp\":null"));
    says(GOOD, "begun", with(",\"nbf\":" + (NOW - 1)));
    says(GOOD, "just to begin, within the skew", with(",\"nbf\":" + (NOW + 60)));
    says(NOT_YET, "to begin", with(",\"nbf\":" + (NOW + 61)));
    says(NOT_YET, "never to begin", with(",\"nbf\":1e300"));
    says(CLAIMS, "to begin at a text", with(",\"nbf\":\"now\""));
    says(GOOD, "made tomorrow", with(",\"iat\":" + (NOW + 86_400)));
    return cases.stream();
  }

  @TestFactory
  Stream<DynamicTest> structure() {
    String[] parts = good().split("\\.", -1);
    says(MALFORMED, "a word", "opaque");
    says(MALFORMED, "dots", "..");
    says(MALFORMED, "two parts", parts[0] + "." + parts[1]);
    says(MALFORMED, "no signature", parts[0] + "." + parts[1] + ".");
    says(MALFORMED, "no payload", parts[0] + ".." + parts[2]);
    says(MALFORMED, "no header", "." + parts[1] + "." + parts[2]);
    says(MALFORMED, "four parts", good() + ".AAAA");
    says(MALFORMED, "encrypted", parts[0] + ".a.b.c.d");
    says(MALFORMED, "padding", parts[0] + "." + parts[1] + "." + parts[2] + "==");
    says(MALFORMED, "a space within", parts[0] + ". " + parts[1] + "." + parts[2]);
    says(MALFORMED, "base64 of the other kind", parts[0] + "." + parts[1] + ".ab+/");
    says(MALFORMED, "quoted", "\"" + good() + "\"");
    says(MALFORMED, "a second word", good() + " x");
    says(MALFORMED, "two by a comma", good() + "," + good());
    says(MALFORMED, "in JSON", "{\"payload\":\"" + parts[1] + "\"}");
    says(MALFORMED, "header is a list", RSA.token("RS256", "[]", claims("")));
    says(MALFORMED, "header is a word", RSA.token("RS256", "true", claims("")));
    says(MALFORMED, "header is nothing", RSA.token("RS256", "null", claims("")));
    says(MALFORMED, "payload is a list", payload("[]"));
    says(MALFORMED, "payload is a text", payload("\"a\""));
    says(MALFORMED, "payload is nothing", payload("null"));
    says(MALFORMED, "payload is no JSON", payload("iss=https://issuer.test"));
    says(MALFORMED, "payload ends early", payload("{\"iss\":\"https://issuer.test\""));
    says(MALFORMED, "payload goes on", payload(claims("") + "{}"));
    says(MALFORMED, "a claim twice", with(",\"iss\":\"https://other.test\""));
    says(MALFORMED, "alg twice", header(",\"alg\":\"none\""));
    says(MALFORMED, "kid twice", header(",\"kid\":\"p256\""));
    says(MALFORMED, "deeper than anybody reads", with(",\"a\":" + "[".repeat(40) + "]".repeat(40)));
    says(MALFORMED, "very deep header", header(",\"a\":" + "[".repeat(5000) + "]".repeat(5000)));
    says(MALFORMED, "not a number", with(",\"exp\":NaN"));
    says(MALFORMED, "comments", with("/**/"));
    says(GOOD, "as long as may be", longest(0));
    says("token: longer than 16384 characters", "longer", longest(1));
    says("token: longer than 16384 characters", "much longer", "a".repeat(60_000));
    return cases.stream();
  }

  /** A token that is so much longer than the longest. */
  private static String longest(int more) {
    String signature = "a".repeat(342); // of 2,048 bits
    int header = encoded("{\"alg\":\"RS256\",\"kid\":\"rsa\"}").length();
    int payload = 16_384 + more - header - signature.length() - 2;
    String claims = claims(",\"x\":\"\"");
    int bytes = payload * 3 / 4;
    String token = with(",\"x\":\"" + "y".repeat(bytes - claims.length()) + "\"");
    int missing = 16_384 + more - token.length();
    return missing == 0
        ? token
        : with(",\"x\":\"" + "y".repeat(bytes - claims.length() + missing) + "\"");
  }

  @TestFactory
  Stream<DynamicTest> signatures() {
    String token = good();
    String[] parts = token.split("\\.", -1);
    String signed = parts[0] + "." + parts[1] + ".";
    byte[] right = java.util.Base64.getUrlDecoder().decode(parts[2]);
    for (int i : new int[] {0, 100, 255}) {
      byte[] wrong = right.clone();
      wrong[i] ^= 1;
      says(SIGNATURE, "a bit of byte " + i, signed + encoded(wrong));
    }
    says(SIGNATURE, "cut", signed + encoded(Arrays.copyOf(right, 255)));
    says(SIGNATURE, "longer", signed + encoded(Arrays.copyOf(right, 257)));
    says(SIGNATURE, "of zeros", signed + encoded(new byte[256]));
    says(SIGNATURE, "of another token", signed + with(",\"a\":1").split("\\.", -1)[2]);
    String other = encoded(claims(",\"admin\":true"));
    says(SIGNATURE, "with another payload", parts[0] + "." + other + "." + parts[2]);
    says(
        SIGNATURE,
        "with another header",
        header(",\"a\":1").split("\\.", -1)[0] + "." + parts[1] + "." + parts[2]);
    curves();
    return cases.stream();
  }

  private void curves() {
    BigInteger order =
        new BigInteger("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16);
    String es = "{\"alg\":\"ES256\",\"kid\":\"p256\"}";
    String signed = encoded(es) + "." + encoded(claims("")) + ".";
    says(SIGNATURE, "r = s = 0", signed + encoded(new byte[64]));
    says(SIGNATURE, "r = 0, s = 1", signed + encoded(pair(BigInteger.ZERO, BigInteger.ONE)));
    says(SIGNATURE, "r = 1, s = 0", signed + encoded(pair(BigInteger.ONE, BigInteger.ZERO)));
    says(SIGNATURE, "r = s = n", signed + encoded(pair(order, order)));
    says(SIGNATURE, "r = s = 1", signed + encoded(pair(BigInteger.ONE, BigInteger.ONE)));
    byte[] right = P256.signature("ES256", signed.substring(0, signed.length() - 1));
    says(GOOD, "of a curve", signed + encoded(right));
    says(SIGNATURE, "of a curve, cut", signed + encoded(Arrays.copyOf(right, 63)));
    says(SIGNATURE, "of a curve, longer", signed + encoded(Arrays.copyOf(right, 65)));
    says(SIGNATURE, "of a curve, empty but for a byte", signed + "AA");
    String ed = encoded("{\"alg\":\"EdDSA\",\"kid\":\"ed\"}") + "." + encoded(claims("")) + ".";
    says(SIGNATURE, "zeros of Ed25519", ed + encoded(new byte[64]));
    byte[] edwards = ED.signature("EdDSA", ed.substring(0, ed.length() - 1));
    says(GOOD, "of Ed25519", ed + encoded(edwards));
    says(SIGNATURE, "of Ed25519, s + L", ed + encoded(malleable(edwards)));
    says(SIGNATURE, "of Ed25519, cut", ed + encoded(Arrays.copyOf(edwards, 63)));
  }

  @Test
  void thereAreMoreThanAHundredTokens() {
    algorithms();
    publicKeysAreNoSecrets();
    whichKey();
    extensions();
    issuerAndSubject();
    audiences();
    times();
    structure();
    signatures();

    assertThat(cases).hasSizeGreaterThan(150);
  }
}
