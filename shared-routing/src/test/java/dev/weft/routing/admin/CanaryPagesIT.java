package dev.weft.routing.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.ConfigDocument;
import dev.weft.config.history.ConfigHistory;
import dev.weft.config.history.SourceChange;
import dev.weft.routing.admin.RawClient.Answer;
import dev.weft.routing.admin.canary.CanaryPages;
import dev.weft.routing.admin.canary.ProxyShares;
import dev.weft.routing.telemetry.HandTicker;
import dev.weft.routing.telemetry.Tap;
import dev.weft.routing.telemetry.rule.RuleCounts.Count;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Rules whose weights are written elsewhere are shown, and not changed. */
@Timeout(60)
final class CanaryPagesIT {

  private static final String CHANGE = "?rule=default/search%230&from=80,20&to=50,50";
  private static final String RULES =
      """
      # its rule stands at 9:7, where the fake one does


      kind: VirtualService
      metadata: {name: search}
      spec:
          hosts: [search.test]
          http:
          - route:
            - {destination: {host: search, subset: v1}, weight: 80}
            - {destination: {host: search, subset: v2}, weight: 20}
      """;

  private final FakeSource source = new FakeSource();
  private final ConfigHistory history = new ConfigHistory();
  private final List<SourceChange> edits = new ArrayList<>();
  private Vertx vertx;
  private int port;

  @BeforeEach
  void open() throws Exception {
    vertx = Vertx.vertx();
    source.shares =
        List.of(
            new AdminView.Share("outbound|80|v1|search", 80),
            new AdminView.Share("outbound|80|v2|search", 20));
    CanaryPages pages =
        new CanaryPages(
            vertx,
            new ProxyShares(
                vertx,
                new HandTicker(),
                source,
                () -> Map.of("default/search#0", Map.of("outbound|80|v2|search", new Count(7, 1)))),
            new CanaryPages.Configured(
                history,
                (edit, cause) -> {
                  edits.add(edit);
                  return Future.succeededFuture();
                },
                from -> Optional.empty()));
    AdminApi api = new AdminApi(vertx, source, new Tap(), List::of);
    api.and(pages::mount);
    port =
        AdminServer.listen(vertx, "127.0.0.1", 0, api.router(new AdminGuard(Set.of())))
            .toCompletionStage()
            .toCompletableFuture()
            .get(10, TimeUnit.SECONDS)
            .port();
  }

  @AfterEach
  void close() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  private void serving(Map<String, Map<String, List<ConfigDocument>>> units) {
    history.applied(1, Instant.EPOCH, "test", units);
  }

  private JsonObject readOnly(String why) throws Exception {
    JsonObject rule =
        new JsonObject(RawClient.get(port, "/canary").body())
            .getJsonArray("rules")
            .getJsonObject(0);
    Answer refused =
        RawClient.ask(
            port,
            "POST /config/weights"
                + CHANGE
                + " HTTP/1.1\r\nHost: localhost\r\nx-weft-admin: 1\r\ncontent-length: 0\r\n");

    assertThat(rule.getBoolean("writable")).isFalse();
    assertThat(rule.getString("why")).isEqualTo(why);
    assertThat(refused.status()).isEqualTo(400);
    assertThat(new JsonObject(refused.body()).getString("error")).isEqualTo(why);
    assertThat(edits).isEmpty();
    return rule;
  }

  @Test
  void whatIsStreamedIsChangedWhereItIsRead() throws Exception {
    serving(Map.of());

    JsonObject rule =
        readOnly(
            "its text is not here: change it where the control plane, or who else serves it, reads"
                + " it");

    assertThat(rule.containsKey("resource")).isFalse();
  }

  @Test
  void whatTheClusterHoldsIsChangedThere() throws Exception {
    ConfigDocument document = new ConfigDocument("kubernetes:", "search.yaml", RULES);
    serving(Map.of("kubernetes:", Map.of("kubernetes:", List.of(document))));

    JsonObject rule =
        readOnly("of kubernetes:, whose resources are changed where they stand, as with kubectl");

    assertThat(rule.getString("resource")).isEqualTo("VirtualService default/search");
  }
}
