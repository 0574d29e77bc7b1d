package dev.weft.routing.process.lint;

import static dev.weft.routing.process.lint.LintFixture.loaded;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.LoadResult;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is found in AuthorizationPolicies, word for word, and of what nothing is told. */
final class PolicyLintTest {

  private static final String SERVICES =
      """
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: db, annotations: {alpha.istio.io/kubernetes-serviceaccounts: db}}
      spec:
        selector: {app: db}
        ports: [{name: tcp-db, port: 3306}, {name: http, port: 80, targetPort: 8080}]
      """;

  private static List<String> messages(String text) {
    LoadResult loaded = loaded(text);
    assertThat(loaded.problems()).isEmpty();
    return Lint.check(loaded).stream().map(one -> one.code() + " " + one.message()).toList();
  }

  private static String policy(String name, String spec) {
    return """
        ---
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: %s}
        spec: %s
        """
        .formatted(name, spec);
  }

  @Test
  void aRuleThatAnotherPolicyDeniesIsToldWithARequest() {
    assertThat(
            messages(
                policy(
                        "allow",
                        "{selector: {matchLabels: {app: a, v: b}}, rules: ["
                            + "{from: [{source: {serviceAccounts: [web/shop]}}], to: [{operation:"
                            + " {methods: [POST], paths: [/admin/x, /admin/y*]}}]},"
                            + " {to: [{operation: {paths: [/x]}}]}]}")
                    + policy(
                        "deny",
                        "{selector: {matchLabels: {app: a}}, action: DENY, rules: [{to:"
                            + " [{operation: {paths: [/no]}}, {operation: {paths: [/admin*],"
                            + " notMethods: [GET]}}]}]}")))
        .containsExactly(
            "WF143 default/deny rule 1 (a.yaml:10:65) denies all that it allows; e.g. POST"
                + " http://a.test/admin/x by spiffe://cluster.local/ns/web/sa/shop is denied by"
                + " default/deny rule 1");
  }

