package dev.weft.routing.admin.dashboard;

import dev.weft.routing.admin.AdminSource;
import dev.weft.routing.admin.AdminView;
import dev.weft.routing.admin.dashboard.Assets.Asset;
import dev.weft.routing.admin.dashboard.LiveState.Look;
import dev.weft.routing.admin.dashboard.SignalWindow.Load;
import dev.weft.routing.clock.Ticker;
import dev.weft.routing.clock.VertxTimers;
import dev.weft.routing.telemetry.MeshSignals;
import dev.weft.routing.telemetry.rule.FailureCounts.Failed;
import dev.weft.routing.telemetry.rule.RuleCounts.Count;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;

/**
 * The pages under {@value #ROOT} and what they ask for: {@code api/live} (server-sent events),
 * {@code api/services}, {@code api/service?host=}, {@code api/failures}, {@code api/causes} and
 * {@code api/lines}; for the rest they ask the admin API. Who may see them is settled before, by
 * the guard of the admin port.
 *
 * <p>{@link #step} is called from a worker, everything else from the event loop of the admin port.
 */
public final class Dashboard {

  /** Where the pages are. */
  public static final String ROOT = "/dashboard/";

  private static final String API = ROOT + "api/";
  private static final String JSON = "application/json";
  private static final long MOST_BYTES = 16L << 20;
  private static final int PART_OF_THE_HEAP = 16;
  private static final int MOST_HOST = 1024;

  private final Vertx vertx;
  private final Sources sources;
  private final Ticker ticker;
  private final SignalWindow window;
  private final String policy = Assets.policy();

  /**
   * What is shown.
   *
   * @param name of this proxy, for people
   * @param version of Weft
   * @param rules how often each was chosen
   * @param failures why requests failed
   */
  public record Sources(
      String name,
      String version,
      AdminSource admin,
      MeshSignals signals,
      Supplier<Map<String, Count>> rules,
      Supplier<List<Failed>> failures) {}

  public Dashboard(Vertx vertx, Sources sources, Ticker ticker) {
    this.vertx = vertx;
    this.sources = sources;
    this.ticker = ticker;
    long most = Math.min(MOST_BYTES, Runtime.getRuntime().maxMemory() / PART_OF_THE_HEAP);
    this.window =
        new SignalWindow(sources.signals()::readings, () -> loads(sources.admin()), ticker, most);
  }

  /** Ends a step of the window; every ten seconds, on a worker. */
  public void step() {
    window.step();
  }

  private static List<Load> loads(AdminSource admin) {
    return admin.clusters().stream()
        .map(one -> new Load(one.name(), one.inFlight(), one.pending(), one.connections()))
        .toList();
  }

  /** Adds the pages to a router of the admin port, behind its guard. */
  public void on(Router router) {
    LiveFeed feed = new LiveFeed(new VertxTimers(vertx), () -> blocking(this::look));
    router.get("/dashboard").handler(Dashboard::redirected);
    router.get(API + "live").handler(context -> live(context, feed));
    router.get(API + "services").handler(context -> json(context, () -> History.sparks(window)));
    router.get(API + "service").handler(this::service);
    router
        .get(API + "failures")
        .handler(context -> json(context, () -> Failures.counted(sources.failures().get())));
    router.get(API + "causes").handler(context -> json(context, Failures::meanings));
    router
        .get(API + "lines")
        .handler(
            context -> json(context, () -> ConfigLines.of(sources.admin().config().problems())));
    router.get(ROOT + "*").handler(this::asset);
  }

  private static void redirected(RoutingContext context) {
    if (context.request().path().equals(ROOT)) {
      context.next();
    } else {
      context.response().setStatusCode(308).putHeader(HttpHeaders.LOCATION, ROOT).end();
    }
  }

  private <T> Future<T> blocking(Callable<T> work) {
    return vertx.executeBlocking(work, false);
  }

