package dev.weft.routing.authentication;

import static dev.weft.routing.authentication.TokenFixture.RSA;
import static dev.weft.routing.authentication.TokenFixture.claims;
import static dev.weft.routing.authentication.TokenFixture.compiled;
import static dev.weft.routing.authentication.TokenFixture.head;
import static dev.weft.routing.authentication.TokenFixture.request;
import static dev.weft.routing.authentication.TokenFixture.resource;
import static dev.weft.routing.authentication.TokenFixture.rule;
import static dev.weft.routing.authentication.TokenFixture.rules;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.exchange.Request;
import dev.weft.routing.exchange.RequestHead;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where tokens stand, whose rules hold, what goes on of them, and how long they are known. */
final class BearersTest {

  private static final String TOKEN = RSA.token("RS256", claims(",\"level\":7"));
  private static final String GOOD = "good https://issuer.test/alice";
  private static final String SEVERAL = "token: several tokens";
  private static final String MALFORMED = "token: no signed token";
  private static final String ELSEWHERE =
      ", fromHeaders: [{name: x-token}, {name: authorization, prefix: 'JWT '}],"
          + " fromParams: [t], fromCookies: [session]";

  private final TokenFixture fixture = new TokenFixture();

  static Stream<Arguments> places() {
    String t = TOKEN;
    return Stream.of(
        at("", GOOD, "", "authorization", "Bearer " + t),
        at("", GOOD, "", "Authorization", "bearer " + t),
        at("", GOOD, "", "authorization", "Bearer   " + t + " "),
        at("", GOOD, "", "authorization", "Bearer\t" + t),
        at("", "anonymous", ""),
        at("", "anonymous", "", "authorization", "Basic YTpi"),
        at("", "anonymous", "", "authorization", "Bearer"),
        at("", "anonymous", "", "authorization", "Bearer "),
        at("", "anonymous", "", "authorization", "Bearers " + t),
        at("", "anonymous", "", "x-token", t),
        at("", "anonymous", "", "cookie", "session=" + t),
        at("", MALFORMED, "", "authorization", "Bearer opaque"),
        at("", GOOD, "access_token=" + t),
        at("", GOOD, "a=b&access%5Ftoken=" + t.replace(".", "%2E") + "&c"),
        at("", "anonymous", "access_token="),
        at("", "anonymous", "access_token"),
        at("", "anonymous", "xaccess_token=" + t),
        at("", SEVERAL, "access_token=" + t + "&access_token=" + t),
        at("", SEVERAL, "access_token=" + t, "authorization", "Bearer " + t),
        at("", SEVERAL, "", "authorization", "Bearer " + t, "authorization", "Bearer " + t),
        at("", GOOD, "", "authorization", "Basic YTpi", "authorization", "Bearer " + t),
        at(ELSEWHERE, GOOD, "", "x-token", t),
        at(ELSEWHERE, GOOD, "", "authorization", "JWT " + t),
        at(ELSEWHERE, "anonymous", "", "authorization", "Bearer " + t),
        at(ELSEWHERE, "anonymous", "access_token=" + t),
        at(ELSEWHERE, GOOD, "t=" + t),
        at(ELSEWHERE, GOOD, "", "cookie", "a=b; session=" + t + "; c=d"),
        at(ELSEWHERE, GOOD, "", "cookie", "session=\"" + t + "\""),
        at(ELSEWHERE, GOOD, "", "cookie", "a=b", "cookie", "session=" + t),
        at(ELSEWHERE, "anonymous", "", "cookie", "session="),
        at(ELSEWHERE, "anonymous", "", "cookie", "xsession=" + t),
        at(ELSEWHERE, SEVERAL, "", "cookie", "session=" + t + "; session=" + t),
        at(ELSEWHERE, SEVERAL, "t=" + t, "x-token", t),
        at(ELSEWHERE, MALFORMED, "", "x-token", "Bearer " + t));
  }

  private static Arguments at(String rule, String expected, String query, String... headers) {
    return Arguments.of(rule, expected, query, headers);
  }

  @ParameterizedTest
  @MethodSource("places")
  void aTokenIsFoundWhereRulesSay(String rule, String expected, String query, String[] headers) {
    Answer answer = compiled(rule(rule)).of(head(query, headers), fixture.loop);

    assertThat(TokenFixture.said(answer)).isEqualTo(expected);
  }

