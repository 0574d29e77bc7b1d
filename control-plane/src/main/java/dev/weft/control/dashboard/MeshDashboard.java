package dev.weft.control.dashboard;

import dev.weft.config.ConfigDocument;
import dev.weft.config.model.MeshConfig;
import dev.weft.config.problem.Problem;
import dev.weft.control.proxies.Proxies;
import dev.weft.control.proxies.ProxyState;
import dev.weft.routing.admin.AdminView;
import dev.weft.routing.admin.canary.CanaryPages;
import dev.weft.routing.admin.dashboard.Dashboard;
import dev.weft.routing.admin.dashboard.Golden;
import dev.weft.routing.admin.dashboard.Shown;
import dev.weft.routing.admin.dashboard.SignalJson;
import dev.weft.routing.clock.Ticker;
import dev.weft.routing.discovery.standing.Standing.Certified;
import dev.weft.routing.identity.WorkloadIdentity;
import dev.weft.routing.telemetry.EdgeLabels;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The dashboard of all proxies that listen to this control plane: what they count is asked for,
 * added up and shown by the same pages that each proxy has, and from there one comes to each
 * proxy's own.
 *
 * <p>Belongs to the event loop of the control plane, but for what {@link Shown} says.
 */
public final class MeshDashboard implements Shown {

  private static final Logger LOG = LoggerFactory.getLogger(MeshDashboard.class);
  private static final long STEP_MILLIS = 10_000;
  private static final long LOOK_MILLIS = 1_000;
  private static final int MOST_FINDINGS = 20;
  private static final int MOST_CERTIFICATES = 100;
  private static final int PART_OF_LIFE = 5; // of a certificate, from which on it is told

  private final Vertx vertx;
  private final Mesh mesh;
  private final Ticker ticker;
  private final MeshTotals totals;
  private final MeshPoll poll;
  private final Dashboard pages;
  private final MeshPages more;
  private final CanaryPages canary;
  private volatile Map<String, Object> state = Map.of();

  /**
   * What is shown.
   *
   * @param version that is published
   * @param own identity of this control plane
   * @param config that is published, and its problems; any thread
   * @param texts that these problems stand in; any thread
   * @param serving the configuration itself; any thread
   * @param weights where those of its rules are written
   */
  public record Mesh(
      String trustDomain,
      String weft,
      Proxies proxies,
      LongSupplier version,
      Supplier<WorkloadIdentity> own,
      Supplier<AdminView.Config> config,
      Supplier<List<ConfigDocument>> texts,
      Supplier<MeshConfig> serving,
      CanaryPages.Configured weights) {}

  public MeshDashboard(Vertx vertx, Mesh mesh, Ticker ticker) {
    this.vertx = vertx;
    this.mesh = mesh;
    this.ticker = ticker;
    this.totals = new MeshTotals(ticker.nanos());
    ProxyCalls calls = new ProxyCalls(vertx, mesh.own, ticker);
    this.poll = new MeshPoll(vertx, mesh.proxies, calls, totals, ticker);
    this.pages = new Dashboard(vertx, this, ticker);
    mesh.weights.history().counting(totals::traffic);
    MeshAnswers answers = new MeshAnswers(vertx, mesh.proxies, poll, calls);
    this.more = new MeshPages(vertx, mesh, poll, calls, answers);
    this.canary =
        new CanaryPages(vertx, new MeshShares(vertx, mesh.serving, answers), mesh.weights);
  }

  /** Begins to ask proxies. */
  public void start() {
    look();
    poll.start();
    vertx.setPeriodic(LOOK_MILLIS, look -> look());
    vertx.setPeriodic(
        STEP_MILLIS,
        step ->
            vertx
                .executeBlocking(
                    () -> {
                      pages.step();
                      canary.step();
                      return true;
                    },
                    false)
                .onFailure(fault -> LOG.error("a step of the dashboard failed", fault)));
  }

