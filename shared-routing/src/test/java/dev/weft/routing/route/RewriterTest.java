package dev.weft.routing.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.exchange.Decision;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each rewrite and the path and authority that go out. */
final class RewriterTest {

  private static final String REGEX = "{uriRegexRewrite: {match: '%s', rewrite: '%s'}}";

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      textBlock =
          """
          {prefix: /old}                      ; {uri: /new}       ; /old/x?q=1  ; /new/x?q=1
          {prefix: /old}                      ; {uri: /new}       ; /old        ; /new
          {prefix: /old}                      ; {uri: /new}       ; /older      ; /newer
          {prefix: /old}                      ; {uri: /}          ; /old/x      ; //x
          {prefix: /old/}                     ; {uri: /}          ; /old/x      ; /x
          {prefix: /}                         ; {uri: /new}       ; /old        ; /newold
          {prefix: /OLD}, ignoreUriCase: true ; {uri: /new}       ; /oLd/x      ; /new/x
          {exact: /old}                       ; {uri: /new}       ; /old?q=1    ; /new?q=1
          {regex: '/old.*'}                   ; {uri: /new}       ; /old/x?q=1  ; /new?q=1
          {regex: '/old'}                     ; {uri: /new}       ; /old?q=1    ; /new?q=1
          {prefix: /old}                      ; {authority: b}    ; /old?q=1    ; /old?q=1
          """)
  void aUriReplacesTheMatchedPrefixOrTheWholePath(
      String uri, String rewrite, String target, String sent) {
    assertThat(decided("match: [{uri: " + uri + "}], rewrite: " + rewrite, target).target())
        .isEqualTo(sent);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      textBlock =
          """
          ^/v([0-9])/(.*)$ ; /\\2/\\1   ; /v1/users?q=1 ; /users/1?q=1
          ^/v([0-9])/(.*)$ ; /\\2       ; /w1/users     ; /w1/users
          /x               ; /y         ; /x/x/z        ; /y/y/z
          /(a)(b)?         ; /[\\1\\2]  ; /a            ; /[a]
          """)
  void aRegexReplacesWhatItFinds(String match, String by, String target, String sent) {
    String rewrite = REGEX.formatted(match, by);

    assertThat(decided("rewrite: " + rewrite, target).target()).isEqualTo(sent);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      textBlock =
          """
          rewrite: {authority: b.test}                          ; {}                        ; b.test
          headers: {request: {set: {host: b.test}}}             ; {}                        ; b.test
          headers: {request: {set: {':authority': b.test}}}     ; {}                        ; b.test
          headers: {request: {add: {host: b.test}}}             ; {}                        ; b.test
          headers: {request: {set: {host: b}, add: {host: c}}}  ; {}                        ; b
          timeout: 1s                                           ; {set: {host: d.test}}     ; d.test
          rewrite: {authority: b.test}                          ; {set: {host: d.test}}     ; b.test
          headers: {request: {set: {host: b.test}}}             ; {set: {host: d.test}}     ; b.test
          timeout: 1s                                           ; {set: {x-a: b}}           ; a.test:8080
          """)
  void theAuthorityIsTheRulesElseTheDestinations(String rule, String finer, String sent) {
    String destination = "{destination: {host: c.test}, headers: {request: " + finer + "}}";
    RouteTable table = DecisionFixture.rules("[{" + rule + ", route: [" + destination + "]}]");

    Decision decision = DecisionFixture.decide(table, "GET http://a.test:8080/", 80);

    assertThat(decision.authority()).isEqualTo(sent);
  }

  private static Decision decided(String rule, String target) {
    RouteTable table =
        DecisionFixture.rules("[{" + rule + ", route: [{destination: {host: c.test}}]}]");
    return DecisionFixture.decide(table, "GET http://a.test" + target, 80);
  }
}
