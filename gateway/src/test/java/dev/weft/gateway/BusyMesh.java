package dev.weft.gateway;

import dev.weft.routing.admin.AdminApi;
import dev.weft.routing.admin.AdminGuard;
import dev.weft.routing.admin.AdminServer;
import dev.weft.routing.admin.AdminSource;
import dev.weft.routing.admin.AdminView;
import dev.weft.routing.admin.dashboard.Dashboard;
import dev.weft.routing.clock.SystemTicker;
import dev.weft.routing.clock.Ticker;
import dev.weft.routing.telemetry.EdgeLabels;
import dev.weft.routing.telemetry.EdgeLabels.Canonical;
import dev.weft.routing.telemetry.EdgeLabels.DestinationService;
import dev.weft.routing.telemetry.EdgeLabels.Reporter;
import dev.weft.routing.telemetry.EdgeLabels.Security;
import dev.weft.routing.telemetry.EdgeLabels.Workload;
import dev.weft.routing.telemetry.EdgeSignals;
import dev.weft.routing.telemetry.MeshSignals;
import dev.weft.routing.telemetry.Outcome;
import dev.weft.routing.telemetry.Tap;
import dev.weft.routing.telemetry.trace.HopTrace;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Many services of which each calls others all the time; what comes by chance is always the same.
 */
final class BusyMesh implements AdminSource {

  private static final int FAILS = 17; // every so many services, now and then

  private static final Ticker TICKER = new SystemTicker();

  private final int services;
  private final MeshSignals signals = new MeshSignals(1, MeshSignals.Limits.DEFAULT, TICKER);
  private final List<EdgeSignals> edges = new ArrayList<>();
  private final Random random = new Random(7);

  BusyMesh(int services, int edges) {
    this.services = services;
    int each = edges / services;
    for (int from = 0; from < services; from++) {
      for (int i = 1; i <= each; i++) {
        this.edges.add(
            signals.edge(labels(from, (from + 1 + random.nextInt(services - 1)) % services, i)));
      }
    }
  }

  /**
   * Opens a port that shows it, and goes on by the second.
   *
   * @return the port; it is open, and things happen, as long as {@code vertx} is
   */
  int shown(Vertx vertx) throws Exception {
    Dashboard dashboard =
        new Dashboard(
            vertx,
            new Dashboard.Sources(
                "prod/busy",
                "1",
                this,
                new Dashboard.Counters(signals, Optional.empty()),
                Map::of,
                List::of),
            TICKER);
    AdminApi api = new AdminApi(vertx, this, new Tap(), List::of);
    api.and(dashboard::on);
    second();
    dashboard.step();
    every(vertx, 1_000, this::second);
    every(vertx, 10_000, dashboard::step);
    return GatewayFixture.await(
            AdminServer.listen(vertx, "127.0.0.1", 0, api.router(new AdminGuard(Set.of()))))
        .port();
  }

  private static void every(Vertx vertx, long millis, Runnable work) {
    vertx.setPeriodic(
        millis,
        timer ->
            vertx.executeBlocking(
                () -> {
                  work.run();
                  return true;
                }));
  }

  private static String name(int service) {
    return "service-" + service;
  }

  private static Workload workload(String name, String version) {
    return new Workload(
        name + "-" + version,
        "prod",
        "spiffe://cluster.local/ns/prod/sa/" + name,
        name,
        version,
        new Canonical(name, version, "unknown"));
  }

  private static EdgeLabels labels(int from, int to, int version) {
    return new EdgeLabels(
        Reporter.SOURCE,
        workload(name(from), "v1"),
        workload(name(to), "v" + (version % 2 + 1)),
        new DestinationService(name(to) + ".prod.svc.cluster.local", name(to), "prod"),
        Security.MUTUAL_TLS);
  }

  /** How many pairs of a caller and a service there are. */
  long links() {
    return edges.stream()
        .map(EdgeSignals::labels)
        .map(one -> one.source().app() + " " + one.service().host())
        .distinct()
        .count();
  }

  /** A second goes by: something went over each edge. */
  private void second() {
    int fine = Outcome.http(200, Optional.empty());
    int broken = Outcome.http(503, Optional.empty());
    for (int i = 0; i < edges.size(); i++) {
      int requests = 1 + random.nextInt(9);
      for (int j = 0; j < requests; j++) {
        boolean fails = i % FAILS == 0 && random.nextInt(4) == 0;
        long nanos = TimeUnit.MICROSECONDS.toNanos(500 + random.nextInt(90_000));
        edges.get(i).record(0, fails ? broken : fine, nanos, 0, 0);
      }
    }
  }

  @Override
  public List<String> notReady() {
    return List.of();
  }

  @Override
  public String metrics() {
    return "";
  }

  @Override
  public String openMetrics() {
    return "";
  }

  @Override
  public AdminView.Config config() {
    return new AdminView.Config(
        "1", Instant.now(), Duration.ZERO, List.of(), List.of(), 0, Optional.empty());
  }

  @Override
  public List<AdminView.Route> routes() {
    return List.of();
  }

  @Override
  public List<AdminView.Cluster> clusters() {
    List<AdminView.Cluster> all = new ArrayList<>();
    for (int i = 0; i < services; i++) {
      AdminView.Endpoint endpoint =
          new AdminView.Endpoint(
              "10.0.0." + i + ":80",
              "healthy",
              0,
              random.nextInt(5),
              2,
              Map.of("version", "v1"),
              new AdminView.Balance(1, "", OptionalInt.of(0), 1, 1, OptionalDouble.empty()));
      all.add(
          new AdminView.Cluster(
              "outbound|80||" + name(i) + ".prod.svc.cluster.local",
              "closed",
              3,
              endpoint.inFlight(),
              2,
              0,
              List.of(endpoint)));
    }
    return all;
  }

  @Override
  public List<HopTrace> traces() {
    return List.of();
  }

  @Override
  public List<AdminView.Certificate> certificates() {
    return List.of();
  }

  @Override
  public List<AdminView.CertificateFault> certificateFaults() {
    return List.of();
  }

  @Override
  public Future<Explanation> explain(Question question) {
    return Future.failedFuture(new IllegalArgumentException("nothing serves"));
  }

  @Override
  public Map<String, String> logLevels() {
    return Map.of();
  }

  @Override
  public void logLevel(String logger, String level) {
    throw new IllegalArgumentException("there are none");
  }

  @Override
  public void drain() {}
}
