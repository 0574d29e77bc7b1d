package dev.weft.routing.process.lint;

import static dev.weft.routing.process.lint.LintFixture.messages;
import static dev.weft.routing.process.lint.LintFixture.rules;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Fields and resources that work against each other, word for word. */
final class ContradictionsTest {

  @Test
  void copiesThatHelpNobodyAreTold() {
    assertThat(
            messages(
                rules(
                    """
                      - match: [{uri: {prefix: /itself}}]
                        route: [{destination: {host: b.test, subset: v1}}]
                        mirror: {host: b.test, subset: v1}
                      - match: [{uri: {prefix: /lost}}]
                        route: [{destination: {host: b.test, subset: v1}}]
                        mirror: {host: b.test, subset: v3}
                      - match: [{uri: {prefix: /part}}]
                        route:
                        - {destination: {host: b.test, subset: v1}, weight: 50}
                        - {destination: {host: b.test, subset: v2}, weight: 50}
                        mirror: {host: b.test, subset: v2}
                    """)))
        .containsExactly(
            "WF138 copies requests to where they go themselves, which gets them twice; e.g. GET"
                + " http://a.test/itself",
            "WF139 none of the 2 endpoints of b.test is of subset 'v3'; e.g. GET http://a.test/lost:"
                + " its copy is lost");
  }

  private static String near(String... localities) {
    StringBuilder text =
        new StringBuilder(
            """
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: near}
            spec: {hosts: [a.test], http: [{match: [{uri: {prefix: /n}}], route: [{destination: {host: near.test}}]}]}
            ---
            apiVersion: networking.istio.io/v1
            kind: DestinationRule
            metadata: {name: near}
            spec:
              host: near.test
              trafficPolicy:
                loadBalancer:
                  simple: ROUND_ROBIN
                  localityLbSetting:
                    distribute:
                    - {from: "west/*", to: {"west/*": 80, "east/*": 20}}
            ---
            apiVersion: networking.istio.io/v1
            kind: ServiceEntry
            metadata: {name: near}
            spec:
              hosts: [near.test]
              ports: [{number: 80, name: http, protocol: HTTP}]
              resolution: STATIC
              endpoints:
            """);
    for (int i = 0; i < localities.length; i++) {
      text.append("  - {address: 127.0.0.%d, locality: %s}%n".formatted(i + 1, localities[i]));
    }
    return text.toString();
  }

  private static String named(String host, String... services) {
    StringBuilder text = new StringBuilder(rules("  - route: [{destination: {host: b.test}}]\n"));
    text.insert(text.indexOf("a.test"), host + ", ");
    for (String service : services) {
      text.append(
          """
          ---
          apiVersion: v1
          kind: Service
          metadata:
            name: %s
            namespace: prod
            annotations: {alpha.istio.io/kubernetes-serviceaccounts: reviews}
          spec: {ports: [{name: http, port: 80}]}
          """
              .formatted(service));
    }
    return text.toString();
  }

  @Test
  void aNameThatNoServiceOfItsNamespaceHasIsTold() {
    String host = "reviws.prod.svc.cluster.local";

    assertThat(messages(named(host, "reviews")))
        .containsExactly(
            "WF139 no Service has the name reviws.prod.svc.cluster.local, so that nobody finds an"
                + " address to send to; e.g. GET http://reviws.prod.svc.cluster.local/ fails in its"
                + " caller");
    assertThat(messages(named(host, "reviews", "reviws"))).isEmpty();
    assertThat(messages(named(host))).as("no Services are known").isEmpty();
    assertThat(messages(named("reviws.test.svc.cluster.local", "reviews")))
        .as("none of that namespace")
        .isEmpty();
    assertThat(messages(named("reviws.prod.svc.example.com", "reviews"))).isEmpty();
  }