  @Test
  void ofOneHeaderTheLongerWordCounts() {
    String keys = ", jwks: '" + TokenFixture.KEYS + "', fromHeaders: [{name: x-token";
    Authentication both =
        compiled(
            rules(
                "{issuer: other" + keys + "}]}",
                "{issuer: 'https://issuer.test'" + keys + ", prefix: 'JWT '}]}"));

    assertThat(TokenFixture.said(both.of(head("", "x-token", "JWT " + TOKEN), fixture.loop)))
        .isEqualTo(GOOD);
  }

  private Request applied(String rule, RequestHead head) {
    Authentication authentication = compiled(rule(rule));
    Request request = request(head);
    authentication.apply(request, authentication.of(head, fixture.loop));
    return request;
  }

  @Test
  void theTokenStaysHereUnlessARuleSaysOtherwise() {
    RequestHead bearer = head("", "authorization", "Bearer " + TOKEN);
    RequestHead query = head("a=1&access_token=" + TOKEN + "&b=2");
    RequestHead cookie = head("", "cookie", "a=1; session=" + TOKEN + "; b=2");

    assertThat(applied("", bearer).headers().contains("authorization")).isFalse();
    assertThat(applied(", forwardOriginalToken: true", bearer).headers().get("authorization"))
        .isEqualTo("Bearer " + TOKEN);
    assertThat(applied("", query).target()).isEqualTo("/a?a=1&b=2");
    assertThat(applied("", head("access_token=" + TOKEN)).target()).isEqualTo("/a");
    assertThat(applied(ELSEWHERE, cookie).headers().getAll("cookie")).containsExactly("a=1; b=2");
  }

  @Test
  void whatDoesNotCountIsInNoLog() {
    assertThat(applied("", head("a=1&access_token=opaque")).target()).isEqualTo("/a?a=1");
    assertThat(applied("", head("access_token=b&access_token=c")).target()).isEqualTo("/a");
  }

  private static final String OUTPUTS =
      ", outputPayloadToHeader: x-payload, outputClaimToHeaders: [{header: x-user, claim: sub},"
          + " {header: x-level, claim: level}, {header: x-deep, claim: a.b}, {header: x-no,"
          + " claim: none}]";

  @Test
  void headersTellOfAToken() {
    String token = RSA.token("RS256", claims(",\"level\":7,\"a\":{\"b\":true}"));

    Request request = applied(OUTPUTS, head("", "authorization", "Bearer " + token));

    assertThat(request.headers().get("x-payload")).isEqualTo(token.split("\\.", -1)[1]);
    assertThat(request.headers().get("x-user")).isEqualTo("alice");
    assertThat(request.headers().get("x-level")).isEqualTo("7");
    assertThat(request.headers().get("x-deep")).isEqualTo("true");
    assertThat(request.headers().contains("x-no")).isFalse();
    assertThat(request.head().headers().get("x-user")).as("what rules compare").isEqualTo("alice");
  }

