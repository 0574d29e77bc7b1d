package dev.weft.control.dashboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.config.history.ConfigHistory;
import dev.weft.routing.admin.dashboard.Golden;
import dev.weft.routing.admin.dashboard.Totals;
import dev.weft.routing.identity.SpiffeId;
import dev.weft.routing.telemetry.EdgeLabels;
import dev.weft.routing.telemetry.EdgeLabels.Reporter;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class MeshTotalsTest {

  private static final SpiffeId CALLER = new SpiffeId("cluster.local", "edge", "gateway");
  private static final SpiffeId SEARCH = new SpiffeId("cluster.local", "prod", "search");
  private static final String FIRST = "run-1";
  private static final String RULE = "default/search#0";
  private static final long OLD = TimeUnit.HOURS.toMillis(5);

  private final MeshTotals totals = new MeshTotals(0);
  private long now = 1;

  @Test
  void whatCameSinceItWasHeardFirstIsAdded() {
    heard(1, CALLER, FIRST, OLD, edge("source", "gateway", "edge", 100, 10));
    assertThat(requests()).isZero(); // it was there before anybody added up

    heard(1, CALLER, FIRST, OLD, edge("source", "gateway", "edge", 130, 12));

    assertThat(requests()).isEqualTo(30);
    assertThat(totals.edges().values()).extracting(Golden::failed).containsExactly(2L);
  }

  @Test
  void whoBeganMeanwhileIsAddedWhole() {
    now = TimeUnit.MINUTES.toNanos(1);
    heard(1, CALLER, FIRST, 5_000, edge("source", "gateway", "edge", 7, 0));

    heard(1, CALLER, "run-2", 1_000, edge("source", "gateway", "edge", 3, 0)); // begun anew

    assertThat(requests()).isEqualTo(10);
  }

  @Test
  void durationsAddUpByBucket() {
    heard(1, CALLER, FIRST, OLD, edge("source", "gateway", "edge", 0, 0));
    heard(2, CALLER, "run-2", OLD, edge("source", "gateway", "edge", 0, 0));
    heard(1, CALLER, FIRST, OLD, edge("source", "gateway", "edge", 90, 0, 3));
    heard(2, CALLER, "run-2", OLD, edge("source", "gateway", "edge", 10, 0, 9));

    Golden all = totals.edges().values().iterator().next();

    assertThat(all.millis().counts()[3]).isEqualTo(90);
    assertThat(all.millis().counts()[9]).isEqualTo(10);
    assertThat(all.millis().quantile(0.5)).isLessThan(10);
    assertThat(all.millis().quantile(0.99)).isGreaterThan(500);
  }

  @Test
  void aRequestThatBothEndsCountIsAddedOnce() {
    heard(1, CALLER, FIRST, OLD, edge("source", "gateway", "edge", 0, 0));
    heard(2, SEARCH, "run-s", OLD, edge("destination", "gateway", "edge", 0, 0));
    heard(1, CALLER, FIRST, OLD, edge("source", "gateway", "edge", 50, 0));
    heard(2, SEARCH, "run-s", OLD, edge("destination", "gateway", "edge", 48, 0));

    assertThat(requests()).isEqualTo(50);
  }

  @Test
  void whatTheServiceCountsBeforeItsCallersProxyIsAskedIsNotAddedEither() {
    heard(1, CALLER, FIRST, OLD, edge("source", "other", "edge", 0, 0));
    heard(2, SEARCH, "run-s", OLD, edge("destination", "gateway", "edge", 0, 0));
    heard(2, SEARCH, "run-s", OLD, edge("destination", "gateway", "edge", 30, 0));
    heard(1, CALLER, FIRST, OLD, edge("source", "gateway", "edge", 30, 0));

    assertThat(requests()).isEqualTo(30);
  }

  @Test
  void whoHasNoProxyIsCountedByTheServicesOwn() {
    heard(1, CALLER, FIRST, OLD, edge("source", "gateway", "edge", 0, 0));
    heard(2, SEARCH, "run-s", OLD, edge("destination", "unknown", "unknown", 0, 0));
    heard(2, SEARCH, "run-s", OLD, edge("destination", "unknown", "unknown", 5, 0));

    assertThat(requests()).isEqualTo(5);
  }

  @Test
  void whileTheCallersProxyIsNotHeardTheOtherOneCounts() {
    heard(1, CALLER, FIRST, OLD, edge("source", "gateway", "edge", 0, 0));
    heard(2, SEARCH, "run-s", OLD, edge("destination", "gateway", "edge", 0, 0));
    now += TimeUnit.MINUTES.toNanos(1);
    totals.tidy(now);
    heard(2, SEARCH, "run-s", OLD, edge("destination", "gateway", "edge", 10, 0)); // missed itself
    heard(2, SEARCH, "run-s", OLD, edge("destination", "gateway", "edge", 40, 0));
    assertThat(requests()).isEqualTo(30);

    heard(1, CALLER, FIRST, OLD, edge("source", "gateway", "edge", 41, 0)); // back: told already

    assertThat(requests()).isEqualTo(30);
  }

  @Test
  void itsEndOfAnEdgeIsWhereItsIdentityIs() {
    heard(1, CALLER, FIRST, OLD, edge("source", "gateway", "somewhere", 1, 0));

    EdgeLabels edge = totals.edges().keySet().iterator().next();

    assertThat(edge.reporter()).isEqualTo(Reporter.SOURCE);
    assertThat(edge.source().namespace()).isEqualTo("edge");
    assertThat(edge.source().principal()).isEqualTo(CALLER.toString());
  }

  @Test
  void edgesOfManyProxiesAreBounded() {
    for (int proxy = 0; proxy < 3; proxy++) {
      JsonArray edges = new JsonArray();
      for (int i = 0; i < 6_000; i++) {
        edges.add(edge("source", "caller-" + proxy + "-" + i, "edge", 1, 0));
      }
      totals.heard(proxy, CALLER, Totals.read(told("run-" + proxy, OLD, edges)), now);
    }

    assertThat(totals.edges()).hasSize(10_000);
    assertThat(totals.left()).isEqualTo(8_000);
  }

  @Test
  void edgesOverWhichNothingWentForAnHourAreForgotten() {
    heard(1, CALLER, FIRST, OLD, edge("source", "gateway", "edge", 1, 0));

    totals.tidy(now + TimeUnit.MINUTES.toNanos(61));

    assertThat(totals.edges()).isEmpty();
    assertThat(totals.states()).isEmpty();
  }

  @Test
  void whatCameIsKnownEvenWhenItsEdgesAreForgotten() {
    heard(1, CALLER, FIRST, OLD, edge("source", "gateway", "edge", 1, 0));
    heard(1, CALLER, FIRST, OLD, edge("source", "gateway", "edge", 31, 4));

    totals.tidy(now + TimeUnit.MINUTES.toNanos(61));

    assertThat(totals.edges()).isEmpty();
    assertThat(totals.traffic()).isEqualTo(new ConfigHistory.Traffic(30, 4));
  }

  @Test
  void anUpstreamIsAsTheWorstSeesIt() {
    heard(1, CALLER, FIRST, OLD, "outbound|80||search", upstream(2, "closed", 3, 3));
    heard(2, SEARCH, "run-s", OLD, "outbound|80||search", upstream(3, "open", 3, 1));

    assertThat(totals.upstreams())
        .isEqualTo(Map.of("outbound|80||search", upstream(5, "open", 3, 1)));
  }

  @Test
  void whatAProxyThatLeavesDecidedStaysCounted() {
    heardRule(1, CALLER, FIRST, OLD, 100, 5);
    assertThat(totals.rules().get(RULE).requests()).isZero(); // it was there before

    heardRule(1, CALLER, FIRST, OLD, 130, 6);
    heardRule(2, SEARCH, "run-s", 0, 20, 20); // begun meanwhile: all of it
    now += TimeUnit.MINUTES.toNanos(2);
    totals.tidy(now);
    heardRule(1, CALLER, FIRST, OLD, 140, 6); // nobody else told of these

    assertThat(totals.rules().get(RULE).requests()).isEqualTo(60);
    assertThat(totals.rules().get(RULE).failed()).isEqualTo(21);
    assertThat(totals.rules().get(RULE).millis().counts()[4]).isEqualTo(60);
  }

  @Test
  void rulesOfWhichNobodyTellsAnyMoreAreForgotten() {
    heardRule(1, CALLER, FIRST, OLD, 100, 5);

    totals.tidy(now + TimeUnit.MINUTES.toNanos(61));

    assertThat(totals.rules()).isEmpty();
  }

  @Test
  void whatIsOfAnotherFormIsRefused() {
    JsonObject told = told(FIRST, OLD, new JsonArray());
    told.getJsonObject("upstreams").put("a", new JsonObject().put("in_flight", "many"));
    JsonObject negative = told(FIRST, OLD, new JsonArray().add(edge("source", "a", "b", -1, 0)));
    JsonObject bucket = told(FIRST, OLD, new JsonArray().add(edge("source", "a", "b", 1, 0, 99)));

    assertThatThrownBy(() -> Totals.read(told)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Totals.read(negative)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Totals.read(bucket)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Totals.read(new JsonObject()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private long requests() {
    return totals.edges().values().stream().mapToLong(Golden::requests).sum();
  }

  private void heard(long stream, SpiffeId who, String run, long up, JsonObject edge) {
    totals.heard(stream, who, Totals.read(told(run, up, new JsonArray().add(edge))), now);
  }

  private void heardRule(
      long stream, SpiffeId who, String run, long up, long requests, long failed) {
    JsonObject told = told(run, up, new JsonArray());
    told.getJsonObject("rules").put(RULE, golden(requests, failed, 4));
    totals.heard(stream, who, Totals.read(told), now);
  }

  private void heard(
      long stream, SpiffeId who, String run, long up, String upstream, JsonObject how) {
    JsonObject told = told(run, up, new JsonArray());
    told.getJsonObject("upstreams").put(upstream, how);
    totals.heard(stream, who, Totals.read(told), now);
  }

  private static JsonObject told(String run, long up, JsonArray edges) {
    return new JsonObject()
        .put("run", run)
        .put("up", up)
        .put("edges", edges)
        .put("upstreams", new JsonObject())
        .put("rules", new JsonObject())
        .put(
            "state",
            new JsonObject()
                .put("missing", new JsonArray())
                .put("config", new JsonObject().put("errors", 0))
                .put("faults", 0));
  }

  private static JsonObject upstream(long inFlight, String breaker, long endpoints, long healthy) {
    return new JsonObject()
        .put("in_flight", inFlight)
        .put("pending", 0L)
        .put("connections", 0L)
        .put("breaker", breaker)
        .put("endpoints", endpoints)
        .put("healthy", healthy);
  }

  private static JsonObject edge(
      String reporter, String source, String namespace, long requests, long failed) {
    return edge(reporter, source, namespace, requests, failed, 4);
  }

  private static JsonObject edge(
      String reporter, String source, String namespace, long requests, long failed, int bucket) {
    return new JsonObject()
        .put("reporter", reporter)
        .put("service", "search.prod.svc.cluster.local")
        .put("security", "mutual_tls")
        .put("source", end(source, namespace))
        .put("destination", end("search-v1", "prod"))
        .put("told", golden(requests, failed, bucket));
  }

  private static JsonArray golden(long requests, long failed, int bucket) {
    return new JsonArray().add(failed).add(0).add(new JsonArray().add(bucket).add(requests));
  }

  private static JsonObject end(String workload, String namespace) {
    return new JsonObject()
        .put("workload", workload)
        .put("namespace", namespace)
        .put("app", workload)
        .put("version", "v1")
        .put("principal", "spiffe://cluster.local/ns/" + namespace + "/sa/" + workload);
  }
}
