package dev.weft.routing.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.model.TrafficPolicy;
import dev.weft.config.model.TrafficPolicy.ConnectionPool;
import dev.weft.config.model.TrafficPolicy.ConnectionPool.H2Upgrade;
import dev.weft.routing.cluster.UpstreamSettings.HttpChoice;
import dev.weft.routing.exchange.ClusterName;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class UpstreamSettingsTest {

  private static final UpstreamTls MESH =
      new UpstreamTls.Mesh(Set.of("spiffe://cluster.local/ns/prod/sa/search"), "search");

  @ParameterizedTest
  @CsvSource({
    "DEFAULT, 0, false, true",
    "DEFAULT, 100, false, false",
    "DEFAULT, 0, true, false",
    "UPGRADE, 0, false, true",
    "UPGRADE, 100, false, true",
    "DO_NOT_UPGRADE, 0, false, false",
    "DO_NOT_UPGRADE, 100, true, false"
  })
  void requestsShareConnectionsBetweenProxiesUnlessSomebodySaysOtherwise(
      H2Upgrade upgrade, int mostConnections, boolean asClient, boolean shared) {
    UpstreamSettings settings = settings(upgrade, mostConnections, asClient);

    assertThat(settings.multiplexes(MESH)).isEqualTo(shared);
    assertThat(settings.multiplexes(new UpstreamTls.Plaintext())).isFalse();
    assertThat(settings.speaksHttp2(MESH)).as("that the service does").isFalse();
  }

  @Test
  void aServiceOutsideIsAskedInHttp2OnlyWhereThatIsWanted() {
    UpstreamTls plain = new UpstreamTls.Plaintext();

    assertThat(settings(H2Upgrade.UPGRADE, 0, false).speaksHttp2(plain)).isTrue();
    assertThat(settings(H2Upgrade.DEFAULT, 0, false).speaksHttp2(plain)).isFalse();
  }

  private static UpstreamSettings settings(
      H2Upgrade upgrade, int mostConnections, boolean asClient) {
    ConnectionPool none = ConnectionPool.DEFAULT;
    ConnectionPool pool =
        new ConnectionPool(
            mostConnections == 0 ? OptionalInt.empty() : OptionalInt.of(mostConnections),
            none.connectTimeout(),
            none.maxConnectionDuration(),
            none.tcpIdleTimeout(),
            none.maxPendingRequests(),
            none.maxRequests(),
            none.maxRetries(),
            none.maxRequestsPerConnection(),
            none.httpIdleTimeout(),
            upgrade,
            asClient,
            none.maxConcurrentStreams());
    TrafficPolicy policy = TrafficPolicy.NONE;
    return new UpstreamSettings(
        ClusterName.outbound("search", 80, ""),
        new TrafficPolicy(
            policy.loadBalancer(),
            Optional.of(pool),
            policy.outlierDetection(),
            policy.tls(),
            policy.retryBudget(),
            policy.portLevel()),
        HttpChoice.HTTP_1);
  }
}
