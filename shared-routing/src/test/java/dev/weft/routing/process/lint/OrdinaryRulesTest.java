package dev.weft.routing.process.lint;

import static dev.weft.routing.process.lint.LintFixture.messages;
import static dev.weft.routing.process.lint.LintFixture.rules;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.ConfigLoader;
import dev.weft.config.LoadResult;
import dev.weft.config.problem.Problem;
import dev.weft.config.source.DirectorySource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is as it should be, of which nothing is told. */
final class OrdinaryRulesTest {

  private static final Set<String> FOUND =
      Set.of("WF136", "WF137", "WF138", "WF139", "WF140", "WF141", "WF142", "WF143", "WF144");

  @Test
  void aShareOfNothingIsNotTold() {
    assertThat(
            messages(
                rules(
                    """
                      - route:
                        - {destination: {host: b.test, subset: v1}, weight: 100}
                        - {destination: {host: b.test, subset: v3}, weight: 0}
                    """)))
        .isEmpty();
  }

  @Test
  void anAuthorityThatBeginsAnyOfTheHostsIsOne() {
    assertThat(
            messages(
                rules(
                        """
                          - match: [{authority: {prefix: b.}}]
                            directResponse: {status: 200}
                          - directResponse: {status: 201}
                        """)
                    .replace("hosts: [a.test]", "hosts: [b.test, longer.test]")))
        .isEmpty();
  }

  @Test
  void anAuthorityThatBeginsMoreHostsThanAreTriedIsOne() {
    String hosts =
        IntStream.range(10, 40)
            .mapToObj(number -> "shop-a" + number + ".test")
            .collect(Collectors.joining(", "));

    assertThat(
            messages(
                rules(
                        """
                          - match: [{authority: {prefix: shop-a}}]
                            directResponse: {status: 200}
                          - match: [{authority: {prefix: shop-}}]
                            directResponse: {status: 201}
                        """)
                    .replace("hosts: [a.test]", "hosts: [" + hosts + ", shop-b.test]")))
        .isEmpty();
  }

  @Test
  void aNameThatAnotherResourceHasDoesNotStandForAWildcard() {
    String closer =
        """
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: c}
        spec:
          hosts: [any.test]
          http: [{directResponse: {status: 200}}]
        ---
        """;

    assertThat(
            messages(
                closer
                    + rules(
                            """
                              - match: [{authority: {prefix: b.}}]
                                directResponse: {status: 200}
                              - directResponse: {status: 201}
                            """)
                        .replace("hosts: [a.test]", "hosts: ['*.test']")))
        .isEmpty();
  }

  private static final String DELEGATING =
      """
      apiVersion: networking.istio.io/v1
      kind: VirtualService
      metadata: {name: a}
      spec:
        hosts: [a.test]
        http:
        - match: [{uri: {prefix: /a}}]
          delegate: {name: inner}
        - match: [{uri: {prefix: /a}}]
          directResponse: {status: 200}
      ---
      apiVersion: networking.istio.io/v1
      kind: VirtualService
      metadata: {name: inner}
      spec:
        http:
      """;

  @Test
  void whatADelegateLeavesIsForTheRulesBelow() {
    String some =
        """
          - match: [{uri: {prefix: /a}, method: {exact: GET}}]
            directResponse: {status: 201}
        """;
    String all = "  - directResponse: {status: 201}\n";

    assertThat(messages(DELEGATING + some)).isEmpty();
    assertThat(messages(DELEGATING + all))
        .containsExactly(
            "WF122 no request gets here: default/a#0 (a.yaml:17:5) takes them; e.g. GET"
                + " http://a.test/a");
  }

  @Test
  void aRuleOfADelegateIsToldWhereItStands() {
    String twice =
        """
          - directResponse: {status: 201}
          - directResponse: {status: 202}
        """;

    assertThat(LintFixture.lint(DELEGATING + twice))
        .extracting(Problem::place)
        .extracting(String::valueOf)
        .containsExactly("a.yaml:9:13", "a.yaml:18:5");
  }