  @Test
  void areasWithoutEndpointsAreTold() {
    assertThat(messages(near("west/1", "west/2")))
        .containsExactly(
            "WF141 none of the 2 endpoints of near.test is in east/*, which is to get 20 % of what"
                + " callers in west/* send; e.g. GET http://a.test/n is sent to other areas from"
                + " there");
    assertThat(messages(near("north/1")))
        .singleElement()
        .asString()
        .startsWith("WF141 none of the 1 endpoints of near.test is in west/*, which is to get 80 %")
        .endsWith("; e.g. GET http://a.test/n gets 503 from there");
    assertThat(messages(near("west/1", "east/2"))).isEmpty();
  }

  @Test
  void aCopyToAServiceThatIsNotThereIsProved() {
    assertThat(
            messages(
                rules(
                    """
                      - route: [{destination: {host: b.test, subset: v1}}]
                        mirror: {host: nobody.test}
                    """)))
        .singleElement()
        .asString()
        .startsWith("WF120 no service 'nobody.test'")
        .endsWith("; e.g. GET http://a.test/: its copy goes there");
  }

  @Test
  void whatAnAnswerOfTheProxysOwnHasNoUseForIsTold() {
    assertThat(
            messages(
                rules(
                    """
                      - match: [{uri: {prefix: /old/}}]
                        redirect: {uri: /new}
                        timeout: 3s
                        retries: {attempts: 3, perTryTimeout: 5s}
                      - directResponse: {status: 204}
                        mirror: {host: b.test}
                    """)))
        .containsExactly(
            "WF138 timeout, retries beside an answer of the proxy's own, which nothing is sent for;"
                + " e.g. GET http://a.test/old/ is answered at once",
            "WF138 mirror beside an answer of the proxy's own, which nothing is sent for; e.g. GET"
                + " http://a.test/ is answered at once");
  }

  @Test
  void weightsThatMissAHundredAreTold() {
    assertThat(
            messages(
                rules(
                    """
                      - route:
                        - {destination: {host: b.test, subset: v1}, weight: 60}
                        - {destination: {host: b.test, subset: v2}, weight: 30}
                    """)))
        .containsExactly(
            "WF141 the weights add up to 90, so that they are no percentages; e.g. GET"
                + " http://a.test/ reaches the first one by 66.6667 % and not by 60");
  }

  @ParameterizedTest
  @CsvSource({"9, 1", "1, 1", "95, 5", "1, 999", "50, 25"})
  void weightsThatAreRatiosAreNot(int first, int second) {
    assertThat(
            messages(
                rules(
                    """
                      - route:
                        - {destination: {host: b.test, subset: v1}, weight: %d}
                        - {destination: {host: b.test, subset: v2}, weight: %d}
                    """
                        .formatted(first, second))))
        .isEmpty();
  }

  private static String plain(String mode, String tls, String account) {
    return """
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: a}
        spec:
          hosts: [a.test]
          http: [{route: [{destination: {host: in.test}}]}]
        ---
        apiVersion: networking.istio.io/v1
        kind: ServiceEntry
        metadata: {name: in}
        spec:
          hosts: [in.test]
          location: MESH_INTERNAL
          ports: [{number: 80, name: http, protocol: HTTP}]
          resolution: STATIC
          subjectAltNames: [spiffe://cluster.local/ns/default/sa/in]
          endpoints: [{address: 127.0.0.1%s}]
        ---
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata: {name: in}
        spec: {host: in.test, trafficPolicy: {tls: {mode: %s}}}
        ---
        apiVersion: security.istio.io/v1
        kind: PeerAuthentication
        metadata: {name: default}
        spec: {mtls: {mode: %s}}
        """
        .formatted(account, tls, mode);
  }

  @Test
  void plaintextToWhatTakesOnlyTheMeshsTlsIsTold() {
    assertThat(messages(plain("STRICT", "DISABLE", ", serviceAccount: in")))
        .containsExactly(
            "WF138 reaches in.test without the mesh's TLS, and 127.0.0.1 of account in takes"
                + " nothing else (PeerAuthentication default/default is STRICT, a.yaml:24:1); e.g."
                + " GET http://a.test/ gets 503");
    assertThat(messages(plain("PERMISSIVE", "DISABLE", ", serviceAccount: in"))).isEmpty();
    assertThat(messages(plain("STRICT", "ISTIO_MUTUAL", ", serviceAccount: in"))).isEmpty();
    assertThat(messages(plain("STRICT", "DISABLE", ""))).isEmpty(); // it may have no proxy
  }

