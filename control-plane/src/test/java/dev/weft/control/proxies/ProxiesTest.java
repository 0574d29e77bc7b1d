package dev.weft.control.proxies;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.control.TurnedTicker;
import dev.weft.routing.discovery.standing.Standing.Certified;
import dev.weft.routing.identity.SpiffeId;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class ProxiesTest {

  private final TurnedTicker ticker = new TurnedTicker();
  private final Proxies proxies = new Proxies(ticker);

  @Test
  void whoLeftIsToldUntilItComesAgain() {
    ProxyState search = proxies.joined(1, peer("search", "search-0"));
    proxies.joined(2, peer("shop", "shop-0"));
    search.told(3, ticker.nanos());
    search.answered(3, true, "");

    proxies.left(search);
    ticker.turn(Duration.ofSeconds(90));

    assertThat(pods("proxies")).containsExactly("shop-0");
    assertThat(pods("away")).containsExactly("search-0");
    JsonObject away = proxies.json(3).getJsonArray("away").getJsonObject(0);
    assertThat(away.getLong("leftSeconds")).isBetween(90L, 100L);
    assertThat(away.getLong("acknowledged")).isEqualTo(3);
    assertThat(away.getBoolean("inSync")).isFalse();

    proxies.joined(3, peer("search", "search-1")); // another pod
    assertThat(pods("away")).containsExactly("search-0");
    proxies.joined(4, peer("search", "search-0"));
    assertThat(pods("away")).isEmpty();
  }

  @Test
  void whoLeftAnHourAgoIsForgotten() {
    proxies.left(proxies.joined(1, peer("search", "search-0")));

    ticker.turn(Duration.ofMinutes(61));

    assertThat(pods("away")).isEmpty();
  }

  @Test
  void ofVeryManyThatLeftTheLatestAreTold() {
    for (int i = 0; i < 1_500; i++) {
      proxies.left(proxies.joined(i, peer("search", "search-" + i)));
    }

    assertThat(pods("away")).hasSize(1_000).startsWith("search-500").endsWith("search-1499");
  }

  private List<String> pods(String which) {
    JsonArray all = proxies.json(3).getJsonArray(which);
    return all.stream().map(one -> ((JsonObject) one).getString("pod")).toList();
  }

  private static Peer peer(String account, String pod) {
    return new Peer(
        new SpiffeId("cluster.local", "prod", account),
        "10.0.0.3",
        4444,
        Optional.of(pod),
        new Certified(0, 86_400));
  }
}
