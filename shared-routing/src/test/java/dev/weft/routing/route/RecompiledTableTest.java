package dev.weft.routing.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.ConfigDocument;
import dev.weft.config.ConfigLoader;
import dev.weft.config.LoadResult;
import dev.weft.config.model.Gateway;
import dev.weft.config.model.MeshConfig;
import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.Decision;
import dev.weft.routing.exchange.RequestHead;
import io.vertx.core.MultiMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A table that is compiled again after a change, and who sees which rules. */
final class RecompiledTableTest {

  private final ConfigLoader loader = new ConfigLoader();
  private final RouteTableCompiler.Memory memory = new RouteTableCompiler.Memory();

  @Test
  void anEditOfOneTextKeepsTheRulesOfAllOthers() {
    RouteTable before = mesh(rule("a", 200), rule("b", 201), rule("c", 202));

    RouteTable after = mesh(rule("a", 200), rule("b", 299), rule("c", 202));

    assertThat(after.routes().get(0)).isSameAs(before.routes().get(0));
    assertThat(after.routes().get(1)).isNotSameAs(before.routes().get(1));
    assertThat(after.routes().get(2)).isSameAs(before.routes().get(2));
    assertThat(List.of(status(after, "a"), status(after, "b"), status(after, "c")))
        .containsExactly(200, 299, 202);
  }

  @Test
  void aTextThatComesOrGoesIsCounted() {
    mesh(rule("b", 201), rule("c", 202));

    RouteTable more = mesh(rule("a", 200), rule("b", 201), rule("c", 202));
    RouteTable less = mesh(rule("c", 202));

    assertThat(List.of(status(more, "a"), status(more, "b"), status(more, "c")))
        .containsExactly(200, 201, 202);
    assertThat(List.of(status(less, "b"), status(less, "c"))).containsExactly(404, 202);
    for (int i = 0; i < more.routes().size(); i++) {
      assertThat(more.routes().get(i).id().index()).isEqualTo(i);
    }
  }

  @Test
  void aServiceThatGetsAnotherPortMovesTheRulesThatLeadThere() {
    String rule =
        """
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: a}
        spec: {hosts: [a.test], http: [{route: [{destination: {host: s.test}}]}]}
        """;
    String service =
        """
        apiVersion: networking.istio.io/v1
        kind: ServiceEntry
        metadata: {name: s}
        spec: {hosts: [s.test], resolution: STATIC, ports: [{number: PORT, name: http}]}
        """;
    mesh(rule, service.replace("PORT", "80"));

    RouteTable after = mesh(rule, service.replace("PORT", "81"));

    assertThat(after.routes().get(0).clusters().get(0).port()).isEqualTo(81);
  }

  @Test
  void aGatewaySeesOnlyWhatIsExportedToItsNamespace() {
    String rule =
        """
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: a, namespace: prod}
        spec:
          hosts: [a.test]
          gateways: [edge/g]
          exportTo: ['.']
          http: [{directResponse: {status: 200}}]
        """;
    MeshConfig config = load(rule);
    Map<String, List<Gateway.Host>> hosts = Map.of("edge/g", List.of(new Gateway.Host("*", "*")));

    RouteTable edge = RouteTableCompiler.gateways(config, hosts, "edge", Map.of(), memory);
    RouteTable prod = RouteTableCompiler.gateways(config, hosts, "prod", Map.of(), memory);

    assertThat(List.of(status(edge, "a"), status(prod, "a"))).containsExactly(404, 200);
  }

  @Test
  void aRegexRewriteTakesGroupsAndBackslashesAsRe2Does() {
    String rule =
        """
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: a}
        spec:
          hosts: [a.test]
          http:
          - rewrite: {uriRegexRewrite: {match: '/(x+)/(y)?', rewrite: '/$1\\2-\\1\\\\'}}
            route: [{destination: {host: b.test}}]
        """;

    String target =
        mesh(rule).decide(head("a.test", "/xx/z"), CALLER, 0, DecisionSink.NONE).target();

    assertThat(target).isEqualTo("/$1-xx\\z");
  }

  private static final Caller CALLER = Caller.anonymous("127.0.0.1", 1, 8080, false);

  private RouteTable mesh(String... texts) {
    return RouteTableCompiler.mesh(load(texts), "default", Map.of(), memory);
  }

  private MeshConfig load(String... texts) {
    List<ConfigDocument> documents =
        java.util.Arrays.stream(texts)
            .map(
                text -> {
                  String name = text.substring(text.indexOf("name: "), text.indexOf("}"));
                  return new ConfigDocument("t", name, text);
                })
            .toList();
    LoadResult result = loader.read(documents);
    assertThat(result.accepted()).as("%s", result.problems()).isTrue();
    return result.config();
  }

  private static String rule(String name, int status) {
    return """
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: %s}
        spec: {hosts: [%s.test], http: [{directResponse: {status: %d}}]}
        """
        .formatted(name, name, status);
  }

  private static int status(RouteTable table, String name) {
    Decision decision = table.decide(head(name + ".test", "/"), CALLER, 0, DecisionSink.NONE);
    return decision.action() instanceof Decision.Direct direct ? direct.status() : 404;
  }

  private static RequestHead head(String host, String path) {
    return new RequestHead("GET", "http", host, path, "", MultiMap.caseInsensitiveMultiMap());
  }
}
