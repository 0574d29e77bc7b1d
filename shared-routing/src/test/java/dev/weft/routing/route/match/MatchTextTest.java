package dev.weft.routing.route.match;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.ConfigDocument;
import dev.weft.config.ConfigLoader;
import dev.weft.config.model.HttpMatch;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is said of a rule's matches, read from a configuration. */
final class MatchTextTest {

  private static String told(String matches) {
    String text =
        """
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: a}
        spec: {hosts: [a.test], http: [{%s directResponse: {status: 200}}]}
        """
            .formatted(matches);
    List<HttpMatch> all =
        ConfigLoader.load(List.of(new ConfigDocument("dir", "a.yaml", text)))
            .config()
            .virtualServices()
            .get(0)
            .http()
            .get(0)
            .matches();
    return MatchText.of(all);
  }

  @Test
  void eachConditionIsNamedAndValuesThatMayBeSecretAreNot() {
    assertThat(
            told(
                "match: [{method: {exact: GET}, uri: {prefix: /api}, authority: {exact: a.test:80},"
                    + " headers: {x-key: {exact: secret}, accept: {}}, withoutHeaders: {old: {}},"
                    + " queryParams: {token: {exact: secret}}, port: 80}],"))
        .isEqualTo(
            "GET /api*, host a.test:80, header accept, header x-key, not header old, query token,"
                + " port 80");
  }

  @Test
  void alternativesStandBesideEachOther() {
    assertThat(told("match: [{uri: {exact: /a}}, {uri: {regex: '/b[0-9]+'}}],"))
        .isEqualTo("/a or regex /b[0-9]+");
    assertThat(told("match: [{uri: {exact: /a}}, {method: {exact: PUT}}, {port: 1}, {port: 2}],"))
        .isEqualTo("/a or PUT or port 1 or 1 more");
  }

  @Test
  void whatAsksForNothingTakesAll() {
    assertThat(told("")).isEqualTo("every request");
    assertThat(told("match: [{name: any}],")).isEqualTo("every request");
  }
}