  /** Adds the pages to a router, behind whatever guard it has; several routers may have them. */
  public void mount(Router router) {
    more.mount(router);
    canary.mount(router);
    pages.on(router);
  }

  @Override
  public Map<EdgeLabels, Golden> edges() {
    return totals.edges();
  }

  @Override
  public Map<String, Golden> rules() {
    return totals.rules();
  }

  @Override
  public Map<String, Map<String, Object>> values() {
    return Map.of("upstreams", totals.upstreams(), "state", state);
  }

  @Override
  public List<Problem> problems() {
    return mesh.config.get().problems();
  }

  @Override
  public List<ConfigDocument> texts() {
    return mesh.texts.get();
  }

  @Override
  public void watched() {
    poll.watched();
  }

  private void look() {
    Map<Long, JsonObject> told = totals.states();
    long faults = told.values().stream().mapToLong(one -> one.getLong("faults", 0L)).sum();
    List<ProxyState> present = mesh.proxies.present();
    JsonArray findings = new JsonArray();
    JsonArray certificates = new JsonArray();
    int heard = 0;
    for (ProxyState proxy : present) {
      Optional<String> silence = poll.silence(proxy);
      heard += silence.isEmpty() ? 1 : 0;
      if (findings.size() < MOST_FINDINGS) {
        find(proxy, silence, told.getOrDefault(proxy.stream(), new JsonObject()), findings);
      }
      if (certificates.size() < MOST_CERTIFICATES) {
        ending(proxy).ifPresent(certificates::add);
      }
    }
    told.values().forEach(one -> served(one, certificates));
    state =
        Map.of(
            "name",
            "mesh " + mesh.trustDomain,
            "mesh",
            true,
            "weft",
            mesh.weft,
            "missing",
            new JsonArray(),
            "config",
            SignalJson.config(mesh.config.get()),
            "certificates",
            certificates,
            "faults",
            faults,
            "proxies",
            new JsonObject().put("present", present.size()).put("heard", heard),
            "left_edges",
            totals.left(),
            "findings",
            findings);
  }

  private static void find(
      ProxyState proxy, Optional<String> silence, JsonObject told, JsonArray findings) {
    String name = String.valueOf(proxy.peer());
    silence.ifPresent(why -> findings.add(finding("warn", name + " is not heard: " + why)));
    for (Object reason : told.getJsonArray("missing", new JsonArray())) {
      findings.add(finding("bad", name + " is not ready: " + reason));
    }
    proxy
        .refusal()
        .ifPresent(why -> findings.add(finding("bad", name + " refuses a version: " + why)));
  }

  private static JsonObject finding(String level, String text) {
    return new JsonObject().put("level", level).put("text", text);
  }

  /**
   * What servers of a gateway show that does not last long any more; each once, of all replicas.
   */
  private void served(JsonObject told, JsonArray ending) {
    for (Object one : told.getJsonArray("certificates", new JsonArray())) {
      JsonArray each = (JsonArray) one;
      boolean identity = each.getString(0).startsWith("spiffe://"); // as its stream proves it
      if (!identity
          && ending.size() < MOST_CERTIFICATES
          && ends(each.getLong(1), each.getLong(2))
          && !ending.contains(each)) {
        ending.add(each);
      }
    }
  }

  private boolean ends(long begins, long ends) {
    return (ends - ticker.epochMillis()) * PART_OF_LIFE < ends - begins;
  }

  /** Its certificate where that does not last long any more. */
  private Optional<JsonArray> ending(ProxyState proxy) {
    Certified one = proxy.certified();
    return ends(one.notBefore() * 1_000, one.notAfter() * 1_000)
        ? Optional.of(
            new JsonArray()
                .add(String.valueOf(proxy.peer()))
                .add(one.notBefore() * 1_000)
                .add(one.notAfter() * 1_000))
        : Optional.empty();
  }
}
