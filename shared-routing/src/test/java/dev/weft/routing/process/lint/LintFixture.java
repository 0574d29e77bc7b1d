package dev.weft.routing.process.lint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.ConfigDocument;
import dev.weft.config.ConfigLoader;
import dev.weft.config.LoadResult;
import dev.weft.config.problem.Problem;
import java.util.List;

/** Configurations to look at; each request that is told is asked of an explanation, too. */
final class LintFixture {

  private static final String SERVICE =
      """
      ---
      apiVersion: networking.istio.io/v1
      kind: ServiceEntry
      metadata: {name: b}
      spec:
        hosts: [b.test]
        ports: [{number: 80, name: http, protocol: HTTP}]
        resolution: STATIC
        endpoints: [{address: 127.0.0.1, labels: {version: v1}}, {address: 127.0.0.2, labels: {version: v2}}]
      ---
      apiVersion: networking.istio.io/v1
      kind: DestinationRule
      metadata: {name: b}
      spec:
        host: b.test
        subsets:
        - {name: v1, labels: {version: v1}}
        - {name: v2, labels: {version: v2}}
        - {name: v3, labels: {version: v3}}
        - {name: first, labels: {version: v1}}
      """;

  static String rules(String rules) {
    return """
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: a}
        spec:
          hosts: [a.test]
          http:
        """
        + rules
        + SERVICE;
  }

  static LoadResult loaded(String text) {
    return ConfigLoader.load(List.of(new ConfigDocument("test", "a.yaml", text)));
  }

  static List<Problem> lint(String text) {
    LoadResult loaded = loaded(text);
    assertThat(loaded.accepted()).as("%s", loaded.problems()).isTrue();
    List<Problem> found = Lint.check(loaded);
    found.forEach(problem -> Proofs.hold(loaded, problem));
    return found;
  }

  static List<String> messages(String text) {
    return lint(text).stream().map(one -> one.code() + " " + one.message()).toList();
  }

  private LintFixture() {}
}
