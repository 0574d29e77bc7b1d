package dev.weft.routing.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.model.balance.Locality;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.exchange.Workload;
import dev.weft.routing.telemetry.EdgeLabels.DestinationService;
import dev.weft.routing.telemetry.HandTicker;
import dev.weft.routing.telemetry.MeshSignals;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How the labels of Istio's metrics name what was asked for. */
final class EdgeIndexTest {

  @ParameterizedTest
  @CsvSource({
    "search.prod.svc.cluster.local, search, prod",
    "api.example.com, api.example.com, default",
    "hello, hello, default",
    "unknown, unknown, unknown"
  })
  void aServiceIsNamedAsIstioNamesIt(String host, String name, String namespace) {
    MeshSignals signals = new MeshSignals(1, MeshSignals.Limits.DEFAULT, new HandTicker());
    Workload self = new Workload("shop", "web", "cluster.local", Map.of(), Locality.UNKNOWN);

    assertThat(
            new EdgeIndex(signals, self, 1)
                .edge(ClusterName.outbound(host, 80, ""), Map.of(), "unknown", false)
                .service())
        .isEqualTo(new DestinationService(host, name, namespace));
  }
}
