package dev.weft.cli.live;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What {@code weft top} tells machines. */
final class TopJsonTest {

  private static final String EDGE =
      "source_workload=\"web\",source_workload_namespace=\"shop\",destination_workload=\"search\","
          + "destination_workload_namespace=\"prod\",destination_version=\"%s\","
          + "destination_service=\"search.prod\",reporter=\"source\",response_code=\"%d\"";

  private static String requests(String version, int code, int number) {
    String labels = EDGE.formatted(version, code);
    return """
    istio_requests_total{%1$s} %2$d
    istio_request_duration_milliseconds_bucket{%1$s,le="5"} %2$d
    istio_request_duration_milliseconds_bucket{%1$s,le="+Inf"} %2$d
    istio_request_duration_milliseconds_sum{%1$s} 1
    """
        .formatted(labels, number);
  }

  @Test
  void aLookIsNumbersAndWhatFailsStandsFirst() {
    String metrics = requests("v1", 200, 30) + requests("v2", 200, 3) + requests("v2", 503, 3);
    String routes =
        """
        weft_route_requests_total{route="-"} 4
        weft_route_failures_total{route="-"} 0
        weft_route_duration_milliseconds_sum{route="-"} 1
        """;
    List<Series> upstreams =
        Series.of(
            """
            weft_upstream_in_flight{cluster="idle"} 0
            weft_upstream_in_flight{cluster="c"} 2
            weft_upstream_connections{cluster="c"} 5
            weft_breaker_state{cluster="c"} 2
            """,
            TopTable.UPSTREAMS);

    JsonObject look = TopJson.of(Traffic.of(metrics), RouteTraffic.of(routes), upstreams, 2);

    assertThat(look.getDouble("seconds")).isEqualTo(2);
    JsonObject worst = look.getJsonArray("services").getJsonObject(0);
    assertThat(worst.getMap())
        .containsEntry("service", "search.prod")
        .containsEntry("version", "v2")
        .containsEntry("reporter", "source")
        .containsEntry("requests_per_second", 3.0)
        .containsEntry("success_percent", 50.0)
        .containsEntry("p99_ms", 4.96);
    assertThat(look.getJsonArray("services").getJsonObject(1).getMap())
        .containsEntry("version", "v1")
        .containsEntry("requests_per_second", 15.0)
        .containsEntry("success_percent", 100.0);
    assertThat(look.getJsonArray("routes").getJsonObject(0).getString("route")).isEqualTo("-");
    assertThat(look.getJsonArray("upstreams"))
        .containsExactly(
            new JsonObject(
                Map.of(
                    "cluster", "c",
                    "in_flight", 2L,
                    "waiting", 0L,
                    "connections", 5L,
                    "breaker", "open")));
  }
}
