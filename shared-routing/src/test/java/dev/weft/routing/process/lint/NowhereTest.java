package dev.weft.routing.process.lint;

import static dev.weft.routing.process.lint.LintFixture.lint;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.problem.Problem;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the loader tells of rules that hold nowhere ends with a request that shows it. */
final class NowhereTest {

  private static final String RULES =
      """
      apiVersion: networking.istio.io/v1
      kind: VirtualService
      metadata: {name: a}
      spec:
        hosts: [a.test]
        gateways: [%s]
        http:
        - match: [{uri: {prefix: /cart}, method: {exact: POST}}]
          directResponse: {status: 200}
      """;

  private static final String CONNECTIONS =
      """
      apiVersion: networking.istio.io/v1
      kind: VirtualService
      metadata: {name: a}
      spec:
        hosts: ["*.a.test"]
        gateways: [%s]
        tls:
        - match: [{sniHosts: ["*.a.test"]}]
          route: [{destination: {host: b.test}}]
      ---
      apiVersion: networking.istio.io/v1
      kind: ServiceEntry
      metadata: {name: b}
      spec:
        hosts: [b.test]
        ports: [{number: 443, name: tls, protocol: TLS}]
        resolution: STATIC
        endpoints: [{address: 127.0.0.1}]
      """;

  private static final String SERVER =
      """
      ---
      apiVersion: networking.istio.io/v1
      kind: Gateway
      metadata: {name: %s}
      spec:
        selector: {app: %s}
        servers:
        - port: {number: 8080, name: http, protocol: HTTP}
          hosts: ["%s"]
      """;

  private static final String SECURED =
      """
      ---
      apiVersion: networking.istio.io/v1
      kind: Gateway
      metadata: {name: edge}
      spec:
        selector: {app: edge}
        servers:
        - port: {number: 443, name: https, protocol: HTTPS}
          tls: {mode: %s}
          hosts: [other.test]
      """;

  private static final String OTHER =
      """
      ---
      apiVersion: networking.istio.io/v1
      kind: VirtualService
      metadata: {name: other}
      spec:
        hosts: ["*"]
        gateways: [edge]
        http:
        - directResponse: {status: 204}
      """;

  /** A port of which other.test is taken with TLS alone, and the rest without. */
  private static final String BOTH =
      """
      ---
      apiVersion: networking.istio.io/v1
      kind: Gateway
      metadata: {name: edge}
      spec:
        selector: {app: edge}
        servers:
        - port: {number: 8080, name: http, protocol: HTTP}
          hosts: [%s]
        - port: {number: 8080, name: tls, protocol: %s}
          tls: {mode: %s}
          hosts: [%s]
      """;

  private static String both(String plain, String secured) {
    return BOTH.formatted(plain, "HTTPS", "SIMPLE, credentialName: c", secured);
  }

  private static String delegating(String match, String delegate) {
    return """
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: a}
        spec:
          hosts: [a.test]
          http:
          - match: [%s]
            delegate: {name: inner}
          - match: [{uri: {prefix: /cart/}}]
            directResponse: {status: 200}
        """
            .formatted(match)
        + delegate;
  }

  private static String inner(String rules) {
    return """
        ---
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: inner}
        spec:
          http:
        """
        + rules;
  }

  private static List<String> told(String code, String text) {
    return lint(text).stream()
        .filter(one -> one.code().equals(code))
        .map(Problem::message)
        .map(message -> message.substring(message.indexOf("e.g. ")))
        .toList();
  }

  private static String server(String name, String host) {
    return SERVER.formatted(name, name, host);
  }

  @Test
  void whereNoGatewayOpensAPortItIsSaid() {
    assertThat(told("WF128", RULES.formatted("edge")))
        .containsExactly("e.g. POST http://a.test/cart --gateway finds no server for HTTP there");
    assertThat(told("WF128", CONNECTIONS.formatted("edge")))
        .containsExactly(
            "e.g. TLS 192.0.2.1:443 --sni any.a.test --gateway finds no port that a Gateway opens");
  }

  @Test
  void theRequestIsSentToTheGatewaysThatThereAre() {
    assertThat(told("WF128", RULES.formatted("edge") + server("another", "*")))
        .containsExactly(
            "e.g. POST http://a.test:8080/cart --gateway --labels app=another gets 404");
    assertThat(told("WF128", RULES.formatted("gone") + server("edge", "*") + OTHER))
        .containsExactly(
            "e.g. POST http://a.test:8080/cart --gateway --labels app=edge goes to default/other#0"
                + " (a.yaml:27:5)");
    assertThat(told("WF128", RULES.formatted("another, edge") + server("another", "*")))
        .containsExactly(
            "e.g. POST http://a.test:8080/cart --gateway --labels app=another goes to default/a#0"
                + " (a.yaml:8:13) by another gateway alone");
  }