  private void asset(RoutingContext context) {
    String asked = context.normalizedPath().substring(ROOT.length());
    String name = asked.isEmpty() ? "index.html" : asked;
    blocking(() -> Assets.read(name))
        .onSuccess(
            found -> found.ifPresentOrElse(asset -> send(context, asset), () -> context.fail(404)))
        .onFailure(context::fail);
  }

  private void send(RoutingContext context, Asset asset) {
    HttpServerResponse response = context.response();
    String tag = '"' + asset.hash() + '"';
    response
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-cache") // asked for each time, sent when changed
        .putHeader(HttpHeaders.ETAG, tag)
        .putHeader("content-security-policy", policy)
        .putHeader("x-content-type-options", "nosniff")
        .putHeader("referrer-policy", "no-referrer")
        .putHeader("cross-origin-opener-policy", "same-origin")
        .putHeader("cross-origin-resource-policy", "same-origin");
    if (tag.equals(context.request().getHeader(HttpHeaders.IF_NONE_MATCH))) {
      response.setStatusCode(304).end();
    } else {
      response.putHeader(HttpHeaders.CONTENT_TYPE, asset.type()).end(asset.bytes());
    }
  }

  private void service(RoutingContext context) {
    Optional<String> host =
        context.queryParam("host").stream()
            .filter(one -> !one.isEmpty() && one.length() <= MOST_HOST)
            .findFirst();
    if (host.isEmpty()) {
      context.fail(400);
    } else {
      json(context, () -> History.of(window, host.get()));
    }
  }

  private void json(RoutingContext context, Supplier<JsonObject> value) {
    blocking(() -> value.get().toBuffer())
        .onSuccess(body -> plain(context.response(), JSON).end(body))
        .onFailure(context::fail);
  }

  private static HttpServerResponse plain(HttpServerResponse response, String type) {
    return response
        .putHeader(HttpHeaders.CONTENT_TYPE, type)
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
        .putHeader("x-content-type-options", "nosniff")
        .putHeader("content-security-policy", "default-src 'none'; frame-ancestors 'none'")
        .putHeader("cross-origin-resource-policy", "same-origin");
  }

  private void live(RoutingContext context, LiveFeed feed) {
    if (!feed.room()) {
      plain(context.response(), JSON)
          .setStatusCode(503)
          .end(
              new JsonObject()
                  .put("error", "live: already " + LiveFeed.MOST_READERS + " readers; end one")
                  .encode());
      return;
    }
    String lastId = context.request().getHeader("last-event-id");
    plain(context.response(), "text/event-stream").setChunked(true);
    feed.read(context.response(), lastId == null ? "" : lastId);
  }

  private Look look() {
    Map<String, Map<String, Object>> values = new HashMap<>();
    Map<String, Object> upstreams = new HashMap<>();
    sources.admin().clusters().forEach(one -> upstreams.put(one.name(), SignalJson.upstream(one)));
    values.put("upstreams", upstreams);
    values.put("rules", SignalJson.rules(sources.rules().get()).getMap());
    values.put("state", state());
    return new Look(ticker.epochMillis(), window.live(), values);
  }

  private Map<String, Object> state() {
    AdminSource admin = sources.admin();
    AdminView.Config config = admin.config();
    JsonArray certificates = new JsonArray();
    admin
        .certificates()
        .forEach(
            one ->
                certificates.add(
                    new JsonArray()
                        .add(one.id())
                        .add(one.notBefore().toEpochMilli())
                        .add(one.notAfter().toEpochMilli())));
    long errors =
        config.problems().stream().filter(one -> one.severity().word().equals("error")).count();
    return Map.of(
        "name", sources.name(),
        "weft", sources.version(),
        "missing", new JsonArray(admin.notReady()),
        "config",
            new JsonObject()
                .put("version", config.version())
                .put("applied", config.applied().toEpochMilli())
                .put("sources", new JsonArray(config.sources()))
                .put("rejected", config.rejected())
                .put("errors", errors)
                .put("warnings", config.problems().size() - errors),
        "certificates", certificates,
        "faults", admin.certificateFaults().size(),
        "window_bytes", window.bytes());
  }
}
