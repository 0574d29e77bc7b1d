package dev.weft.routing.admin.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.admin.dashboard.SignalWindow.Load;
import dev.weft.routing.telemetry.EdgeLabels;
import dev.weft.routing.telemetry.EdgeSignals;
import dev.weft.routing.telemetry.HandTicker;
import dev.weft.routing.telemetry.MeshSignals;
import dev.weft.routing.telemetry.MeshSignals.Limits;
import dev.weft.routing.telemetry.Outcome;
import dev.weft.routing.telemetry.Samples;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class SignalWindowTest {

  private static final String SEARCH = "search.prod.svc.cluster.local";
  private static final String UPSTREAM = "outbound|80|v1|" + SEARCH;
  private static final int MEGABYTE = 1 << 20;

  private final HandTicker ticker = new HandTicker();
  private final MeshSignals signals = new MeshSignals(1, Limits.DEFAULT, ticker);
  private final List<Load> loads = new ArrayList<>();
  private final EdgeSignals first = signals.edge(Samples.gatewayToSearch("v1"));
  private final EdgeSignals second = signals.edge(Samples.gatewayToSearch("v2"));

  @Test
  void aStepHoldsWhatCameInIt() {
    SignalWindow<EdgeLabels> window = window(MEGABYTE);
    asked(first, 200, 3);
    step(window);
    asked(first, 200, 1);
    asked(first, 503, 2);
    asked(first, 404, 1);
    step(window);

    List<Golden> steps = stepsOf(window, first);

    assertThat(steps).extracting(Golden::requests).containsExactly(3L, 4L);
    assertThat(steps).extracting(Golden::failed).containsExactly(0L, 2L);
    assertThat(steps).extracting(Golden::refused).containsExactly(0L, 1L);
    assertThat(steps.get(1).millis().quantile(0.5)).isBetween(10.0, 25.0);
  }

  @Test
  void anHourIsKeptAndNoMore() {
    SignalWindow<EdgeLabels> window = window(MEGABYTE);
    for (int i = 0; i < 400; i++) {
      asked(first, 200, 1);
      step(window);
    }

    JsonObject hour = History.of(window, SEARCH);

    assertThat(hour.getJsonArray("times")).hasSize(360);
    assertThat(hour.getJsonArray("times").getLong(359)).isEqualTo(ticker.epochMillis());
    assertThat(points(hour, 0)).hasSize(360);
  }

  @Test
  void theOldestStepsGoWhenThereAreTooManyBytes() {
    SignalWindow<EdgeLabels> window = window(1000);
    for (int i = 0; i < 360; i++) {
      asked(first, 200, 1);
      asked(second, 200, 1);
      step(window);
    }

    assertThat(window.bytes()).isLessThanOrEqualTo(1000);
    assertThat(stepsOf(window, first)).hasSizeBetween(5, 14);
  }

  @Test
  void edgesThatHaveNoStepAnyMoreAreForgotten() {
    SignalWindow<EdgeLabels> window = window(MEGABYTE);
    asked(second, 200, 1);
    step(window);
    for (int i = 0; i < 360; i++) {
      asked(first, 200, 1);
      step(window);
    }

    assertThat(window.keys()).isEqualTo(1);
    assertThat(stepsOf(window, second)).isEmpty();
  }

  @Test
  void anIdleEdgeTakesNothingAndReturnsWithoutItsPast() {
    SignalWindow<EdgeLabels> window = window(MEGABYTE);
    asked(first, 200, 1000);
    step(window);
    long bytes = window.bytes();
    for (int i = 0; i < 100; i++) { // more than the 15 minutes after which it is told no more
      step(window);
    }
    asked(first, 200, 1);
    step(window);

    assertThat(stepsOf(window, first)).extracting(Golden::requests).containsExactly(1000L, 1L);
    assertThat(window.bytes()).isLessThan(bytes + 101 * 64 + 32);
  }

  @Test
  void whatIsLiveSpansOneStepAtLeast() {
    SignalWindow<EdgeLabels> window = window(MEGABYTE);
    asked(first, 200, 10);
    step(window);
    asked(first, 200, 20);
    step(window);
    ticker.turn(Duration.ofSeconds(1));
    asked(first, 500, 5);

    SignalWindow.Since<EdgeLabels> live = window.live();

    assertThat(live.seconds()).isEqualTo(11);
    assertThat(live.golden().get(first.labels()).requests()).isEqualTo(25);
    assertThat(live.golden().get(first.labels()).failed()).isEqualTo(5);
  }

  @Test
  void aServiceIsToldByVersionAndUpstream() {
    SignalWindow<EdgeLabels> window = window(MEGABYTE);
    asked(first, 200, 1);
    step(window);
    loads.add(new Load(UPSTREAM, 3, 2, 4));
    asked(second, 503, 2);
    step(window);

    JsonObject hour = History.of(window, SEARCH);

    assertThat(hour.getJsonArray("series").getJsonObject(0).getString("version")).isEqualTo("v1");
    assertThat(points(hour, 0).encode()).isEqualTo("[[0,[0,0,[4,1]]]]");
    assertThat(points(hour, 1).encode()).isEqualTo("[[1,[2,0,[4,2]]]]");
    assertThat(hour.getJsonArray("upstreams").encode())
        .isEqualTo("[{\"upstream\":\"" + UPSTREAM + "\",\"points\":[[1,3,2,4]]}]");
    assertThat(History.of(window, "other").getJsonArray("series")).isEmpty();
  }

  @Test
  void sparksAreOfWholeMinutesUpToNow() {
    SignalWindow<EdgeLabels> window = window(MEGABYTE);
    for (int i = 0; i < 13; i++) {
      asked(first, i < 7 ? 200 : 503, 1);
      step(window);
    }

    JsonObject sparks = History.sparks(window);

    assertThat(sparks.getInteger("step_seconds")).isEqualTo(60);
    assertThat(sparks.getJsonObject("services").getJsonObject(SEARCH).encode())
        .isEqualTo("{\"source\":[[6,0],[6,6]]}");
  }

  @Test
  void twoThousandEdgesTakeSoMuchOfAnHour() {
    SignalWindow<EdgeLabels> window = window(64 * MEGABYTE);
    List<EdgeSignals> many = new ArrayList<>();
    for (int i = 0; i < 2000; i++) {
      many.add(signals.edge(Samples.gatewayToSearch("v" + i)));
    }
    for (int i = 0; i < 36; i++) { // of 360: a tenth
      many.forEach(edge -> asked(edge, 200, 100));
      step(window);
    }

    assertThat(window.bytes()).isLessThan(36L * 2000 * 16);
  }

  private SignalWindow<EdgeLabels> window(long bytes) {
    return new SignalWindow<>(
        () -> Golden.of(signals.readings(), Map.of()), () -> loads, ticker, bytes);
  }

  private void step(SignalWindow<EdgeLabels> window) {
    ticker.turn(SignalWindow.STEP);
    window.step();
  }

  private static void asked(EdgeSignals edge, int status, int times) {
    for (int i = 0; i < times; i++) {
      edge.record(
          0, Outcome.http(status, Optional.empty()), TimeUnit.MILLISECONDS.toNanos(20), 0, 0);
    }
  }

  private static JsonArray points(JsonObject hour, int series) {
    return hour.getJsonArray("series").getJsonObject(series).getJsonArray("points");
  }

  private static List<Golden> stepsOf(SignalWindow<EdgeLabels> window, EdgeSignals edge) {
    List<Golden> all = new ArrayList<>();
    window.read(
        new SignalWindow.Reader<>() {
          @Override
          public void step(long epochMillis) {}

          @Override
          public void golden(EdgeLabels labels, Golden golden) {
            if (labels.equals(edge.labels())) {
              all.add(golden);
            }
          }

          @Override
          public void load(Load load) {}
        });
    return all;
  }
}