  @Test
  void whereAPortOnlyRedirectsToHttpsThatIsSaid() {
    String redirecting =
        server("edge", "other.test").replace("HTTP}", "HTTP}\n    tls: {httpsRedirect: true}");

    assertThat(told("WF131", RULES.formatted("edge") + redirecting))
        .containsExactly(
            "e.g. POST http://a.test/cart --gateway is redirected to https://a.test/cart");
    assertThat(told("WF128", RULES.formatted("gone") + redirecting))
        .containsExactly(
            "e.g. POST http://a.test/cart --gateway is redirected to https://a.test/cart");
  }

  @Test
  void theRequestIsForARuleThatCouldHoldThere() {
    String rules =
        """
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: a}
        spec:
          hosts: [a.test]
          gateways: [mesh, gone]
          http:
          - match: [{uri: {prefix: /mesh}, gateways: [mesh]}]
            directResponse: {status: 200}
          - match: [{headers: {"@request.auth.claims.sub": {exact: bob}}, gateways: [gone]}]
            directResponse: {status: 200}
          - match: [{uri: {prefix: /web}, sourceLabels: {app: web}}]
            directResponse: {status: 200}
          - match: [{uri: {prefix: /cart}}]
            directResponse: {status: 200}
        """;

    assertThat(told("WF128", rules + server("edge", "*")))
        .containsExactly("e.g. GET http://a.test:8080/cart --gateway --labels app=edge gets 404");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "sourceLabels: {app: web} | GET http://a.test/cart --labels app=web",
        "sourceNamespace: web | GET http://a.test/cart --from web/default",
        "gateways: [edge] | GET http://a.test:8080/cart --gateway --labels app=edge",
        "port: 81, gateways: [mesh] | GET http://a.test:81/cart",
      })
  void aRequestForAMissingDelegateComesFromWhereItsRuleHolds(String where, String request) {
    String rules =
        delegating("{uri: {prefix: /cart}, " + where + "}", server("edge", "*"))
            .replace("hosts: [a.test]", "hosts: [a.test]\n  gateways: [mesh, edge]");

    assertThat(told("WF127", rules)).containsExactly("e.g. " + request + " gets 404");
  }

  @Test
  void aHandshakeIsForTheNameThatTheRequestSays() {
    String rules =
        RULES
            .replace("hosts: [a.test]", "hosts: ['*']")
            .replace("method: {exact: POST}", "authority: {exact: other.test}")
            .formatted("gone");

    assertThat(told("WF128", rules + SECURED.formatted("SIMPLE, credentialName: c")))
        .containsExactly("e.g. GET https://other.test/cart --gateway --labels app=edge gets 404");
  }

  @Test
  void anAuthorityOfAnotherPortIsSentToTheOneThatIsThere() {
    String rules = RULES.replace("method: {exact: POST}", "authority: {exact: 'a.test:9999'}");

    assertThat(told("WF128", rules.formatted("gone") + server("edge", "*")))
        .containsExactly(
            "e.g. GET http://a.test:8080/cart -H 'host: a.test:9999' --gateway --labels app=edge"
                + " gets 404");
  }

  @Test
  void aPortWithAndWithoutTlsIsAskedAsTheHostIsTaken() {
    String gone = RULES.formatted("gone");

    assertThat(told("WF128", gone + both("'*'", "a.test") + OTHER))
        .containsExactly(
            "e.g. POST https://a.test:8080/cart --gateway --labels app=edge goes to default/other#0"
                + " (a.yaml:30:5)");
    assertThat(told("WF128", gone + both("a.test", "'*'")))
        .containsExactly("e.g. POST http://a.test:8080/cart --gateway --labels app=edge gets 404");
    assertThat(told("WF131", RULES.formatted("edge") + both("b.test", "c.test")))
        .containsExactly("e.g. POST http://a.test:8080/cart --gateway --labels app=edge gets 404");
  }

  @Test
  void whatIsPassedOnIsSaidToComeToNoRule() {
    String passing =
        BOTH.formatted("b.test", "TLS", "PASSTHROUGH", "'*.test'").replace("8080", "443");

    assertThat(told("WF128", RULES.formatted("gone") + passing))
        .containsExactly(
            "e.g. POST http://a.test:443/cart --gateway --labels app=edge gets 421, a.test is of a"
                + " server that wants TLS");
    assertThat(
            told(
                "WF128",
                RULES.replace("method: {exact: POST}", "scheme: {exact: https}").formatted("gone")
                    + passing))
        .containsExactly(
            "e.g. GET https://a.test/cart --gateway comes to no rule: its connection is passed on"
                + " as it is; ask for METHOD TLS");
  }

  @Test
  void aHostThatItsGatewayLacksIsAskedForThere() {
    assertThat(told("WF131", RULES.formatted("edge") + server("edge", "other.test")))
        .containsExactly("e.g. POST http://a.test:8080/cart --gateway --labels app=edge gets 404");
    assertThat(
            told("WF131", RULES.formatted("edge") + SECURED.formatted("SIMPLE, credentialName: c")))
        .containsExactly(
            "e.g. POST https://a.test/cart --gateway --labels app=edge is refused in its handshake");
    assertThat(
            told(
                "WF131",
                CONNECTIONS.formatted("edge")
                    + SECURED.formatted("PASSTHROUGH").replace("HTTPS", "TLS")))
        .containsExactly("e.g. TLS 192.0.2.1:443 --sni any.a.test --gateway is reset");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{uri: {prefix: /cart}} | GET http://a.test/cart gets 404",
        "{uri: {prefix: /cart/1}} | GET http://a.test/cart/1 goes to default/a#0 (a.yaml:9:13)",
        "{headers: {x: {exact: y}}} | GET http://a.test/ -H 'x: y' gets 404",
        "{uri: {regex: '/i/[0-9]+'}} | GET http://a.test/i/1 gets 404",
      })
  void aRequestForAMissingDelegateGoesOnOrNowhere(String match, String becomes) {
    assertThat(told("WF127", delegating(match, ""))).containsExactly("e.g. " + becomes);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "other, *     | GET http://a.test:8080/shop/x --gateway --labels app=other gets 404",
        "another, *   | GET http://a.test:8080/shop/x --gateway --labels app=another gets 404",
        "mesh, *      | GET http://a.test/shop/x gets 404",
        "other, b.test | GET http://a.test:8080/shop/x --gateway --labels app=other gets 404",
      })
  void aMatchAtAGatewayThatItsRootLacksIsAskedForThere(String at, String request) {
    String gateway = at.substring(0, at.indexOf(','));
    String named = gateway.equals("another") ? "gone" : gateway;
    String inner =
        inner(
            """
              - match: [{uri: {prefix: /shop/x}, gateways: [%s]}]
                directResponse: {status: 201}
            """
                .formatted(named));
    String rules =
        delegating("{uri: {prefix: /shop}}", inner)
            .replace("hosts: [a.test]", "hosts: [a.test]\n  gateways: [edge]");

    assertThat(
            told(
                "WF127",
                rules + server("edge", "*") + server(gateway, at.substring(at.indexOf(',') + 2))))
        .containsExactly("e.g. " + request);
  }

  @Test
  void aMissingDelegateOfARuleThatHoldsNowhereIsAskedForAtAnyGateway() {
    String rules =
        delegating("{uri: {prefix: /shop}}", "")
            .replace("hosts: [a.test]", "hosts: [a.test]\n  gateways: [gone]");

    assertThat(told("WF127", rules))
        .containsExactly("e.g. GET http://a.test/shop --gateway finds no server for HTTP there");
    assertThat(told("WF127", rules + server("edge", "*")))
        .containsExactly("e.g. GET http://a.test/shop --gateway gets 404");
  }

  @Test
  void aRuleOfADelegateThatDoesNotFitIsAskedFor() {
    String match = "{uri: {prefix: /shop}}";
    String outside =
        """
          - match: [{uri: {prefix: /cart/x}}]
            directResponse: {status: 201}
          - directResponse: {status: 202}
        """;
    String on =
        """
          - delegate: {name: further}
          - directResponse: {status: 202}
        """;

    assertThat(told("WF127", delegating(match, inner(outside))))
        .containsExactly("e.g. GET http://a.test/cart/x goes to default/a#1 (a.yaml:9:13)");
    assertThat(told("WF127", delegating(match, inner(on))))
        .containsExactly("e.g. GET http://a.test/shop goes to default/a#0 (a.yaml:18:5)");
  }

  @Test
  void aGatewayThatIsNotThereForADelegateIsToldByWhatItsRootDoes() {
    String inner =
        inner(
            """
              - match: [{uri: {prefix: /shop/x}, gateways: [gone]}]
                directResponse: {status: 201}
            """);
    String root = delegating("{uri: {prefix: /shop}}", inner);
    String attached = root.replace("hosts: [a.test]", "hosts: [a.test]\n  gateways: [edge]");
    String both = root.replace("hosts: [a.test]", "hosts: [a.test]\n  gateways: [edge, gone]");

    String shown = "e.g. GET http://a.test:8080/shop/x --gateway --labels app=edge gets 404";
    assertThat(told("WF128", attached + server("edge", "*"))).containsExactly(shown);
    assertThat(told("WF128", both + server("edge", "*"))).containsExactly(shown, shown);
    assertThat(lint(inner + server("edge", "*")))
        .filteredOn(one -> one.code().equals("WF128"))
        .singleElement()
        .satisfies(one -> assertThat(one.message()).doesNotContain("e.g."));
  }
}