  @Test
  void aRuleThatOtherCallersReachIsNotTold() {
    assertThat(
            messages(
                rules(
                    """
                      - match: [{sourceNamespace: default}, {sourceLabels: {app: x}}]
                        directResponse: {status: 200}
                      - directResponse: {status: 201}
                    """)))
        .isEmpty();
  }

  /** Ordinary rules, in the order that is meant: there is nothing to tell of them. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        """
          - match: [{headers: {x-canary: {exact: "1"}}}]
            route: [{destination: {host: b.test, subset: v2}}]
          - match: [{uri: {prefix: /api}}]
            route: [{destination: {host: b.test, subset: v1}}]
          - route: [{destination: {host: b.test}}]
        """,
        """
          - match: [{uri: {exact: /foo/bar}}]
            directResponse: {status: 200}
          - match: [{uri: {prefix: /foo/}}, {uri: {exact: /foo}}]
            directResponse: {status: 201}
          - match: [{uri: {prefix: /foobar}}]
            directResponse: {status: 202}
          - directResponse: {status: 404}
        """,
        """
          - match: [{uri: {prefix: /api/}, method: {exact: GET}}]
            route: [{destination: {host: b.test, subset: v1}}]
          - match: [{uri: {prefix: /api/}, method: {regex: "POST|PUT"}}]
            route: [{destination: {host: b.test, subset: v2}}]
          - match: [{uri: {regex: "/user/[0-9]+(/.*)?"}}]
            route: [{destination: {host: b.test}}]
          - match: [{uri: {prefix: /user/}}]
            route: [{destination: {host: b.test}}]
        """,
        """
          - match: [{uri: {exact: /}}]
            redirect: {uri: /home}
          - match: [{uri: {prefix: /old/}}]
            redirect: {prefixRewrite: /new/}
          - match: [{queryParams: {v: {exact: "2"}}}]
            route: [{destination: {host: b.test, subset: v2}}]
          - timeout: 10s
            retries: {attempts: 3, perTryTimeout: 2s}
            route:
            - {destination: {host: b.test, subset: v1}, weight: 90}
            - {destination: {host: b.test, subset: v2}, weight: 10}
        """,
        """
          - match: [{uri: {prefix: /a}, ignoreUriCase: true}, {uri: {prefix: /B}}]
            directResponse: {status: 200}
          - match: [{uri: {prefix: /b}}]
            directResponse: {status: 201}
          - match: [{authority: {prefix: a.test}}]
            directResponse: {status: 202}
          - match: [{port: 8080}]
            directResponse: {status: 203}
          - match: [{withoutHeaders: {x: {}}}]
            directResponse: {status: 204}
          - directResponse: {status: 205}
        """,
        """
          - match: [{headers: {cookie: {regex: "^(.*?;)?(user=jason)(;.*)?$"}}}]
            route: [{destination: {host: b.test, subset: v2}}]
          - fault: {delay: {fixedDelay: 1s, percentage: {value: 10}}}
            match: [{headers: {end-user: {exact: jason}}}]
            route: [{destination: {host: b.test, subset: v1}}]
          - route: [{destination: {host: b.test, subset: v1}}]
            mirror: {host: b.test, subset: v2}
        """,
      })
  void ordinaryRulesAreNotTold(String rules) {
    assertThat(messages(rules(rules))).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("examples")
  void nothingIsFoundInAnExample(Path example) throws IOException {
    LoadResult loaded = ConfigLoader.load(DirectorySource.read(example));

    List<Problem> found = Lint.check(loaded);

    assertThat(found).extracting(Problem::code).doesNotContainAnyElementsOf(FOUND);
    assertThat(found).hasSameSizeAs(loaded.problems());
  }

  @Test
  void nothingIsFoundInAllExamplesTogether() throws IOException {
    LoadResult loaded = ConfigLoader.load(DirectorySource.read(Path.of("../config/examples")));

    assertThat(Lint.check(loaded)).extracting(Problem::code).doesNotContainAnyElementsOf(FOUND);
  }

  static List<Path> examples() throws IOException {
    try (Stream<Path> all = Files.list(Path.of("../config/examples"))) {
      return all.filter(Files::isDirectory).sorted().toList();
    }
  }
}
