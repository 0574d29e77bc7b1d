package dev.weft.routing.telemetry;

import dev.weft.routing.clock.Ticker;
import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.exchange.Decision;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.Request;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.exchange.body.NoBody;
import dev.weft.routing.telemetry.EdgeLabels.Canonical;
import dev.weft.routing.telemetry.EdgeLabels.DestinationService;
import dev.weft.routing.telemetry.EdgeLabels.Reporter;
import dev.weft.routing.telemetry.EdgeLabels.Security;
import dev.weft.routing.telemetry.EdgeLabels.Workload;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpVersion;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Edges and exchanges as tests of signals need them. */
public final class Samples {

  private static final long SEED = 0x5EED5;

  private Samples() {}

  public static EdgeLabels gatewayToSearch(String version) {
    return new EdgeLabels(
        Reporter.SOURCE,
        new Workload(
            "gateway",
            "prod",
            "spiffe://cluster.local/ns/prod/sa/gateway",
            "gateway",
            "1",
            new Canonical("gateway", "latest", "unknown")),
        new Workload(
            "search-" + version,
            "prod",
            "spiffe://cluster.local/ns/prod/sa/search",
            "search",
            version,
            new Canonical("search", version, "unknown")),
        new DestinationService("search.prod.svc.cluster.local", "search", "prod"),
        Security.UNKNOWN);
  }

  public static Exchange exchange(String path, MultiMap headers, Ticker ticker) {
    RequestHead head = new RequestHead("GET", "http", "search.test", path, "", headers);
    Request request =
        new Request(
            head,
            HttpVersion.HTTP_1_1,
            false,
            new NoBody(),
            MultiMap.caseInsensitiveMultiMap().addAll(headers));
    Caller caller = Caller.anonymous("10.42.0.9", 50123, 8080, false);
    Exchange exchange = new Exchange(request, caller, new Exchange.Loop(0, later(), ticker), SEED);
    exchange.decided(
        new Decision(
            new Decision.RouteId("default/search#0", 0),
            new Decision.Forward(ClusterName.outbound("search.prod", 8080, "v1"), 0),
            path,
            "search.test",
            Optional.empty(),
            List.of()));
    return exchange;
  }

  private static dev.weft.routing.clock.Timers later() {
    return (Duration delay, Runnable task) -> () -> {};
  }
}
