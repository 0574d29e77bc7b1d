package dev.weft.routing.process.explain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.ConfigDocument;
import dev.weft.config.ConfigLoader;
import dev.weft.config.LoadResult;
import dev.weft.config.model.Sidecar.Unknown;
import dev.weft.routing.admin.AdminSource.Explanation;
import dev.weft.routing.admin.AdminSource.Question;
import dev.weft.routing.exchange.Workload;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class ExplainerTest {

  private static final String SERVERS =
      """
      apiVersion: networking.istio.io/v1
      kind: Gateway
      metadata: {name: edge}
      spec:
        servers:
        - port: {number: 80, name: open, protocol: HTTP}
          hosts: [open.test]
        - port: {number: 80, name: secured, protocol: HTTP}
          hosts: [secured.test]
          tls: {httpsRedirect: true}
        - port: {number: 443, name: shop, protocol: HTTPS}
          hosts: [shop.test]
          tls: {mode: SIMPLE, credentialName: shop}
        - port: {number: 443, name: admin, protocol: HTTPS}
          hosts: [admin.test]
          tls: {mode: SIMPLE, credentialName: admin}
        - port: {number: 443, name: db, protocol: TLS}
          hosts: [db.test]
          tls: {mode: PASSTHROUGH}
        - port: {number: 8080, name: mixed, protocol: HTTP}
          hosts: [open.test]
        - port: {number: 8080, name: sealed, protocol: HTTPS}
          hosts: [admin.test]
          tls: {mode: SIMPLE, credentialName: admin}
      ---
      apiVersion: networking.istio.io/v1
      kind: VirtualService
      metadata: {name: rules}
      spec:
        hosts: [open.test, secured.test, mesh.test, shop.test, admin.test]
        gateways: [edge, mesh]
        http: [{directResponse: {status: 200}}]
      ---
      apiVersion: security.istio.io/v1
      kind: AuthorizationPolicy
      metadata: {name: closed, namespace: istio-system}
      spec: {}
      """;

  private final Explainer explainer = explainer(SERVERS);

  private static Explainer explainer(String text) {
    return explainer(text, new Workload("default", "edge", "cluster.local", Map.of()));
  }

  private static Explainer explainer(String text, Workload edge) {
    LoadResult loaded =
        ConfigLoader.load(List.of(new ConfigDocument("test", "servers.yaml", text)));
    assertThat(loaded.accepted()).as("%s", loaded.problems()).isTrue();
    return new Explainer(loaded.config(), edge, Map.of(), Unknown.ALLOW_ANY);
  }

  private static Question question(String host) {
    return new Question("GET", "http://" + host + "/", List.of());
  }

  private JsonObject atGateway(String host) {
    return explainer.atGateway(question(host)).orElseThrow().json();
  }

  @Test
  void howManyRequestsMayPassIsTold() {
    String limited =
        """
        apiVersion: weft.dev/v1
        kind: ProxySettings
        metadata: {name: default}
        spec:
          routes:
          - match: {route: "default/shop#0"}
            rateLimit: {requests: 3, per: 1m, burst: 2, key: {header: x-user}}
          - match: {host: shop-backend.test}
            rateLimit: {requests: 100, per: 1s, burst: 20, scope: redis}
          redis: {url: "redis://127.0.0.1:6379"}
        ---
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: shop}
        spec:
          hosts: [shop.test]
          http:
          - match: [{uri: {exact: /}}]
            redirect: {uri: /shop}
          - route: [{destination: {host: shop-backend.test}}]
        ---
        apiVersion: networking.istio.io/v1
        kind: ServiceEntry
        metadata: {name: shop}
        spec: {hosts: [shop-backend.test], resolution: DNS, ports: [{number: 80, name: http, protocol: HTTP}]}
        """;
    Explainer shop = explainer(limited);

    Explanation first = shop.inMesh(new Question("GET", "http://shop.test/", List.of()));
    Explanation rest = shop.inMesh(new Question("GET", "http://shop.test/shop", List.of()));
    Explanation none = explainer.inMesh(new Question("GET", "http://mesh.test/", List.of()));

    assertThat(first.text())
        .contains("429 beyond 3 requests in 60000 ms, 2 at once, of each header x-user, of each");
    assertThat(rest.text())
        .contains("429 beyond 100 requests in 1000 ms, 20 at once, of all callers, of all proxies");
    assertThat(rest.json().getJsonObject("rate_limit").getMap())
        .containsEntry("requests", 100)
        .containsEntry("key", "everybody")
        .containsEntry("scope", "redis");
    assertThat(none.json().containsKey("rate_limit")).isFalse();
  }

  @Test
  void aTokenInTheRequestCountsAsTheProxyWouldCountIt() throws Exception {
    Path example = Path.of("../config/examples/tokens");
    String texts =
        Files.readString(example.resolve("shop.yaml"))
            + "---\n"
            + Files.readString(example.resolve("tokens.yaml"));
    String good =
        texts.lines().filter(line -> line.startsWith("#   eyJ")).findFirst().orElseThrow();
    String token = good.substring(4).strip();
    String elsewhere = texts.replaceAll("jwks: '.*'", "jwksUri: https://issuer.test/keys");

    Explanation known = bearing(texts, token);
    Explanation forged = bearing(texts, token.substring(0, token.length() - 4) + "AAAA");
    Explanation unknown = bearing(elsewhere, token);

    assertThat(known.json().getString("route")).isEqualTo("default/tokens#gold");
    assertThat(known.json().getJsonObject("admission").getBoolean("allowed")).isTrue();
    assertThat(known.text())
        .contains("token: counts, as https://issuer.test/alice\n")
        .doesNotContain(token);
    assertThat(forged.json().getString("token")).isEqualTo("401, a wrong signature");
    assertThat(forged.getsThrough()).isFalse();
    assertThat(known.getsThrough()).isTrue();
    assertThat(unknown.json().getString("route")).isEqualTo("default/tokens#gold");
    assertThat(unknown.json().getString("token"))
        .isEqualTo(
            "counts, as https://issuer.test/alice, if its signature is right: the keys of its "
                + "issuer are not asked for here");
  }

  private static Explanation bearing(String texts, String token) {
    Workload edge = new Workload("default", "edge", "cluster.local", Map.of("app", "edge"));
    return explainer(texts, edge)
        .atGateway(
            new Question(
                "GET",
                "http://shop.test:8090/orders",
                List.of(Map.entry("authorization", "Bearer " + token)),
                Optional.empty()))
        .orElseThrow();
  }

  @Test
  void aTokenIsRefusedBehindASidecarBeforeItsPoliciesAreAsked() {
    String mesh =
        """
        apiVersion: security.istio.io/v1
        kind: RequestAuthentication
        metadata: {name: customers}
        spec: {jwtRules: [{issuer: "https://issuer.test", jwksUri: "https://issuer.test/keys"}]}
        ---
        apiVersion: networking.istio.io/v1
        kind: ServiceEntry
        metadata: {name: shop}
        spec:
          hosts: [shop.test]
          location: MESH_INTERNAL
          resolution: STATIC
          ports: [{number: 80, name: http, protocol: HTTP}]
          endpoints: [{address: 10.0.0.1, serviceAccount: shop}]
        """;

    Explanation bad =
        explainer(mesh)
            .inMesh(
                new Question(
                    "GET",
                    "http://shop.test/",
                    List.of(Map.entry("Authorization", "Bearer rubbish")),
                    Optional.empty()));

    assertThat(bad.text()).contains("refused at outbound|80||shop.test: 401, no signed token");
    JsonObject refused = bad.json().getJsonArray("authorization").getJsonObject(0);
    assertThat(refused.getInteger("status")).isEqualTo(401);
    assertThat(refused.getBoolean("allowed")).isFalse();
  }

  @Test
  void aRefusalCountsWhereTheRequestMayGo() {
    assertThat(divided(50, "").getsThrough()).isFalse(); // half of them are denied
    assertThat(divided(0, "").getsThrough()).isTrue(); // the denying version gets nothing
    Map<String, Boolean> byVersion = new TreeMap<>();
    for (String user : List.of("ann", "bob", "carol", "dan", "eve", "frank", "grace", "heidi")) {
      Explanation told = divided(50, user);
      byVersion.put(told.json().getJsonObject("sticky").getString("stays"), told.getsThrough());
    }
    assertThat(byVersion)
        .isEqualTo(Map.of("outbound|80|v1|shop.test", true, "outbound|80|v2|shop.test", false));
  }

  /** Between v1, which takes everything, and v2, which takes nothing. */
  private static Explanation divided(int weight, String user) {
    String mesh =
        """
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: closed}
        spec: {selector: {matchLabels: {version: v2}}}
        ---
        apiVersion: weft.dev/v1
        kind: ProxySettings
        metadata: {name: default}
        spec: {routes: [{match: {host: shop.test}, sticky: {header: x-user}}]}
        ---
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: shop}
        spec:
          hosts: [shop.test]
          http:
          - route:
            - {destination: {host: shop.test, subset: v1}, weight: %d}
            - {destination: {host: shop.test, subset: v2}, weight: %d}
        ---
        apiVersion: networking.istio.io/v1
        kind: ServiceEntry
        metadata: {name: shop}
        spec:
          hosts: [shop.test]
          location: MESH_INTERNAL
          resolution: STATIC
          ports: [{number: 80, name: http, protocol: HTTP}]
          endpoints:
          - {address: 10.0.0.1, serviceAccount: shop, labels: {version: v1}}
          - {address: 10.0.0.2, serviceAccount: shop, labels: {version: v2}}
        """
            .formatted(100 - weight, weight);
    List<Map.Entry<String, String>> headers =
        user.isEmpty() ? List.of() : List.of(Map.entry("x-user", user));
    return explainer(mesh).inMesh(new Question("GET", "http://shop.test/", headers));
  }

  @Test
  void onlyTheServerOfAHostSendsItToHttps() {
    assertThat(atGateway("secured.test").getString("redirect")).isEqualTo("https://secured.test/");
    assertThat(atGateway("open.test").getString("route")).isEqualTo("default/rules#0");
  }

  private JsonObject asked(String url, String host) {
    List<Map.Entry<String, String>> headers =
        host.isEmpty() ? List.of() : List.of(Map.entry("Host", host));
    return explainer.atGateway(new Question("GET", url, headers)).orElseThrow().json();
  }

  @Test
  void aRequestForAnotherServerThanItsConnectionMetIsMisdirected() {
    assertThat(asked("https://shop.test/", "").getString("route")).isEqualTo("default/rules#0");
    assertThat(asked("https://shop.test/", "SHOP.test").getString("route"))
        .isEqualTo("default/rules#0");

    JsonObject other = asked("https://shop.test/", "admin.test");

    assertThat(other.getString("route")).isEqualTo("-");
    assertThat(other.getInteger("status")).isEqualTo(421);
    assertThat(other.getString("why"))
        .isEqualTo(
            "421, its handshake met the server for 'shop.test', and admin.test is not of that one");
    assertThat(asked("http://open.test:8080/", "admin.test").getString("why"))
        .isEqualTo("421, admin.test is of a server that wants TLS");
  }

  @Test
  void whoMeetsNoServerIsToldSo() {
    assertThat(asked("https://nobody.test/", "").getString("why"))
        .isEqualTo("the handshake is refused: no server of this port is for 'nobody.test'");
    assertThat(asked("http://shop.test:443/", "").getString("why"))
        .isEqualTo("the connection is refused: all servers of this port want TLS");
    assertThat(asked("https://db.test/", "").getString("why"))
        .isEqualTo("its connection is passed on as it is; ask for METHOD TLS");
    assertThat(asked("http://nobody.test/", "").getString("why")).startsWith("404, ");
  }

  @Test
  void policiesHoldAtAGatewayAlsoWhereTheRulesAreThoseOfTheMesh() {
    JsonObject edge = explainer.inMesh(question("mesh.test"), true).json();
    JsonObject inside = explainer.inMesh(question("mesh.test")).json();

    assertThat(edge.getJsonObject("admission").getBoolean("allowed")).isFalse();
    assertThat(inside.containsKey("admission")).isFalse();
  }
}
