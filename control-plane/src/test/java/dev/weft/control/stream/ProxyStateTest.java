package dev.weft.control.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.identity.SpiffeId;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class ProxyStateTest {

  private static final long SECOND = 1_000_000_000L;

  private final ProxyState proxy =
      new ProxyState(
          7,
          new SpiffeId("cluster.local", "prod", "search"),
          "10.0.0.3:4444",
          Optional.of("search-0"),
          SECOND);

  @Test
  void whoWasToldNothingIsNotInSync() {
    assertThat(proxy.json(4 * SECOND))
        .isEqualTo(
            new JsonObject()
                .put("stream", 7L)
                .put("identity", "spiffe://cluster.local/ns/prod/sa/search")
                .put("namespace", "prod")
                .put("account", "search")
                .put("address", "10.0.0.3:4444")
                .put("connectedSeconds", 3L)
                .put("sent", 0L)
                .put("sentSeconds", 3L)
                .put("acknowledged", 0L)
                .put("inSync", false)
                .put("kind", "")
                .put("problems", new JsonArray())
                .put("gateways", new JsonArray())
                .put("pod", "search-0"));
  }

  @Test
  void whoAcknowledgedTheNewestIsInSyncUntilItIsToldMore() {
    proxy.told(4, SECOND);
    proxy.answered(4, true, "");
    assertThat(proxy.json(SECOND).getBoolean("inSync")).isTrue();

    proxy.told(6, 9 * SECOND);

    JsonObject behind = proxy.json(11 * SECOND);
    assertThat(behind.getBoolean("inSync")).isFalse();
    assertThat(behind.getLong("acknowledged")).isEqualTo(4);
    assertThat(behind.getLong("sent")).isEqualTo(6);
    assertThat(behind.getLong("sentSeconds")).isEqualTo(2);
  }

  @Test
  void aRefusalIsToldWithItsReasonUntilALaterVersionServes() {
    proxy.told(4, SECOND);
    proxy.answered(4, false, "port 80\nis taken" + "x".repeat(600));
    JsonObject refused = proxy.json(SECOND).getJsonObject("refused");
    assertThat(refused.getLong("version")).isEqualTo(4);
    assertThat(refused.getString("why")).startsWith("port 80 is takenxxx").hasSize(503);

    proxy.told(5, SECOND);
    proxy.answered(5, true, "");

    assertThat(proxy.json(SECOND).containsKey("refused")).isFalse();
    assertThat(proxy.json(SECOND).getBoolean("inSync")).isTrue();
  }

  @Test
  void whatIsSaidOfVersionsThatWereNotToldOrAreOldCountsForNothing() {
    proxy.told(4, SECOND);
    proxy.answered(5, true, "");
    assertThat(proxy.json(SECOND).getLong("acknowledged")).isZero();

    proxy.answered(4, true, "");
    proxy.answered(3, false, "late");

    assertThat(proxy.json(SECOND).getLong("acknowledged")).isEqualTo(4);
    assertThat(proxy.json(SECOND).containsKey("refused")).isFalse();
  }
}