  @Test
  void whatSeveralPoliciesDenyTogetherIsTold() {
    assertThat(
            messages(
                policy(
                        "allow",
                        "{rules: [{to: [{operation: {methods: [POST, PUT], paths: [/y]}}]}]}")
                    + policy(
                        "post", "{action: DENY, rules: [{to: [{operation: {methods: [POST]}}]}]}")
                    + policy(
                        "put",
                        "{action: DENY, rules: [{to: [{operation: {methods: [PUT], paths:"
                            + " ['/y*']}}]}]}")))
        .containsExactly(
            "WF143 default/post rule 1 (a.yaml:10:30), default/put rule 1 (a.yaml:15:30) deny"
                + " together all that it allows; e.g. POST http://a.test/y is denied by default/post"
                + " rule 1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[{to: [{operation: {methods: [GET]}}]}, {to: [{operation: {notMethods: [GET]}}]}]",
        "[{to: [{operation: {methods: [GET, HEAD]}}]}, {to: [{operation: {notMethods: [GET]}}]}]",
        "[{to: [{operation: {paths: ['/x/a*']}}]}, {to: [{operation: {paths: ['/x/b']}}]}]",
        "[{to: [{operation: {ports: ['80']}}]}, {to: [{operation: {notPorts: ['80']}}]}]",
        "[{from: [{source: {ipBlocks: [10.0.0.0/8]}}]},"
            + " {from: [{source: {notIpBlocks: [10.0.0.0/8]}}]}]",
      })
  void soIsWhatSeveralRulesDenyTogether(String rules) {
    assertThat(
            messages(
                policy("allow", "{rules: [{to: [{operation: {paths: ['/x/a', '/x/b']}}]}]}")
                    + policy("deny", "{action: DENY, rules: " + rules + "}")))
        .singleElement()
        .asString()
        .startsWith("WF143 default/deny rule 1")
        .contains("deny together all that it allows; e.g. ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[{to: [{operation: {methods: [GET]}}]}, {to: [{operation: {notMethods: [GET, HEAD]}}]}]",
        "[{to: [{operation: {paths: ['/x/a']}}]}, {to: [{operation: {paths: ['/x/c']}}]}]",
        "[{to: [{operation: {methods: [GET], ports: ['80']}}]},"
            + " {to: [{operation: {notMethods: [GET]}}]}]",
        "[{from: [{source: {namespaces: [a]}}]}, {from: [{source: {notNamespaces: [b]}}]}]",
      })
  void whereSomethingIsLeftNothingIsTold(String rules) {
    assertThat(
            messages(
                policy("allow", "{rules: [{to: [{operation: {paths: ['/x/a', '/x/b']}}]}]}")
                    + policy("deny", "{action: DENY, rules: " + rules + "}")))
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{action: DENY, rules: [{}]}",
        "{action: DENY, rules: [{to: [{operation: {methods: [GET, HEAD]}}]}]}",
        "{action: DENY, rules: [{to: [{operation: {hosts: ['*.TEST']}}]}]}",
        "{action: DENY, rules: [{from: [{source: {ipBlocks: [10.0.0.0/8]}}]}]}",
        "{action: DENY, rules: [{from: [{source: {principals: ['*/sa/shop']}}]}]}",
        "{action: DENY, rules: [{from: [{source: {notIpBlocks: [192.168.0.0/16]}}]}]}",
        "{action: DENY, rules: [{when: [{key: 'request.headers[X]', values: ['1*']}]}]}",
        "{action: DENY, rules: [{when: [{key: destination.port, notValues: ['81']}]}]}",
      })
  void whateverTakesItWholeIsTold(String deny) {
    assertThat(
            messages(
                policy(
                        "allow",
                        "{rules: [{from: [{source: {principals: [cluster.local/ns/web/sa/shop],"
                            + " ipBlocks: [10.1.0.0/16]}}], to: [{operation: {methods: [GET],"
                            + " hosts: [A.test], paths: ['/a/{*}'], ports: ['80']}}], when: [{key:"
                            + " 'request.headers[x]', values: ['12', '1x*']}]}]}")
                    + policy("deny", deny)))
        .singleElement()
        .asString()
        .startsWith("WF143 default/deny rule 1 (a.yaml:")
        .endsWith(
            "; e.g. GET http://A.test/a/x -H 'x: 12' by spiffe://cluster.local/ns/web/sa/shop from"
                + " 10.1.0.0 at port 80 is denied by default/deny rule 1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{action: DENY, rules: [{to: [{operation: {methods: [POST]}}]}]}",
        "{action: DENY, rules: [{to: [{operation: {notMethods: [GET]}}]}]}",
        "{action: DENY, rules: [{to: [{operation: {paths: ['/a/{*}/x']}}]}]}",
        "{action: DENY, rules: [{to: [{operation: {paths: ['/a/b*']}}]}]}",
        "{action: DENY, rules: [{to: [{operation: {hosts: ['a.test:80']}}]}]}",
        "{action: DENY, rules: [{from: [{source: {ipBlocks: [10.1.0.0/17]}}]}]}",
        "{action: DENY, rules: [{from: [{source: {notIpBlocks: [10.1.2.3]}}]}]}",
        "{action: DENY, rules: [{from: [{source: {notPrincipals: ['*']}}]}]}",
        "{action: DENY, rules: [{from: [{source: {principals: ['*']}}]}]}",
        "{action: DENY, selector: {matchLabels: {app: a}}, rules: [{}]}",
        "{action: DENY, rules: [{when: [{key: 'request.headers[x]', values: ['12']}]}]}",
        "{action: DENY, rules: [{when: [{key: 'request.headers[x]', notValues: ['3']}]}]}",
      })
  void whatLeavesAPartOfItIsNotTold(String deny) {
    assertThat(
            messages(
                policy(
                        "allow",
                        "{rules: [{from: [{source: {ipBlocks: [10.1.0.0/16]}}], to: [{operation:"
                            + " {methods: [GET], hosts: [a.test], paths: ['/a/{*}', '/b']}}],"
                            + " when: [{key: 'request.headers[x]', values: ['12', '1x*']}]}]}")
                    + policy("deny", deny)))
        .isEmpty();
  }

  @Test
  void aDenyOfAnotherNamespaceOrThatOnlyTellsTakesNothing() {
    String allow = policy("allow", "{rules: [{}]}");
    String deny = policy("deny", "{action: DENY, rules: [{}]}");

    assertThat(messages(allow + deny)).hasSize(1);
    assertThat(messages(allow + deny.replace("{name: deny}", "{name: deny, namespace: b}")))
        .isEmpty();
    assertThat(messages(allow + deny.replace("{name: deny}", "{name: d, namespace: istio-system}")))
        .hasSize(1);
    assertThat(
            messages(
                allow
                    + deny.replace(
                        "{name: deny}", "{name: deny, annotations: {istio.io/dry-run: \"true\"}}")))
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "to: [{operation: {paths: [/a, /b/c], notPaths: [/a*, '*/c']}}]",
        "to: [{operation: {paths: ['/a/{*}'], notPaths: ['/a/{*}']}}]",
        "to: [{operation: {methods: [GET], notMethods: [GET, POST]}}]",
        "to: [{operation: {hosts: [A.test], notHosts: ['*.TEST']}}]",
        "to: [{operation: {ports: ['80'], notPorts: ['80', '81']}}]",
        "from: [{source: {principals: [a/ns/b/sa/c], notPrincipals: ['a/ns/b/*']}}]",
        "from: [{source: {namespaces: [a], notNamespaces: ['*']}}]",
        "from: [{source: {requestPrincipals: ['*'], notRequestPrincipals: ['*']}}]",
        "from: [{source: {ipBlocks: [10.1.0.0/16], notIpBlocks: [10.0.0.0/8]}}]",
        "when: [{key: 'request.headers[x]', values: [a], notValues: ['*']}]",
        "when: [{key: connection.sni, values: [a.test], notValues: ['*.test']}]",
      })
  void whatItsNegationTakesIsTold(String rule) {
    assertThat(messages(policy("a", "{rules: [{" + rule + "}]}")))
        .singleElement()
        .asString()
        .startsWith("WF142 no request can meet it: ")
        .contains(" takes all of ");
  }

  @Test
  void theRequestThatItLeavesOutIsTold() {
    assertThat(
            messages(
                policy(
                    "a",
                    "{action: DENY, rules: [{to: [{operation: {paths: [/x]}}, {operation: {paths:"
                        + " [/a], notPaths: [/a*], methods: [PUT]}}]}]}")))
        .containsExactly(
            "WF142 no request can meet it: notPaths takes all of /a; e.g. PUT http://a.test/a does"
                + " not");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{rules: [{to: [{operation: {paths: ['/a*'], notPaths: [/a]}}]}]}",
        "{rules: [{to: [{operation: {hosts: ['a.test:80'], notHosts: ['a.test:81']}}]}]}",
        "{rules: [{to: [{operation: {ports: ['3306']}}]}]}",
        "{rules: [{to: [{operation: {ports: ['8080'], methods: [GET]}}]}]}",
        "{rules: [{to: [{operation: {ports: ['3306', '8080'], methods: [GET]}}]}]}",
        "{action: DENY, rules: [{to: [{operation: {ports: ['3306'], methods: [GET]}}]}]}",
        "{selector: {matchLabels: {app: x}}, rules: [{to: [{operation: {ports: ['3306'], methods:"
            + " [GET]}}]}]}",
        "{action: DENY, rules: [{when: [{key: 'request.headers[x]', values: [a], notValues:"
            + " [a]}]}]}",
        "{rules: [{from: [{source: {namespaces: [a]}}]}, {from: [{source: {namespaces: [b]}}]}]}",
        "{rules: [{to: [{operation: {methods: [GET]}}]}, {}]}",
      })
  void ordinaryPoliciesAreNotTold(String spec) {
    assertThat(messages(policy("a", spec) + SERVICES)).isEmpty();
  }

  @Test
  void aRuleThatIsThereTwiceIsTold() {
    assertThat(
            messages(
                policy(
                    "a",
                    "{rules: [{to: [{operation: {paths: [/a]}}]}, {}, {to: [{operation: {paths:"
                        + " [/a]}}]}]}")))
        .containsExactly(
            "WF122 rules[0] (a.yaml:5:16) asks for the same; e.g. GET http://a.test/a");
  }

  @Test
  void whatIsAskedOfConnectionsThatOnlyRequestsHaveIsTold() {
    String asks = "{rules: [{to: [{operation: {ports: ['3306'], methods: [GET]}}]}]}";

    assertThat(messages(policy("a", asks) + SERVICES))
        .containsExactly(
            "WF144 port 3306 is tcp (Service default/db): a connection there has no request, and a"
                + " rule that asks for what only requests have allows none");
    assertThat(messages(policy("a", asks) + SERVICES.replace("8080}", "3306}"))).isEmpty();
    assertThat(messages(policy("a", asks) + SERVICES.replace("8080}", "web}"))).isEmpty();
  }
}
