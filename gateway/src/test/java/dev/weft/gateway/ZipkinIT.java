package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.FreePorts;
import dev.weft.testkit.Tools;
import dev.weft.testkit.trace.ZipkinServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** Zipkin's own server, told by a gateway. */
@Timeout(180)
@EnabledIf("zipkin")
final class ZipkinIT extends TracesFixture {

  static boolean zipkin() {
    return Tools.there(ZipkinServer.jar().isPresent(), "Zipkin's server jar (see .ci/run)");
  }

  @Test
  void zipkinShowsATraceOfAGatewayWithItsTries(@TempDir Path logs) throws Exception {
    admin = FreePorts.next();
    int backend = backend(request -> request.response().setStatusCode(500).end(seen(request)));
    try (ZipkinServer zipkin = ZipkinServer.start(logs)) {
      gateway(
          rules("{route: [{destination: {host: backend.test}}]}"),
          entry(backend),
          telemetry("{providers: [{name: told}], randomSamplingPercentage: 100}"),
          collector("tracing: {}", "zipkin: {service: collector.test, port: 4317}", zipkin.port()));

      String seen = asked();

      assertThat(seen).as("Zipkin's own format").startsWith("x-b3-traceid=");
      String trace = seen.substring(seen.indexOf('=') + 1, seen.indexOf(' '));
      until(() -> zipkin.ask("/api/v2/trace/" + trace).startsWith("200 "));
      List<JsonObject> spans =
          new JsonArray(zipkin.ask("/api/v2/trace/" + trace).substring(4))
              .stream().map(JsonObject.class::cast).toList();
      assertThat(spans).hasSize(2);
      JsonObject server = of(spans, "SERVER");
      JsonObject client = of(spans, "CLIENT");
      assertThat(client.getString("parentId")).isEqualTo(server.getString("id"));
      assertThat(seen).contains("x-b3-spanid=" + client.getString("id"));
      JsonObject tags = server.getJsonObject("tags");
      assertThat(tags.getString("weft.route")).isEqualTo("default/rules#0");
      assertThat(tags.getString("error")).isEqualTo("500");
      assertThat(client.getJsonObject("tags").getString("network.peer.address"))
          .isEqualTo("127.0.0.1:" + backend);
      assertThat(zipkin.ask("/api/v2/services")).contains(".default");
    }
  }

  private static JsonObject of(List<JsonObject> spans, String kind) {
    return spans.stream()
        .filter(span -> span.getString("kind").equals(kind))
        .findFirst()
        .orElseThrow();
  }
}
