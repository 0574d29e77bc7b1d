package dev.weft.routing.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.ConfigDocument;
import dev.weft.config.ConfigLoader;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.route.CompiledRoute;
import dev.weft.routing.route.RouteTableCompiler;
import dev.weft.routing.telemetry.HandTicker;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class LastTargetsTest {

  private final HandTicker ticker = new HandTicker();
  private final LastTargets targets = new LastTargets(ticker);

  @Test
  void aMissingTargetKeepsTheLastWorkingOneForTwoSeconds() {
    compiled("{host: a}", Set.of("a"));

    assertThat(compiled("{host: b}", Set.of("a"))).containsExactly("a");
    assertThat(targets.held()).isTrue();
    ticker.turn(Duration.ofMillis(1999));
    assertThat(compiled("{host: b}", Set.of("a"))).containsExactly("a");
    ticker.turn(Duration.ofMillis(1));

    assertThat(compiled("{host: b}", Set.of("a"))).containsExactly("b");
    assertThat(targets.held()).isFalse();
  }

  @Test
  void whatComesInTimeIsTakenAtOnce() {
    compiled("{host: a}", Set.of("a"));
    compiled("{host: b}", Set.of("a"));

    assertThat(compiled("{host: b}", Set.of("a", "b"))).containsExactly("b");
    assertThat(targets.held()).isFalse();
  }

  @Test
  void whatNeverWorkedHasNothingToKeep() {
    assertThat(compiled("{host: b}", Set.of("a"))).containsExactly("b");
    assertThat(targets.held()).isFalse();
  }

  /** Hosts that the only rule leads to. */
  private List<String> compiled(String destination, Set<String> working) {
    String text =
        """
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: t}
        spec: {hosts: [shop.test], http: [{route: [{destination: %s}]}]}
        """
            .formatted(destination);
    CompiledRoute route =
        RouteTableCompiler.mesh(
                ConfigLoader.load(List.of(new ConfigDocument("t", "t.yaml", text))).config(),
                "default",
                Map.of())
            .routes()
            .get(0);
    targets.begin();
    return targets.of(route, cluster -> working.contains(name(cluster))).stream()
        .map(LastTargetsTest::name)
        .toList();
  }

  private static String name(ClusterName cluster) {
    return cluster.host().substring(0, 1);
  }
}
