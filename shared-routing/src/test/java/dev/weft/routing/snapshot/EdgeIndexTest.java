package dev.weft.routing.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.model.balance.Locality;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.exchange.ClusterName.Direction;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.PeerWorkload;
import dev.weft.routing.exchange.Workload;
import dev.weft.routing.telemetry.EdgeLabels;
import dev.weft.routing.telemetry.EdgeLabels.DestinationService;
import dev.weft.routing.telemetry.EdgeLabels.Security;
import dev.weft.routing.telemetry.EdgeSignals;
import dev.weft.routing.telemetry.HandTicker;
import dev.weft.routing.telemetry.MeshSignals;
import dev.weft.routing.telemetry.Samples;
import io.vertx.core.MultiMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How the labels of Istio's metrics name what was asked for. */
final class EdgeIndexTest {

  private final MeshSignals signals =
      new MeshSignals(1, MeshSignals.Limits.DEFAULT, new HandTicker());
  private final Workload self =
      new Workload("shop", "web", "cluster.local", Map.of(), Locality.UNKNOWN);
  private final AtomicReference<Function<String, Optional<String>>> namespaces =
      new AtomicReference<>(
          host -> host.equals("api.example.com") ? Optional.of("partners") : Optional.empty());
  private final EdgeIndex index = new EdgeIndex(signals, self, 1, namespaces::get);

  @ParameterizedTest
  @CsvSource({
    "search.prod.svc.cluster.local, search, prod",
    "api.example.com, api.example.com, partners",
    "hello, hello, unknown",
    "unknown, unknown, unknown"
  })
  void aServiceIsNamedAsIstioNamesIt(String host, String name, String namespace) {
    assertThat(index.edge(ClusterName.outbound(host, 80, ""), Map.of(), "unknown", false).service())
        .isEqualTo(new DestinationService(host, name, namespace));
  }

  @Test
  void aServiceThatMovesToAnotherNamespaceIsCountedThere() {
    Exchange exchange = Samples.exchange("/", MultiMap.caseInsensitiveMultiMap(), new HandTicker());
    exchange.attempt("10.42.0.3:9080", Map.of(PeerWorkload.NAME, "search-v1"), "unknown");
    namespaces.set(host -> Optional.of("shop"));
    EdgeSignals first = index.edge(exchange, true);
    EdgeSignals again = index.edge(exchange, true);

    namespaces.set(host -> Optional.of("search"));
    EdgeSignals moved = index.edge(exchange, true);

    assertThat(again).isSameAs(first);
    assertThat(first.labels().service())
        .isEqualTo(new DestinationService("search.prod", "search.prod", "shop"));
    assertThat(first.labels().destination().namespace()).isEqualTo("shop");
    assertThat(moved.labels().service().namespace()).isEqualTo("search");
    assertThat(moved.labels().destination().namespace()).isEqualTo("search");
  }

  @Test
  void whatThisProxyServesIsToldByItsOwnServiceEntry() {
    ClusterName in = new ClusterName(Direction.INBOUND, "api.example.com", 8080, "");
    ClusterName other = new ClusterName(Direction.INBOUND, "web.test", 8080, "");

    assertThat(index.edge(in, Map.of(), "unknown", false).service().namespace())
        .isEqualTo("partners");
    assertThat(index.edge(other, Map.of(), "unknown", false).service().namespace())
        .isEqualTo("shop");
  }

  @Test
  void whereNothingIsProvedThisProxyHasNoPrincipalEither() {
    ClusterName out = ClusterName.outbound("search.prod.svc.cluster.local", 80, "");
    ClusterName in = new ClusterName(Direction.INBOUND, "search.prod.svc.cluster.local", 8080, "");
    String other = "spiffe://cluster.local/ns/prod/sa/search";

    EdgeLabels called = index.edge(out, Map.of(), other, false);
    EdgeLabels plain = index.edge(out, Map.of(), "unknown", false);
    EdgeLabels asked = index.edge(in, Map.of(), other, true);
    EdgeLabels bare = index.edge(in, Map.of(), "unknown", false);

    assertThat(called.source().principal()).isEqualTo(self.spiffeId());
    assertThat(called.destination().principal()).isEqualTo(other);
    assertThat(plain.source().principal()).isEqualTo("unknown");
    assertThat(plain.source().name()).isEqualTo(called.source().name());
    assertThat(asked.destination().principal()).isEqualTo(self.spiffeId());
    assertThat(bare.destination().principal()).isEqualTo("unknown");
    assertThat(bare.security()).isEqualTo(Security.NONE);
  }
}
