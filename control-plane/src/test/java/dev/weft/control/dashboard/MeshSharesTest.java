package dev.weft.control.dashboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.control.TurnedTicker;
import dev.weft.control.dashboard.MeshAnswers.Answer;
import dev.weft.control.proxies.Peer;
import dev.weft.control.proxies.Proxies;
import dev.weft.control.proxies.ProxyState;
import dev.weft.routing.discovery.standing.Standing.Certified;
import dev.weft.routing.identity.SpiffeId;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What proxies tell, made into one answer. */
final class MeshSharesTest {

  private final Proxies proxies = new Proxies(new TurnedTicker());
  private long streams;

  private Answer answer(String json) {
    SpiffeId id = SpiffeId.parse("spiffe://cluster.local/ns/prod/sa/p" + ++streams).orElseThrow();
    Peer peer = new Peer(id, "10.0.0.1", 15012, Optional.empty(), new Certified(0, 1));
    ProxyState proxy = proxies.joined(streams, peer);
    return new Answer(proxy, new JsonObject(json));
  }

  private static String canary(String since, String... shares) {
    return """
        {"rules": [{"rule": "prod/shop#0", "since": "%s", "shares": [%s]}]}"""
        .formatted(since, String.join(",", shares));
  }

  private static String share(int weight, String version, long requests, long failed) {
    return """
        {"weight": %d, "versions": ["%s"], "requests": %d, "failed": %d}"""
        .formatted(weight, version, requests, failed);
  }

  @Test
  void proxiesThatServeTheSameWeightsAreAddedUp() {
    JsonObject told =
        MeshShares.together(
            List.of(
                answer(
                    canary("2026-11-29T10:00:05Z", share(80, "v1", 80, 1), share(20, "v2", 21, 9))),
                answer(
                    canary("2026-11-29T10:00:00Z", share(80, "v1", 8, 0), share(20, "v2.1", 2, 2))),
                answer(
                    canary(
                        "2026-11-29T09:00:00Z",
                        share(50, "v1", 500, 0),
                        share(50, "v2", 500, 0)))));

    JsonObject now = told.getJsonObject("[80, 20] prod/shop#0");
    assertThat(now.getLong("since")).isEqualTo(1_795_946_400_000L);
    JsonArray parts = now.getJsonArray("parts");
    assertThat(parts.getJsonObject(0).getLong("requests")).isEqualTo(88);
    assertThat(parts.getJsonObject(0).getLong("failed")).isEqualTo(1);
    assertThat(parts.getJsonObject(1).getLong("requests")).isEqualTo(23);
    assertThat(parts.getJsonObject(1).getLong("failed")).isEqualTo(11);
    assertThat(parts.getJsonObject(1).getJsonArray("versions")).containsExactly("v2", "v2.1");
    assertThat(told.getJsonObject("[50, 50] prod/shop#0")).as("one that lags").isNotNull();
  }

  @Test
  void oneOfAnotherFormIsToldApart() {
    Answer broken = answer("{\"rules\": [{\"rule\": 7, \"since\": {}, \"shares\": [{}]}]}");
    Answer well =
        answer(canary("2026-11-29T10:00:00Z", share(1, "v1", 1, 0), share(1, "v2", 0, 0)));

    assertThatThrownBy(() -> MeshShares.together(List.of(broken, well)))
        .isInstanceOf(RuntimeException.class);
    assertThat(MeshAnswers.readable(List.of(broken, well), MeshShares::together).fieldNames())
        .containsExactly("[1, 1] prod/shop#0");
  }

  @Test
  void causesAreCountedOverAllAndTheLastOfEachIsTold() {
    String failure =
        """
        {"failures": [{"rule": "prod/shop#0", "service": "shop.test", "cause": "%s", "requests": %d,
          "last": %d, "detail": "%s"}]}""";

    JsonObject told =
        MeshMerge.failures(
            List.of(
                answer(failure.formatted("connect_refused", 3, 20, "10.0.0.1:80")),
                answer(failure.formatted("no_route", 1, 99, "-")),
                answer(failure.formatted("connect_refused", 4, 30, "10.0.0.2:80"))));

    JsonArray all = told.getJsonArray("failures");
    assertThat(all).hasSize(2);
    assertThat(all.getJsonObject(0).getString("cause")).isEqualTo("no_route");
    assertThat(all.getJsonObject(1).getLong("requests")).isEqualTo(7);
    assertThat(all.getJsonObject(1).getString("detail")).isEqualTo("10.0.0.2:80");
  }
}
