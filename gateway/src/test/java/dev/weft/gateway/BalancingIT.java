package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.http.HttpServerRequest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Where requests go: near endpoints, shares of localities, endpoints that pass their check. */
final class BalancingIT extends GatewayFixture {

  private static final String NEAREST =
      """
      apiVersion: networking.istio.io/v1
      kind: DestinationRule
      metadata:
        name: backend
        annotations:
          weft.dev/health-check: http
          weft.dev/health-check-path: /healthz
          weft.dev/health-check-interval: 100ms
          weft.dev/health-check-timeout: 10s
          weft.dev/health-check-unhealthy-after: "1"
          weft.dev/health-check-healthy-after: "1"
      spec:
        host: backend.test
        trafficPolicy: {outlierDetection: {maxEjectionPercent: 100}}
      """;
  private static final String SHARES =
      """
      apiVersion: networking.istio.io/v1
      kind: DestinationRule
      metadata: {name: backend}
      spec:
        host: backend.test
        trafficPolicy:
          loadBalancer: {localityLbSetting: {distribute: [{from: eu/*, to: {eu/a: 80, eu/b: 20}}]}}
      """;

  private final AtomicInteger health = new AtomicInteger(200);

  @Test
  void theNearestAnswersUntilItFailsItsCheckAndAgainAfterwards() throws Exception {
    flags.addAll(List.of("--locality", "eu/a/r1"));
    gateway(rules("{route: [{destination: {host: backend.test}}]}"), NEAREST, entry());
    assertThat(eventually("near")).isTrue();
    assertThat(answers(50)).containsOnly("near");

    health.set(500);

    assertThat(eventually("far")).as("once it fails its check").isTrue();
    assertThat(answers(50)).containsOnly("far");

    health.set(200);

    assertThat(eventually("near")).as("once it passes its check").isTrue();
  }

  @Test
  void localitiesGetTheirShares() throws Exception {
    flags.addAll(List.of("--labels", "topology.kubernetes.io/region=eu"));
    gateway(rules("{route: [{destination: {host: backend.test}}]}"), SHARES, entry());
    assertThat(eventually("near")).isTrue();

    List<String> answers = answers(1000);

    assertThat(Collections.frequency(answers, "near")).isBetween(735, 865); // 5 deviations
  }

  /** One endpoint in eu/a that tells its health, one in eu/b that is always well. */
  private String entry() throws Exception {
    int near = backend(request -> answer(request, "near", health.get()));
    int far = backend(request -> answer(request, "far", 200));
    return """
        apiVersion: networking.istio.io/v1
        kind: ServiceEntry
        metadata: {name: backend}
        spec:
          hosts: [backend.test]
          resolution: STATIC
          ports: [{number: 80, name: http}]
          endpoints:
          - {address: 127.0.0.1, ports: {http: %d}, locality: eu/a/r1}
          - {address: 127.0.0.1, ports: {http: %d}, locality: eu/b/r1}
        """
        .formatted(near, far);
  }

  private static void answer(HttpServerRequest request, String name, int health) {
    boolean check = request.path().equals("/healthz");
    request.response().setStatusCode(check ? health : 200).end(name);
  }

  private List<String> answers(int count) throws Exception {
    List<String> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add(text("/"));
    }
    return all;
  }
}
