package dev.weft.control.proxies;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.discovery.standing.Standing;
import dev.weft.routing.discovery.standing.Standing.About;
import dev.weft.routing.discovery.standing.Standing.Certified;
import dev.weft.routing.identity.SpiffeId;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class ProxyStateTest {

  private static final long SECOND = 1_000_000_000L;
  private static final long NOW = 2_000_000; // milliseconds since 1970

  private final ProxyState proxy =
      new ProxyState(
          7,
          new Peer(
              new SpiffeId("cluster.local", "prod", "search"),
              "10.0.0.3",
              4444,
              Optional.of("search-0"),
              new Certified(1_000, 87_400)),
          SECOND);

  @Test
  void whoWasToldNothingIsNotInSync() {
    assertThat(proxy.json(4 * SECOND, NOW))
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
                .put(
                    "certificate",
                    new JsonObject()
                        .put("notBefore", 1_000L)
                        .put("notAfter", 87_400L)
                        .put("secondsLeft", 85_400L))
                .put("pod", "search-0"));
  }

  @Test
  void whoAcknowledgedTheNewestIsInSyncUntilItIsToldMore() {
    proxy.told(4, SECOND);
    proxy.answered(4, true, "");
    assertThat(proxy.json(SECOND, NOW).getBoolean("inSync")).isTrue();

    proxy.told(6, 9 * SECOND);

    JsonObject behind = proxy.json(11 * SECOND, NOW);
    assertThat(behind.getBoolean("inSync")).isFalse();
    assertThat(behind.getLong("acknowledged")).isEqualTo(4);
    assertThat(behind.getLong("sent")).isEqualTo(6);
    assertThat(behind.getLong("sentSeconds")).isEqualTo(2);
  }

  @Test
  void aRefusalIsToldWithItsReasonUntilALaterVersionServes() {
    proxy.told(4, SECOND);
    proxy.answered(4, false, "port 80\nis taken" + "x".repeat(600));
    JsonObject refused = proxy.json(SECOND, NOW).getJsonObject("refused");
    assertThat(refused.getLong("version")).isEqualTo(4);
    assertThat(refused.getString("why")).startsWith("port 80 is takenxxx").hasSize(503);

    proxy.told(5, SECOND);
    proxy.answered(5, true, "");

    assertThat(proxy.json(SECOND, NOW).containsKey("refused")).isFalse();
    assertThat(proxy.json(SECOND, NOW).getBoolean("inSync")).isTrue();
  }

  @Test
  void whatIsSaidOfVersionsThatWereNotToldOrAreOldCountsForNothing() {
    proxy.told(4, SECOND);
    proxy.answered(5, true, "");
    assertThat(proxy.json(SECOND, NOW).getLong("acknowledged")).isZero();

    proxy.answered(4, true, "");
    proxy.answered(3, false, "late");

    assertThat(proxy.json(SECOND, NOW).getLong("acknowledged")).isEqualTo(4);
    assertThat(proxy.json(SECOND, NOW).containsKey("refused")).isFalse();
  }

  @Test
  void aCertificateThatWasRenewedMeanwhileIsTheOneThatIsTold() {
    About about = new About("1.2.3", 15_004, Optional.of(new Certified(50_000, 136_400)));

    proxy.stands(new Standing("sidecar", about, List.of(), List.of()));

    JsonObject told = proxy.json(SECOND, NOW);
    assertThat(told.getString("weft")).isEqualTo("1.2.3");
    assertThat(told.getJsonObject("certificate").getLong("secondsLeft")).isEqualTo(134_400);
  }
}
