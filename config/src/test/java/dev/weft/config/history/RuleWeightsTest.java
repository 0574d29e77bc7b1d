package dev.weft.config.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.config.ConfigDocument;
import dev.weft.config.problem.Place;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class RuleWeightsTest {

  private static final String RULES =
      """
      # ours; mind the order
      apiVersion: networking.istio.io/v1
      kind: VirtualService
      metadata:
        name: search    # as in the shop
      spec:
        hosts: [search.test]
        http:
        - match: [{uri: {prefix: /new}}]
          route:
          - destination: {host: search, subset: v1}
            weight:   80   # most
          - {destination: {host: search, subset: "v2 – ü𝄞"}, weight: 20}   # a canary
        - route:
          - {destination: {host: search, subset: v1}, weight: 80}
          - {destination: {host: search, subset: v2}, weight: 20}
        - route: [{destination: {host: search}}]
      """;

  private static ConfigDocument document(String text) {
    return new ConfigDocument("dir:x", "search.yaml", text);
  }

  private static Place place(int line, int column) {
    return new Place("search.yaml", line, column);
  }

  private static RuleWeights first(String text) {
    return RuleWeights.of(document(text)).get(place(9, 5));
  }

  @Test
  void weightsOfConnectionsAreReplacedToo() {
    String text =
        RULES
            .replace("http:", "tcp:")
            .replace("{uri: {prefix: /new}}", "{port: 5432}")
            .replace(
                "- route: [{dest", "tls:\n  - route: [{weight: 3, destination: {host: x}}, {dest")
            .replace("{host: search}}]", "{host: search}, weight: 4}]");

    Map<Place, RuleWeights> all = RuleWeights.of(document(text));
    RuleWeights tcp = first(text);

    assertThat(all).hasSize(3);
    assertThat(tcp.paths())
        .containsExactly("spec.tcp[0].route[0].weight", "spec.tcp[0].route[1].weight");
    assertThat(tcp.with(List.of(0, 100)).text())
        .isEqualTo(
            text.replaceFirst("80   # most", "0   # most").replaceFirst("20}   #", "100}   #"));
    assertThat(all.values())
        .anySatisfy(
            tls ->
                assertThat(tls.paths())
                    .containsExactly("spec.tls[0].route[0].weight", "spec.tls[0].route[1].weight"));
  }

  @Test
  void onlyTheNumbersOfTheRuleAreReplaced() {
    Map<Place, RuleWeights> all = RuleWeights.of(document(RULES));

    assertThat(all.keySet()).containsExactly(place(9, 5), place(14, 5));
    RuleWeights weights = first(RULES);
    assertThat(weights.resource()).isEqualTo("VirtualService default/search");
    assertThat(weights.values()).containsExactly(80, 20);
    assertThat(weights.paths())
        .containsExactly("spec.http[0].route[0].weight", "spec.http[0].route[1].weight");
    assertThat(weights.fixed()).isEmpty();
    assertThat(weights.with(List.of(0, 100)))
        .isEqualTo(
            document(
                RULES
                    .replace("weight:   80   # most", "weight:   0   # most")
                    .replace("weight: 20}   # a canary", "weight: 100}   # a canary")));
  }

  @Test
  void linesMayEndAsTheyLike() {
    for (String end : List.of("\r\n", "\r")) {
      String text = RULES.replace("\n", end);

      assertThat(first(text).with(List.of(79, 21)).text())
          .isEqualTo(text.replace("  80  ", "  79  ").replace("20}   #", "21}   #"));
    }
  }

  @Test
  void jsonAndListsAreTextsToo() {
    String text =
        "{\"kind\": \"List\", \"items\": [{\"kind\": \"VirtualService\", \"metadata\": {\"name\":"
            + " \"s\", \"namespace\": \"n\"}, \"spec\": {\"http\": [{\"route\": [{\"weight\": 1},"
            + "{\"weight\":3}]}]}}]}";

    RuleWeights weights = RuleWeights.of(document(text)).values().iterator().next();

    assertThat(weights.resource()).isEqualTo("VirtualService n/s");
    assertThat(weights.with(List.of(2, 2)).text())
        .isEqualTo(text.replace("\"weight\": 1", "\"weight\": 2").replace(":3}", ":2}"));
  }

  @Test
  void aBoundNamespaceIsTheResources() {
    ConfigDocument bound =
        new ConfigDocument("configmap:prod/s", "search.yaml", RULES, Optional.of("prod"));

    assertThat(RuleWeights.of(bound).values().iterator().next().resource())
        .isEqualTo("VirtualService prod/search");
  }

  @Test
  void whatTheyAddUpToStays() {
    refused(RULES, List.of(80, 30), "weights: they add up to 110 (expected: 100, as they do now)");
    refused(
        RULES,
        List.of(105, -5),
        "spec.http[0].route[1].weight: weight -5 (expected: 0 to 1000000)");
    refused(RULES, List.of(100), "weights: 1 (expected: 2, one for each destination)");
  }

  @Test
  void whatIsNotWrittenAsANumberOfItsOwnIsLeftAlone() {
    refused(
        RULES.replace("      weight:   80   # most\n", ""),
        List.of(20, 0),
        "search.yaml:11:7: this destination has no weight; write weight: 0");
    for (String other :
        List.of("weight: '80' # most", "weight: &w 80 # most", "weight: !!int 80")) {
      refused(
          RULES.replace("weight:   80   # most", other),
          List.of(70, 30),
          "search.yaml:12:15: the weight is not written as a plain number; write it as one, without"
              + " an alias");
    }
  }

  @Test
  void whatAnAliasSharesIsLeftAlone() {
    String shared =
        RULES
            .replace("- match: [{uri: {prefix: /new}}]\n    route:", "- route: &r")
            .replaceAll("(?s)  - route:\\n    - \\{destination.*", "  - {route: *r}\n");

    assertThat(shared).contains("&r", "*r");
    refused(
        shared,
        List.of(70, 30),
        "the same weights serve VirtualService default/search spec.http[1].route[0].weight,"
            + " spec.http[1].route[1].weight: they are shared by an alias; write them out");
  }

  private static void refused(String text, List<Integer> wanted, String why) {
    RuleWeights weights = RuleWeights.of(document(text)).values().iterator().next();

    assertThatThrownBy(() -> weights.with(wanted))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(why);
  }
}
