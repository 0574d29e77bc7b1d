package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.FreePorts;
import dev.weft.testkit.RawHttp;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a running gateway's metrics tell where a Telemetry has them told otherwise. */
final class MetricOverridesIT extends GatewayFixture {

  private static final String RULES =
      rules("{name: all, route: [{destination: {host: backend.test}}]}");

  private static String telemetry(String overrides) {
    return """
    apiVersion: telemetry.istio.io/v1
    kind: Telemetry
    metadata: {name: mesh, namespace: istio-system}
    spec: {metrics: [{providers: [{name: prometheus}], overrides: [%s]}]}
    """
        .formatted(overrides);
  }

  private void asked(String path, String... headers) throws Exception {
    StringBuilder request = new StringBuilder();
    request.append("GET ").append(path).append(" HTTP/1.1\r\nhost: shop.test\r\n");
    for (String header : headers) {
      request.append(header).append("\r\n");
    }
    RawHttp.exchange(port, request.append("connection: close\r\n\r\n").toString());
  }

  private List<String> series(String name) throws Exception {
    return admin("/metrics").lines().filter(line -> line.startsWith(name + "{")).toList();
  }

  @Test
  void tagsComeFromRequestsAreLeftOutAndAreBounded() throws Exception {
    admin = FreePorts.next();
    int backend = backend(request -> request.response().end("x"));
    gateway(
        RULES,
        entry(backend),
        telemetry(
            "{match: {metric: REQUEST_COUNT}, tagOverrides: {tier: {value: \"request.headers['x-tier']\"},"
                + " kind: {value: \"request.url_path.startsWith('/api') ? 'api' : 'page'\"},"
                + " source_version: {operation: REMOVE}}},"
                + "{match: {metric: REQUEST_SIZE}, disabled: true}"));

    asked("/api/a", "x-tier: gold");
    asked("/api/b", "x-tier: gold");
    asked("/");

    List<String> counts = series("istio_requests_total");
    assertThat(counts).hasSize(2).noneMatch(line -> line.contains("source_version"));
    assertThat(counts)
        .anyMatch(
            line ->
                line.contains("kind=\"api\"")
                    && line.contains("tier=\"gold\"")
                    && line.endsWith(" 2.0"))
        .anyMatch(
            line ->
                line.contains("kind=\"page\"")
                    && line.contains("tier=\"unknown\"")
                    && line.endsWith(" 1.0"));
    assertThat(series("istio_request_bytes_sum")).isEmpty();
    assertThat(series("istio_response_bytes_count"))
        .as("what others tell apart, this one adds up")
        .singleElement()
        .asString()
        .endsWith(" 3")
        .contains("source_version");
  }

  @Test
  void valuesThatAreTooManyAreOneSeriesAndCounted() throws Exception {
    admin = FreePorts.next();
    int backend = backend(request -> request.response().end("x"));
    gateway(
        RULES,
        entry(backend),
        telemetry("{match: {metric: REQUEST_COUNT}, tagOverrides: {path: {value: request.path}}}"));

    try (RawHttp client = new RawHttp(port)) {
      for (int i = 0; i < 2_100; i++) {
        client.send("GET /" + i + " HTTP/1.1\r\nhost: shop.test\r\n\r\n");
        assertThat(client.head()).startsWith("HTTP/1.1 200");
        client.next(1);
      }
    }

    List<String> counts = series("istio_requests_total");
    assertThat(counts).hasSize(2_001);
    assertThat(counts)
        .anyMatch(line -> line.contains("path=\"overflow\"") && line.endsWith(" 100.0"));
    assertThat(series("weft_signals_overflow_total"))
        .anyMatch(line -> line.contains("kind=\"tags\"") && line.endsWith(" 100.0"));
  }
}
