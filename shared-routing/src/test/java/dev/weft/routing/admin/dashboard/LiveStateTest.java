package dev.weft.routing.admin.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.admin.dashboard.LiveState.Look;
import dev.weft.routing.admin.dashboard.SignalWindow.Since;
import dev.weft.routing.telemetry.EdgeLabels;
import dev.weft.routing.telemetry.Histogram;
import dev.weft.routing.telemetry.Samples;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class LiveStateTest {

  private static final EdgeLabels FIRST = Samples.gatewayToSearch("v1");
  private static final EdgeLabels SECOND = Samples.gatewayToSearch("v2");

  private final LiveState state = new LiveState();

  @Test
  void onlyWhatChangedIsTold() {
    JsonObject first = state.changed(look(Map.of(FIRST, golden(1), SECOND, golden(2)), "1"));
    JsonObject second = state.changed(look(Map.of(FIRST, golden(1), SECOND, golden(3)), "1"));

    assertThat(first.getJsonArray("edges")).hasSize(2);
    assertThat(first.getJsonArray("counts")).hasSize(2);
    assertThat(first.getJsonObject("state").getString("version")).isEqualTo("1");
    assertThat(second.getJsonArray("edges")).isEmpty();
    assertThat(second.getJsonArray("counts")).hasSize(1);
    assertThat(second.getJsonArray("counts").getJsonArray(0).getJsonArray(1).encode())
        .isEqualTo("[0,0,[3,3]]");
    assertThat(second.getJsonObject("state")).isEmpty();
  }

  @Test
  void whatIsNotThereAnyMoreIsTold() {
    state.changed(look(Map.of(FIRST, golden(1), SECOND, golden(2)), "1"));
    JsonObject told = state.changed(look(Map.of(FIRST, golden(1)), ""));
    JsonObject all = state.all(look(Map.of(FIRST, golden(1)), ""));

    assertThat(told.getJsonArray("gone")).hasSize(1);
    assertThat(told.getJsonObject("state").containsKey("version")).isTrue();
    assertThat(told.getJsonObject("state").getString("version")).isNull();
    assertThat(all.getJsonArray("edges")).hasSize(1);
    assertThat(all.getJsonObject("state")).isEmpty();
  }

  @Test
  void everythingIsToldToWhoComesLater() {
    state.changed(look(Map.of(FIRST, golden(1)), "1"));
    Look now = look(Map.of(FIRST, golden(4)), "2");
    state.changed(now);

    JsonObject all = state.all(now);

    assertThat(all.getJsonArray("edges").getJsonObject(0).getString("service"))
        .isEqualTo("search.prod.svc.cluster.local");
    assertThat(all.getJsonArray("counts").encode()).isEqualTo("[[0,[0,0,[3,4]]]]");
    assertThat(all.getJsonObject("state").getString("version")).isEqualTo("2");
    assertThat(all.getJsonArray("bounds"))
        .hasSize(Histogram.BUCKETS - 1)
        .isInstanceOf(JsonArray.class);
  }

  @Test
  void anEndOfSeveralEdgesIsToldOnce() {
    JsonObject told = state.changed(look(Map.of(FIRST, golden(1), SECOND, golden(2)), "1"));

    JsonArray ends = told.getJsonArray("ends");
    assertThat(ends).hasSize(3); // one caller, two versions
    for (int i = 0; i < 2; i++) {
      JsonObject edge = told.getJsonArray("edges").getJsonObject(i);
      JsonObject source = ends.getJsonObject(edge.getInteger("source"));
      JsonObject destination = ends.getJsonObject(edge.getInteger("destination"));
      EdgeLabels labels = destination.getString("version").equals("v1") ? FIRST : SECOND;
      assertThat(source.getString("workload")).isEqualTo(labels.source().name());
      assertThat(destination.getString("workload")).isEqualTo(labels.destination().name());
      assertThat(destination.getString("version")).isEqualTo(labels.destination().version());
    }
  }

  private static Look look(Map<EdgeLabels, Golden> edges, String version) {
    Map<String, Object> values = version.isEmpty() ? Map.of() : Map.of("version", version);
    return new Look(1000, new Since<>(10, edges), Map.of("state", values));
  }

  private static Golden golden(long requests) {
    long[] counts = new long[Histogram.BUCKETS];
    counts[3] = requests;
    return new Golden(0, 0, Histogram.of(counts, 0));
  }
}