  @Test
  void nobodyTellsOfHimself() {
    String[] forged = {
      "x-user",
      "root",
      "X-USER",
      "root",
      "x_user",
      "root",
      "X_Level",
      "9",
      "x-no",
      "1",
      "x-payload",
      "a",
      "x-other",
      "stays"
    };
    RequestHead nobody = head("", forged);
    String[] both =
        Stream.of(List.of(forged), List.of("authorization", "Bearer " + TOKEN))
            .flatMap(List::stream)
            .toArray(String[]::new);

    for (RequestHead head : List.of(nobody, head("", both))) {
      Request request = applied(OUTPUTS, head);
      boolean known = head.headers().contains("authorization");
      for (var headers : List.of(request.headers(), request.head().headers())) {
        assertThat(headers.getAll("x-user")).isEqualTo(known ? List.of("alice") : List.of());
        assertThat(headers.getAll("x_user")).isEmpty();
        assertThat(headers.getAll("x_level")).isEmpty();
        assertThat(headers.getAll("x-no")).isEmpty();
        assertThat(headers.get("x-other")).isEqualTo("stays");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\\r\\nx-admin: 1", "a\\u0000", "a\\u007f", "\\n"})
  void noClaimBeginsAnotherHeader(String subject) {
    String token =
        RSA.token("RS256", "{\"iss\":\"https://issuer.test\",\"sub\":\"" + subject + "\"}");

    Request request = applied(OUTPUTS, head("", "authorization", "Bearer " + token));

    assertThat(request.headers().contains("x-user")).isFalse();
  }

  @Test
  void whatIsNotAsciiIsToldInUtf8() {
    String token = RSA.token("RS256", "{\"iss\":\"https://issuer.test\",\"sub\":\"\u00e9\u560d\"}");

    Request request = applied(OUTPUTS, head("", "authorization", "Bearer " + token));

    assertThat(request.headers().get("x-user").getBytes(StandardCharsets.ISO_8859_1))
        .isEqualTo("\u00e9\u560d".getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void allRulesThatHoldForAWorkloadCountTogether() {
    String keys = ", jwks: '" + TokenFixture.KEYS + "'}]}";
    Authentication all =
        compiled(
            resource("mesh", "istio-system", "{jwtRules: [{issuer: mesh" + keys),
            resource("namespace", "prod", "{jwtRules: [{issuer: namespace" + keys),
            resource(
                "workload",
                "prod",
                "{selector: {matchLabels: {app: search}}, jwtRules: [{issuer: workload" + keys),
            resource(
                "others",
                "prod",
                "{selector: {matchLabels: {app: other}}, jwtRules: [{issuer: others" + keys),
            resource("elsewhere", "test", "{jwtRules: [{issuer: elsewhere" + keys));

    for (String issuer : List.of("mesh", "namespace", "workload")) {
      assertThat(fixture.said(all, of(issuer, ""))).isEqualTo("good " + issuer + "/bob");
    }
    for (String issuer : List.of("others", "elsewhere")) {
      assertThat(fixture.said(all, of(issuer, ""))).startsWith("token: of an issuer");
    }
  }

  @Test
  void oneRuleOfItsIssuerIsEnough() {
    String keys = ", jwks: '" + TokenFixture.KEYS + "'}";
    Authentication both =
        compiled(rules("{issuer: a, audiences: [x]" + keys, "{issuer: a, audiences: [y]" + keys));

    assertThat(fixture.said(both, of("a", ",\"aud\":\"x\""))).isEqualTo("good a/bob");
    assertThat(fixture.said(both, of("a", ",\"aud\":\"y\""))).isEqualTo("good a/bob");
    assertThat(fixture.said(both, of("a", ",\"aud\":\"z\"")))
        .isEqualTo("token: for another audience");
  }

  private static String of(String issuer, String more) {
    return RSA.token("RS256", "{\"iss\":\"" + issuer + "\",\"sub\":\"bob\"" + more + "}");
  }

  @Test
  void whereNoneHoldsNothingIsLookedAt() {
    assertThat(compiled(resource("a", "test", "{jwtRules: [{issuer: 'https://a.test'}]}")))
        .isSameAs(Authentication.NONE);
  }

  @Test
  void aTokenThatIsKnownEndsInTime() {
    Authentication authentication = compiled(rule(""));
    String token = RSA.token("RS256", claims(",\"exp\":" + (TokenFixture.NOW + 10)));

    String before = fixture.said(authentication, token);
    fixture.ticker.turn(Duration.ofSeconds(69));
    String within = fixture.said(authentication, token);
    fixture.ticker.turn(Duration.ofSeconds(1));

    assertThat(List.of(before, within)).containsOnly(GOOD);
    assertThat(fixture.said(authentication, token)).isEqualTo("token: expired");
  }

  @Test
  void aTokenIsVerifiedOnce() {
    Authentication authentication = compiled(rule(""));
    RequestHead head = head("", "authorization", "Bearer " + TOKEN);

    Answer first = authentication.of(head, fixture.loop);

    assertThat(authentication.of(head, fixture.loop)).isSameAs(first);
    RequestHead bad = head("", "authorization", "Bearer " + TOKEN + "AA");
    assertThat(authentication.of(bad, fixture.loop)).isSameAs(authentication.of(bad, fixture.loop));
  }

  @Test
  void claimsOfScopesAreLists() {
    String rule = ", spaceDelimitedClaims: [roles]";
    String token =
        RSA.token("RS256", claims(",\"scope\":\"a  b\",\"roles\":\"c d\",\"other\":\"e f\""));

    Answer answer =
        compiled(rule(rule)).of(head("", "authorization", "Bearer " + token), fixture.loop);

    Map<String, Object> known = ((Answer.Known) answer).token().claims();
    assertThat(known)
        .containsEntry("scope", List.of("a", "b"))
        .containsEntry("roles", List.of("c", "d"))
        .containsEntry("other", "e f");
  }

  @Test
  void whoseKeysAreNotToBeHadIsRefused() {
    Authentication far = compiled(rules("{issuer: 'https://issuer.test'}"));

    assertThat(fixture.said(far, TOKEN))
        .isEqualTo("token: the keys of its issuer are not to be had");
  }
}
