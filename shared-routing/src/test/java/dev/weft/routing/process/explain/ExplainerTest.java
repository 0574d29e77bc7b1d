package dev.weft.routing.process.explain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.ConfigDocument;
import dev.weft.config.ConfigLoader;
import dev.weft.config.LoadResult;
import dev.weft.config.model.Sidecar.Unknown;
import dev.weft.routing.admin.AdminSource.Question;
import dev.weft.routing.exchange.Workload;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
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

  private final Explainer explainer = explainer();

  private static Explainer explainer() {
    LoadResult loaded =
        ConfigLoader.load(List.of(new ConfigDocument("test", "servers.yaml", SERVERS)));
    assertThat(loaded.accepted()).as("%s", loaded.problems()).isTrue();
    Workload edge = new Workload("default", "edge", "cluster.local", Map.of());
    return new Explainer(loaded.config(), edge, Map.of(), Unknown.ALLOW_ANY);
  }

  private static Question question(String host) {
    return new Question("GET", "http://" + host + "/", List.of());
  }

  private JsonObject atGateway(String host) {
    return explainer.atGateway(question(host)).orElseThrow().json();
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
