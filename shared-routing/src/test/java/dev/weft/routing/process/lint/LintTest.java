package dev.weft.routing.process.lint;

import static dev.weft.routing.process.lint.LintFixture.lint;
import static dev.weft.routing.process.lint.LintFixture.loaded;
import static dev.weft.routing.process.lint.LintFixture.messages;
import static dev.weft.routing.process.lint.LintFixture.rules;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.LoadResult;
import dev.weft.config.problem.Problem;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is found, word for word. */
final class LintTest {

  @Test
  void whatSeveralEarlierRulesTakeTogetherIsTold() {
    List<Problem> found =
        lint(
            rules(
                """
                  - match: [{headers: {x: {exact: a}}, uri: {prefix: /u}}]
                    directResponse: {status: 200}
                  - match: [{withoutHeaders: {x: {exact: a}}, uri: {prefix: /u}}]
                    directResponse: {status: 201}
                  - match: [{uri: {prefix: /us/}, method: {exact: GET}}]
                    directResponse: {status: 202}
                """));

    assertThat(found)
        .singleElement()
        .hasToString(
            "a.yaml:11:13: spec.http[2].match[0]: warning: no request gets here: default/a#1"
                + " (a.yaml:9:13), default/a#0 (a.yaml:7:13) take them together; e.g. GET"
                + " http://a.test/us/ goes to default/a#1 (a.yaml:9:13)\n"
                + "  hint: remove it, or move it above them");
  }

  @Test
  void aPathThatAnExpressionTakesIsTold() {
    assertThat(
            messages(
                rules(
                    """
                      - match: [{uri: {regex: "/re/[0-9]+"}}]
                        directResponse: {status: 200}
                      - match: [{uri: {exact: /re/17}}, {uri: {exact: /re/x}}]
                        directResponse: {status: 201}
                    """)))
        .containsExactly(
            "WF122 no request gets here: default/a#0 (a.yaml:7:13) takes them; e.g. GET"
                + " http://a.test/re/17");
  }

  @Test
  void whatTheLoaderToldIsProved() {
    assertThat(
            messages(
                rules(
                    """
                      - match: [{uri: {prefix: /foo}}]
                        directResponse: {status: 200}
                      - match: [{uri: {prefix: /foobar}}]
                        directResponse: {status: 201}
                      - directResponse: {status: 202}
                      - match: [{uri: {exact: /x}, headers: {y: {exact: z}}}]
                        directResponse: {status: 203}
                      - route: [{destination: {host: nowhere.test}}]
                    """)))
        .containsExactly(
            "WF122 no request gets here: http[0] takes them (its prefix is plain text: whatever"
                + " begins with /foo); e.g. GET http://a.test/foobar goes to default/a#0"
                + " (a.yaml:7:13)",
            "WF122 no request gets here: http[2] takes all; e.g. GET http://a.test/x -H 'y: z'"
                + " goes to default/a#2 (a.yaml:11:5)",
            "WF122 no request gets here: http[2] takes all; e.g. GET http://a.test/ goes to"
                + " default/a#2 (a.yaml:11:5)",
            "WF120 no service 'nowhere.test' (there are: b.test)");
  }

