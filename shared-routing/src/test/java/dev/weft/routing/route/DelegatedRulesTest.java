package dev.weft.routing.route;

import static dev.weft.routing.route.DecisionFixture.decide;
import static dev.weft.routing.route.DecisionFixture.documents;
import static dev.weft.routing.route.DecisionFixture.service;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.model.HeaderEdits;
import dev.weft.config.model.HttpRoute;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.exchange.Decision;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the rules of a root and its delegate are together. */
final class DelegatedRulesTest {

  private static final String TO = "route: [{destination: {host: b.test}}]";

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      textBlock =
          """
          {uri: {prefix: /a}}                       ; {uri: {prefix: /a/b}}            ; GET /a/b/c      ; yes
          {uri: {prefix: /a}}                       ; {uri: {prefix: /a/b}}            ; GET /a/c        ; no
          {uri: {prefix: /a}}                       ; {uri: {exact: /a/b}}             ; GET /a/b        ; yes
          {uri: {prefix: /a}}                       ; {uri: {exact: /a/b}}             ; GET /a/b/c      ; no
          {uri: {prefix: /a}}                       ; {uri: {prefix: /b}}              ; GET /b          ; no
          {uri: {exact: /a}}                        ; {uri: {exact: /a}}               ; GET /a          ; yes
          {uri: {exact: /a}}                        ; {uri: {prefix: /a}}              ; GET /a          ; no
          {uri: {prefix: /a}}                       ; {uri: {regex: '/a/[0-9]'}}       ; GET /a/1        ; no
          {uri: {regex: '/a.*'}}                    ; {uri: {exact: /ab}}              ; GET /ab         ; no
          {uri: {regex: '/a.*'}}                    ; {method: {exact: GET}}           ; GET /ab         ; yes
          {uri: {regex: '/a.*'}}                    ; {method: {exact: GET}}           ; GET /b          ; no
          {uri: {regex: '/a.*'}}                    ; {uri: {regex: '/a.*'}}           ; GET /ab         ; no
          {uri: {prefix: /a}}                       ; {method: {exact: GET}}           ; GET /a          ; yes
          {uri: {prefix: /a}}                       ; {method: {exact: GET}}           ; POST /a         ; no
          {uri: {prefix: /a}}                       ; {method: {exact: GET}}           ; GET /b          ; no
          {method: {exact: GET}}                    ; {method: {exact: GET}}           ; GET /           ; yes
          {method: {exact: GET}}                    ; {method: {exact: POST}}          ; POST /          ; no
          {method: {prefix: P}}                     ; {method: {exact: POST}}          ; POST /          ; yes
          {method: {prefix: P}}                     ; {method: {exact: POST}}          ; PUT /           ; no
          {method: {prefix: P}}                     ; {method: {exact: GET}}           ; GET /           ; no
          {headers: {x-a: {exact: '1'}}}            ; {headers: {x-b: {exact: '2'}}}   ; GET / x-a=1 x-b=2 ; yes
          {headers: {x-a: {exact: '1'}}}            ; {headers: {x-b: {exact: '2'}}}   ; GET / x-b=2     ; no
          {headers: {x-a: {exact: '1'}}}            ; {headers: {x-b: {exact: '2'}}}   ; GET / x-a=1     ; no
          {headers: {x-a: {exact: '1'}}}            ; {headers: {x-a: {exact: '2'}}}   ; GET / x-a=2     ; no
          {headers: {x-a: {prefix: b}}}             ; {headers: {x-a: {exact: beta}}}  ; GET / x-a=beta  ; yes
          {headers: {x-a: {prefix: b}}}             ; {headers: {x-a: {exact: beta}}}  ; GET / x-a=bar   ; no
          {headers: {x-a: {}}}                      ; {headers: {x-a: {exact: beta}}}  ; GET / x-a=beta  ; yes
          {headers: {x-a: {exact: beta}}}           ; {headers: {x-a: {}}}             ; GET / x-a=beta  ; no
          {queryParams: {q: {prefix: a}}}           ; {queryParams: {q: {exact: ab}}}  ; GET /?q=ab      ; yes
          {queryParams: {q: {exact: a}}}            ; {queryParams: {q: {exact: b}}}   ; GET /?q=b       ; no
          {withoutHeaders: {x-a: {}}}               ; {uri: {prefix: /a}}              ; GET /a          ; yes
          {withoutHeaders: {x-a: {}}}               ; {uri: {prefix: /a}}              ; GET /a x-a=1    ; no
          {withoutHeaders: {x-a: {}}}               ; {withoutHeaders: {x-b: {}}}      ; GET / x-a=1     ; no
          {withoutHeaders: {x-a: {}}}               ; {withoutHeaders: {x-b: {}}}      ; GET / x-b=1     ; no
          {withoutHeaders: {x-a: {prefix: b}}}      ; {withoutHeaders: {x-a: {exact: beta}}} ; GET / x-a=bar ; no
          {port: 80}                                ; {uri: {prefix: /a}}              ; GET /a          ; yes
          {port: 81}                                ; {uri: {prefix: /a}}              ; GET /a          ; no
          {port: 80}                                ; {port: 80}                       ; GET /           ; yes
          {port: 81}                                ; {port: 80}                       ; GET /           ; no
          {uri: {prefix: /a}, ignoreUriCase: true}  ; {uri: {prefix: /a/b}, ignoreUriCase: true} ; GET /A/B ; yes
          {uri: {prefix: /a}, ignoreUriCase: true}  ; {uri: {prefix: /a/b}}            ; GET /a/b        ; no
          {uri: {prefix: /a}}                       ; {method: {exact: GET}, ignoreUriCase: true} ; GET /A ; no
          {sourceLabels: {app: other}}              ; {uri: {prefix: /a}}              ; GET /a          ; no
          {gateways: [mesh]}                        ; {uri: {prefix: /a}}              ; GET /a          ; yes
          """)
  void aRequestMustBeWhatBothAskFor(String root, String inner, String request, String holds) {
    RouteTable table =
        documents(root("match: [" + root + "]"), delegate("{match: [" + inner + "], " + TO + "}"));

    String[] words = request.split(" ", 2);
    Decision decision = decide(table, words[0] + " http://a.test" + words[1], 80);

    assertThat(decision.action() instanceof Decision.Forward ? "yes" : "no").isEqualTo(holds);
  }

  @Test
  void everyMatchOfTheRootThatCoversItsDelegatesCounts() {
    RouteTable table =
        documents(
            root("match: [{headers: {x-a: {exact: '1'}}}, {headers: {x-b: {exact: '1'}}}]"),
            delegate("{match: [{uri: {prefix: /a}}], " + TO + "}"));

    assertThat(forwarded(table, "GET http://a.test/a x-a=1")).isTrue();
    assertThat(forwarded(table, "GET http://a.test/a x-b=1")).isTrue();
    assertThat(forwarded(table, "GET http://a.test/a")).isFalse();
    assertThat(forwarded(table, "GET http://a.test/b x-a=1")).isFalse();
  }

  @Test
  void aRuleOfWhichOneMatchLiesOutsideIsDropped() {
    RouteTable table =
        documents(
            root("match: [{uri: {prefix: /a}}]"),
            delegate("{match: [{uri: {prefix: /a/b}}, {uri: {prefix: /c}}], " + TO + "}"));

    assertThat(forwarded(table, "GET http://a.test/a/b")).isFalse();
    assertThat(forwarded(table, "GET http://a.test/c")).isFalse();
  }

  @Test
  void aDelegateWithoutMatchHasItsRoots() {
    RouteTable table = documents(root("match: [{uri: {prefix: /a}}]"), delegate("{" + TO + "}"));

    assertThat(forwarded(table, "GET http://a.test/a")).isTrue();
    assertThat(forwarded(table, "GET http://a.test/b")).isFalse();
  }

  @Test
  void aRootWithoutMatchTakesWhatItsDelegateTakes() {
    RouteTable table =
        documents(root("timeout: 3s"), delegate("{match: [{uri: {prefix: /a}}], " + TO + "}"));

    assertThat(forwarded(table, "GET http://a.test/a")).isTrue();
    assertThat(forwarded(table, "GET http://a.test/b")).isFalse();
  }

  @Test
  void theRulesOfADelegateStandWhereItsRootDelegates() {
    RouteTable table =
        documents(
            service(
                "a",
                "hosts: [a.test]",
                "[{match: [{uri: {exact: /a/1}}], directResponse: {status: 201}},"
                    + " {match: [{uri: {prefix: /a}}], delegate: {name: inner}},"
                    + " {match: [{uri: {exact: /a/3}}], directResponse: {status: 203}}]"),
            delegate(
                "{match: [{uri: {exact: /a/1}}], directResponse: {status: 211}},"
                    + " {match: [{uri: {exact: /a/2}}], directResponse: {status: 212}},"
                    + " {match: [{uri: {prefix: /a}}], directResponse: {status: 213}}"));

    assertThat(List.of(status(table, "/a/1"), status(table, "/a/2"), status(table, "/a/3")))
        .containsExactly(201, 212, 213);
  }

  @Test
  void aRootFillsTheGapsOfItsDelegate() {
    String policies =
        "timeout: 3s, retries: {attempts: 5, retryOn: 5xx}, mirror: {host: m.test},"
            + " fault: {delay: {fixedDelay: 2s, percentage: {value: 100}}}, rewrite: {uri: /root},"
            + " corsPolicy: {allowOrigins: [{exact: 'https://root.test'}]},"
            + " headers: {request: {set: {x-a: root}}}";

    HttpRoute filled =
        only(documents(root("name: out, " + policies), delegate("{name: in, " + TO + "}")));

    assertThat(filled.name()).isEqualTo("out-in");
    assertThat(filled.timeout()).contains(Duration.ofSeconds(3));
    assertThat(filled.retries().orElseThrow().attempts()).isEqualTo(5);
    assertThat(filled.fault().orElseThrow().delay().orElseThrow().fixed())
        .isEqualTo(Duration.ofSeconds(2));
    assertThat(filled.mirrors()).extracting(one -> one.destination().host()).containsOnly("m.test");
    assertThat(filled.rewrite().orElseThrow().uri()).contains("/root");
    assertThat(filled.cors()).isPresent();
    assertThat(filled.headers().request().set()).isEqualTo(Map.of("x-a", "root"));
  }

  @Test
  void whatADelegateSaysItselfWins() {
    String root =
        "timeout: 3s, retries: {attempts: 5, retryOn: 5xx}, mirror: {host: m.test},"
            + " rewrite: {uri: /root}, headers: {request: {set: {x-a: root}}}";
    String own =
        "timeout: 1s, retries: {attempts: 1, retryOn: reset}, mirrors: [{destination: {host:"
            + " n.test}}], rewrite: {authority: own.test},"
            + " headers: {response: {set: {x-b: own}}}, ";

    RouteTable table = documents(root(root), delegate("{name: in, " + own + TO + "}"));
    HttpRoute merged = only(table);

    assertThat(merged.name()).isEqualTo("in");
    assertThat(merged.timeout()).contains(Duration.ofSeconds(1));
    assertThat(merged.retries().orElseThrow().retryOn()).containsExactly("reset");
    assertThat(merged.rewrite().orElseThrow().uri()).isEmpty();
    assertThat(merged.headers().request()).isEqualTo(HeaderEdits.Edits.NONE);
    assertThat(table.routes().get(0).mirrors())
        .containsExactly(ClusterName.outbound("n.test", 80, ""));
    assertThat(table.routes().get(0).id().name()).isEqualTo("default/a#in");
  }

  private static String root(String rule) {
    return service("a", "hosts: [a.test]", "[{" + rule + ", delegate: {name: inner}}]");
  }

  private static String delegate(String rules) {
    return service("inner", "exportTo: ['*']", "[" + rules + "]");
  }

  private static HttpRoute only(RouteTable table) {
    assertThat(table.routes()).hasSize(1);
    return table.routes().get(0).rule();
  }

  private static boolean forwarded(RouteTable table, String request) {
    return decide(table, request, 80).action() instanceof Decision.Forward;
  }

  private static int status(RouteTable table, String path) {
    return ((Decision.Direct) decide(table, "GET http://a.test" + path, 80).action()).status();
  }
}