  @Test
  void aSubsetThatAnotherRuleSaysOtherwiseIsProved() {
    String other =
        """
        ---
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata: {name: c}
        spec:
          host: b.test
          subsets: [{name: v1, labels: {version: next}}]
        """;

    assertThat(messages(rules("  - route: [{destination: {host: b.test, subset: v1}}]\n") + other))
        .anySatisfy(
            one ->
                assertThat(one)
                    .startsWith("WF123 subset 'v1' has other labels in DestinationRule default/b")
                    .endsWith("; e.g. GET http://a.test/ goes by the other one"));
  }

  private static final String TWO_POLICIES =
      """
      ---
      apiVersion: networking.istio.io/v1
      kind: DestinationRule
      metadata: {name: d1, namespace: %s}
      spec:
        host: d.test
        trafficPolicy: {loadBalancer: {simple: RANDOM}}
      ---
      apiVersion: networking.istio.io/v1
      kind: DestinationRule
      metadata: {name: d2, namespace: %s}
      spec:
        host: d.test
        %s
      ---
      apiVersion: networking.istio.io/v1
      kind: ServiceEntry
      metadata: {name: d}
      spec:
        hosts: [d.test]
        ports: [{number: 8080, name: http, protocol: HTTP}]
        resolution: STATIC
        endpoints: [{address: 127.0.0.1}]
      """;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "default | 'trafficPolicy: {loadBalancer: {simple: ROUND_ROBIN}}' | the other one",
        "default | 'subsets: [{name: v1, labels: {version: v1}}]'          | both",
        "prod    | 'trafficPolicy: {loadBalancer: {simple: ROUND_ROBIN}}' | ''",
      })
  void aPolicyThatAnotherRuleHasIsProved(String namespace, String what, String by) {
    String text = TWO_POLICIES.formatted(namespace, namespace, what).substring(4);

    List<String> told = messages(text);

    assertThat(told).hasSize(1);
    assertThat(told.get(0)).startsWith("WF123 host d.test also in DestinationRule");
    String proof = "; e.g. GET http://d.test:8080/ goes by " + by;
    assertThat(told.get(0).endsWith(proof)).isEqualTo(!by.isEmpty()); // nobody there asks
  }

  @Test
  void aPolicyOfAServiceThatARuleSendsToIsProvedByThat() {
    String text =
        TWO_POLICIES.formatted(
            "default", "default", "trafficPolicy: {loadBalancer: {simple: ROUND_ROBIN}}");

    assertThat(messages(rules("  - route: [{destination: {host: d.test}}]\n") + text))
        .anySatisfy(
            one -> assertThat(one).endsWith("; e.g. GET http://a.test/ goes by the other one"));
  }

  @ParameterizedTest
  @CsvSource({"STRICT, PERMISSIVE, refused", "PERMISSIVE, STRICT, taken", "DISABLE, STRICT, taken"})
  void aModeThatAnotherOneHasIsProved(String first, String second, String becomes) {
    String text =
        """
        apiVersion: security.istio.io/v1
        kind: PeerAuthentication
        metadata: {name: p1, namespace: prod}
        spec: {mtls: {mode: %s}}
        ---
        apiVersion: security.istio.io/v1
        kind: PeerAuthentication
        metadata: {name: p2, namespace: prod}
        spec: {mtls: {mode: %s}}
        """;

    assertThat(messages(text.formatted(first, second)))
        .singleElement()
        .asString()
        .endsWith(
            "this one does not count; e.g. GET http://192.0.2.1/ without TLS is "
                + becomes
                + " there, by mode "
                + first);
  }
}
