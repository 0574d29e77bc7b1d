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
      ---
      apiVersion: networking.istio.io/v1
      kind: VirtualService
      metadata: {name: rules}
      spec:
        hosts: [open.test, secured.test, mesh.test]
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

  @Test
  void policiesHoldAtAGatewayAlsoWhereTheRulesAreThoseOfTheMesh() {
    JsonObject edge = explainer.inMesh(question("mesh.test"), true).json();
    JsonObject inside = explainer.inMesh(question("mesh.test")).json();

    assertThat(edge.getJsonObject("admission").getBoolean("allowed")).isFalse();
    assertThat(inside.containsKey("admission")).isFalse();
  }
}
