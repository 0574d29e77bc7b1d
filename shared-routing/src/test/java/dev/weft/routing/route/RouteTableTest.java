package dev.weft.routing.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.ConfigDocument;
import dev.weft.config.ConfigLoader;
import dev.weft.config.LoadResult;
import dev.weft.config.model.Gateway;
import dev.weft.config.model.MeshConfig;
import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.Decision;
import dev.weft.routing.exchange.Decision.Forward;
import dev.weft.routing.exchange.Decision.Redirect;
import dev.weft.routing.exchange.RequestHead;
import io.vertx.core.MultiMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RouteTableTest {

  @Test
  void aPrefixIsPlainText() {
    RouteTable table =
        table("[{match: [{uri: {prefix: /foo}}], route: [{destination: {host: b}}]}]");

    assertThat(route(table, get("/foobar"))).isEqualTo("default/t#0");
    assertThat(route(table, get("/fo"))).isEqualTo("-");
  }

  @Test
  void aMissingHeaderIsNotTheForbiddenOne() {
    RouteTable table =
        table(
            "[{match: [{withoutHeaders: {x-a: {exact: '1'}}}], route: [{destination: {host: b}}]}]");

    assertThat(route(table, get("/"))).isEqualTo("default/t#0");
    assertThat(route(table, get("/", "x-a", "1"))).isEqualTo("-");
    assertThat(route(table, get("/", "x-a", "2"))).isEqualTo("default/t#0");
  }

  @Test
  void anEmptyQueryValueIsAValue() {
    RouteTable table =
        table("[{match: [{queryParams: {key: {exact: ''}}}], route: [{destination: {host: b}}]}]");

    assertThat(route(table, get("/?key"))).isEqualTo("default/t#0");
    assertThat(route(table, get("/?key=1"))).isEqualTo("-");
    assertThat(route(table, get("/"))).isEqualTo("-");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "match: [{uri: {prefix: /}}], ",
        "match: [{uri: {regex: '.*'}}], ",
        "match: [{uri: {exact: /y}}, {sourceLabels: {app: web}}], ",
        "match: [{sourceNamespace: default}], ",
        "match: [{gateways: [mesh]}], "
      })
  void nothingComesAfterWhatTakesAll(String all) {
    RouteTable table =
        table(
            "[{match: [{uri: {exact: /w}}], route: [{destination: {host: b}}]}, {"
                + all
                + "route: [{destination: {host: b}}]},"
                + " {match: [{uri: {exact: /x}}], route: [{destination: {host: c}}]}]");

    assertThat(route(table, get("/w"))).isEqualTo("default/t#0");
    assertThat(route(table, get("/x"))).isEqualTo("default/t#1");
    assertThat(route(table, get("/y"))).isEqualTo("default/t#1");
  }

  @Test
  void whatTakesOthersRequestsAllIsPassedBy() {
    RouteTable table =
        table(
            "[{match: [{sourceLabels: {app: other}}], route: [{destination: {host: b}}]},"
                + " {match: [{uri: {exact: /x}}], route: [{destination: {host: c}}]}]");

    assertThat(route(table, get("/x"))).isEqualTo("default/t#1");
    assertThat(route(table, get("/y"))).isEqualTo("-");
  }

  /** As Istio has it: a gateway gathers what there is for a host, the mesh takes the oldest. */
  @Test
  void theMeshTakesTheOldestOfSeveralAndAGatewayAllOfThem() {
    String services =
        named("young", "2026-02-01", "[{match: [{uri: {exact: /x}}], %s}]")
            + "---\n"
            + named("old", "2026-01-01", "[{match: [{uri: {exact: /o}}], %1$s}, {%1$s}]");
    MeshConfig config = load(services).config();
    RouteTable mesh = RouteTableCompiler.mesh(config, "default", Map.of());
    RouteTable gateway =
        RouteTableCompiler.gateways(
            config,
            Map.of("default/edge", List.of(new Gateway.Host("*", "*"))),
            "default",
            Map.of(),
            new RouteTableCompiler.Memory());

    assertThat(route(mesh, get("/o"))).isEqualTo("default/old#0");
    assertThat(route(mesh, get("/x"))).isEqualTo("default/old#1");
    assertThat(route(gateway, get("/o"))).isEqualTo("default/old#0");
    assertThat(route(gateway, get("/x"))).isEqualTo("default/young#0");
    assertThat(route(gateway, get("/y"))).isEqualTo("default/old#1");
  }

  private static String named(String name, String born, String http) {
    return """
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: %s, creationTimestamp: '%sT00:00:00Z'}
        spec:
          hosts: [a.example.com]
          gateways: [mesh, edge]
          http: %s
        """
        .formatted(name, born, http.formatted("route: [{destination: {host: b}}]"));
  }

  @Test
  void aMatchedPrefixIsRewritten() {
    RouteTable table =
        table(
            "[{match: [{uri: {prefix: /old}}], rewrite: {uri: /new, authority: other},"
                + " route: [{destination: {host: b}}]}]");

    Decision decision = decide(table, get("/old/x?q=1"), 0);

    assertThat(decision.target()).isEqualTo("/new/x?q=1");
    assertThat(decision.authority()).isEqualTo("other");
  }

  @Test
  void aRegexRewritesWithItsGroups() {
    RouteTable table =
        table(
            "[{rewrite: {uriRegexRewrite: {match: '/v([0-9])/(.*)', rewrite: '/\\2/\\1'}},"
                + " route: [{destination: {host: b}}]}]");

    assertThat(decide(table, get("/v1/users"), 0).target()).isEqualTo("/users/1");
  }

  @Test
  void aRedirectLeavesItsSchemesOwnPortOut() {
    RouteTable table =
        table("[{redirect: {scheme: https, port: 443, uri: /there, redirectCode: 308}}]");

    Redirect redirect = (Redirect) decide(table, get("/here?q=1"), 0).action();

    assertThat(redirect.location()).isEqualTo("https://a.example.com/there?q=1");
    assertThat(redirect.status()).isEqualTo(308);
  }

  @Test
  void weightsDivideTheDraws() {
    RouteTable table =
        table(
            "[{route: [{destination: {host: b, subset: v1}, weight: 95},"
                + " {destination: {host: b, subset: v2}, weight: 5},"
                + " {destination: {host: b, subset: v3}, weight: 0}]}]");

    long v2 =
        IntStream.range(0, 100_000)
            .filter(seed -> subset(decide(table, get("/"), seed * 7919L)).equals("v2"))
            .count();

    assertThat(v2).isBetween(4_700L, 5_300L);
  }

  @Test
  void aServiceWithoutRulesIsReachedByItsNames() {
    String service =
        """
        apiVersion: v1
        kind: Service
        metadata: {name: web, namespace: prod}
        spec: {ports: [{name: http, port: 8080}]}
        """;
    RouteTable table = RouteTableCompiler.mesh(load(service).config(), "prod", Map.of());

    for (String host : List.of("web", "web.prod", "web.prod.svc", "web.prod.svc.cluster.local")) {
      Decision decision =
          decide(table, head("GET", host, "/", MultiMap.caseInsensitiveMultiMap()), 0);
      assertThat(((Forward) decision.action()).cluster())
          .hasToString("outbound|8080||web.prod.svc.cluster.local");
    }
  }

  private static String subset(Decision decision) {
    return ((Forward) decision.action()).cluster().subset();
  }

  private static String route(RouteTable table, RequestHead head) {
    return decide(table, head, 0).route().name();
  }

  private static Decision decide(RouteTable table, RequestHead head, long seed) {
    Caller caller = Caller.anonymous("127.0.0.1", 1, 80, false);
    return table.decide(head, caller, Draw.mix(seed, Draw.Purpose.ENDPOINT, 1), DecisionSink.NONE);
  }

  private static RequestHead get(String target, String... headers) {
    MultiMap all = MultiMap.caseInsensitiveMultiMap();
    for (int i = 0; i < headers.length; i += 2) {
      all.add(headers[i], headers[i + 1]);
    }
    return head("GET", "a.example.com", target, all);
  }

  private static RequestHead head(String method, String host, String target, MultiMap headers) {
    int question = target.indexOf('?');
    String path = question < 0 ? target : target.substring(0, question);
    String query = question < 0 ? "" : target.substring(question + 1);
    return new RequestHead(method, "http", host, path, query, headers);
  }

  private static RouteTable table(String http) {
    String text =
        """
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: t}
        spec:
          hosts: [a.example.com]
          http: %s
        """
            .formatted(http);
    return RouteTableCompiler.mesh(load(text).config(), "default", Map.of("app", "web"));
  }

  private static LoadResult load(String text) {
    LoadResult result = ConfigLoader.load(List.of(new ConfigDocument("t", "t.yaml", text)));
    assertThat(result.accepted()).as("%s", result.problems()).isTrue();
    return result;
  }
}