  @Test
  void aPrefixThatEndsWithinASegmentIsTold() {
    assertThat(
            messages(
                rules(
                    """
                      - match: [{uri: {prefix: /api}, method: {exact: POST}}]
                        directResponse: {status: 200}
                      - match: [{uri: {prefix: /api-docs}}]
                        directResponse: {status: 201}
                    """)))
        .containsExactly(
            "WF136 default/a#0 (a.yaml:7:13) takes some of its requests, since its prefix /api is"
                + " plain text: e.g. POST http://a.test/api-docs");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{headers: {y: {exact: b}}, withoutHeaders: {y: {prefix: b}}}",
        "{headers: {y: {}}, withoutHeaders: {y: {}}}",
        "{headers: {y: {regex: 'a+'}}, withoutHeaders: {y: {regex: 'a+'}}}",
        "{uri: {exact: '/q?x=1'}}",
        "{uri: {exact: 'q'}}",
        "{uri: {prefix: '/a/../b'}}",
        "{uri: {exact: '/a//b'}}",
        "{method: {exact: 'GE T'}}",
        "{authority: {exact: other.test}}",
        "{method: {exact: get}, uri: {prefix: /m}}",
      })
  void whatNoRequestCanMeetIsTold(String match) {
    List<Problem> found =
        lint(
            rules(
                """
                  - match: [%s]
                    directResponse: {status: 200}
                  - directResponse: {status: 201}
                """
                    .formatted(match)));

    assertThat(found).extracting(Problem::code).containsExactly("WF137");
    assertThat(found.get(0).message()).contains(" goes to default/a#1 (a.yaml:9:5)");
  }

  @Test
  void redirectsThatNeverEndAreTold() {
    assertThat(
            messages(
                rules(
                    """
                      - match: [{uri: {prefix: /loop}}]
                        redirect: {uri: /loop/x}
                      - match: [{uri: {exact: /one}}]
                        redirect: {uri: /two}
                      - match: [{uri: {exact: /two}}]
                        redirect: {uri: /one}
                      - match: [{uri: {prefix: /more}}]
                        redirect: {prefixRewrite: /more/and}
                      - match: [{uri: {exact: /moved}}]
                        redirect: {uri: /here}
                    """)))
        .containsExactly(
            "WF138 redirects in a circle: e.g. GET http://a.test/loop is sent to"
                + " http://a.test/loop/x",
            "WF138 redirects in a circle: e.g. GET http://a.test/one is sent to http://a.test/two,"
                + " then http://a.test/one",
            "WF138 redirects in a circle: e.g. GET http://a.test/two is sent to http://a.test/one,"
                + " then http://a.test/two",
            "WF138 redirects without end: e.g. GET http://a.test/more is sent to"
                + " http://a.test/more/and, then http://a.test/more/and/and, then"
                + " http://a.test/more/and/and/and");
  }

  @Test
  void aFaultThatLeavesNothingToRetryIsTold() {
    assertThat(
            messages(
                rules(
                    """
                      - fault: {abort: {httpStatus: 503, percentage: {value: 100}}}
                        retries: {attempts: 3}
                        route: [{destination: {host: b.test}}]
                    """)))
        .contains(
            "WF138 it refuses every request, so that no retry and no timeout begins: e.g. GET"
                + " http://a.test/ is refused before it is sent");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{attempts: 1, perTryTimeout: 5s}",
        "{attempts: 3, perTryTimeout: 2s}",
        "{attempts: 10, backoff: 2s}",
      })
  void retriesThatOutlastTheTimeoutAreTold(String retries) {
    List<Problem> found =
        lint(
            rules(
                """
                  - timeout: 5s
                    retries: %s
                    route: [{destination: {host: b.test}}]
                """
                    .formatted(retries)));

    assertThat(found).extracting(Problem::code).containsExactly("WF140");
    assertThat(found.get(0).message())
        .endsWith("e.g. GET http://a.test/ ends with 504 after 5000 ms");
  }

  @Test
  void aSubsetWithoutEndpointsIsToldWithItsShare() {
    assertThat(
            messages(
                rules(
                    """
                      - route:
                        - {destination: {host: b.test, subset: v1}, weight: 95}
                        - {destination: {host: b.test, subset: v3}, weight: 5}
                    """)))
        .containsExactly(
            "WF139 none of the 2 endpoints of b.test is of subset 'v3'; e.g. GET http://a.test/"
                + " gets 503, 5 % of such requests");
  }

  @Test
  void weightsBetweenTheSameEndpointsAreTold() {
    assertThat(
            messages(
                rules(
                    """
                      - match: [{uri: {prefix: /same}}]
                        route:
                        - {destination: {host: b.test, subset: v1}, weight: 95}
                        - {destination: {host: b.test, subset: first}, weight: 5}
                      - route:
                        - {destination: {host: b.test}, weight: 95}
                        - {destination: {host: b.test, subset: v2}, weight: 5}
                    """)))
        .containsExactly(
            "WF141 subset 'first' has the endpoints that subset 'v1' has: their weights divide"
                + " nothing; e.g. GET http://a.test/same reaches 127.0.0.1:80 by either",
            "WF141 subset 'v2' is a part of what the whole of b.test is: it gets more than its"
                + " weight; e.g. GET http://a.test/ reaches 127.0.0.2:80 by either");
  }

  @Test
  void aDestinationThatStandsTwiceIsToldUnlessItsHeadersDiffer() {
    assertThat(
            messages(
                rules(
                    """
                      - match: [{uri: {prefix: /headers}}]
                        route:
                        - {destination: {host: b.test, subset: v1}, weight: 50}
                        - destination: {host: b.test, subset: v1}
                          weight: 50
                          headers: {request: {set: {x-variant: b}}}
                      - route:
                        - {destination: {host: b.test, subset: v1}, weight: 95}
                        - {destination: {host: b.test, subset: v1}, weight: 5}
                    """)))
        .containsExactly(
            "WF141 subset 'v1' stands there twice: their weights divide nothing; e.g. GET"
                + " http://a.test/ reaches 127.0.0.1:80 by either");
  }

  @Test
  void rulesOfOneGatewayAreComparedAcrossVirtualServices() {
    List<String> told =
        messages(
            GATEWAY
                + """
                ---
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: a}
                spec:
                  hosts: [shop.test]
                  gateways: [g]
                  http:
                  - match: [{uri: {prefix: /cart}}]
                    directResponse: {status: 200}
                  - match: [{uri: {prefix: /shop}, headers: {x: {exact: a}}}]
                    directResponse: {status: 201}
                ---
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: b}
                spec:
                  hosts: [shop.test]
                  gateways: [g]
                  http:
                  - match: [{uri: {prefix: /cart/x}}]
                    directResponse: {status: 202}
                  - match: [{uri: {prefix: /shop/y}}]
                    directResponse: {status: 203}
                """);

    assertThat(told)
        .containsExactly(
            "WF139 no VirtualService of the gateway has host other.test; e.g. GET"
                + " http://other.test:8080/ --gateway gets 404",
            "WF122 no request gets here: default/a#0 (a.yaml:18:13) takes them; e.g. GET"
                + " http://shop.test:8080/cart/x --gateway",
            "WF136 default/a#1 (a.yaml:20:13) takes some of its requests, since it counts first, by"
                + " age and then by name: e.g. GET http://shop.test:8080/shop/y -H 'x: a'"
                + " --gateway");
  }

  private static final String GATEWAY =
      """
      apiVersion: networking.istio.io/v1
      kind: Gateway
      metadata: {name: g}
      spec:
        servers:
        - port: {number: 8080, name: http, protocol: HTTP}
          hosts: [shop.test]
        - port: {number: 8080, name: more, protocol: HTTP}
          hosts: [other.test]
      """;

  @Test
  void ofOneHostOfTheMeshInTwoVirtualServicesItIsShownWhoseItIs() {
    assertThat(
            messages(
                rules("  - directResponse: {status: 200}\n")
                    + """
                    ---
                    apiVersion: networking.istio.io/v1
                    kind: VirtualService
                    metadata: {name: z}
                    spec:
                      hosts: [a.test]
                      http:
                      - match: [{uri: {prefix: /z}}]
                        directResponse: {status: 201}
                    """))
        .containsExactly(
            "WF123 host a.test also in VirtualService default/a (a.yaml:1:1): the mesh takes only"
                + " that one's rules for it; e.g. GET http://a.test/z goes to default/a#0"
                + " (a.yaml:7:5)");
  }

  @Test
  void whatWouldTakeTooLongIsLeftOutAndSaidSo() {
    StringBuilder rules = new StringBuilder();
    for (int i = 0; i < 3_000; i++) {
      rules.append(
          """
            - match: [{uri: {prefix: /a}, headers: {x: {prefix: u%d}}}]
              directResponse: {status: 200}
          """
              .formatted(i));
    }

    LoadResult loaded = loaded(rules(rules.toString()));

    List<Problem> found = Lint.check(loaded);

    assertThat(found).isNotEmpty();
    assertThat(found.get(0))
        .hasToString(
            "a.yaml: warning: too many rules for the same hosts and paths to try all against each"
                + " other\n  hint: there may be more rules that no request reaches than are told");
    assertThat(Lint.check(loaded)).isEqualTo(found);
  }
}
