package dev.weft.routing.admin.dashboard;

import dev.weft.config.ConfigDocument;
import dev.weft.config.problem.Problem;
import dev.weft.routing.admin.AdminSource;
import dev.weft.routing.admin.dashboard.LiveState.Look;
import dev.weft.routing.admin.dashboard.SignalWindow.Load;
import dev.weft.routing.admin.dashboard.asset.Assets;
import dev.weft.routing.clock.Ticker;
import dev.weft.routing.clock.VertxTimers;
import dev.weft.routing.telemetry.EdgeLabels;
import dev.weft.routing.telemetry.MeshSignals;
import dev.weft.routing.telemetry.rule.FailureCounts.Failed;
import dev.weft.routing.telemetry.tcp.Carried;
import dev.weft.routing.telemetry.tcp.TcpSignals;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The pages under {@value #ROOT} and what they ask for: {@code api/live} (server-sent events),
 * {@code api/services}, {@code api/service?host=}, {@code api/route?name=}, {@code api/totals},
 * {@code api/failures}, {@code api/causes} and {@code api/lines}; for the rest they ask the admin
 * API. Who may see them is settled before, by the guard of the admin port.
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
  private static final int PART_OF_RULES = 4; // of what edges may take
  private static final int MOST_NAME = 1024;

  private final Vertx vertx;
  private final Shown shown;
  private final long begun;
  private final String run = UUID.randomUUID().toString(); // of this process
  private final Ticker ticker;
  private final SignalWindow<EdgeLabels> window;
  private final SignalWindow<String> rules;

  /**
   * What a proxy counts by who calls whom.
   *
   * @param connections that are not HTTP; empty where none can come
   */
  public record Counters(MeshSignals requests, Optional<TcpSignals> connections) {
    private Map<EdgeLabels, Carried> carried() {
      return connections.map(TcpSignals::readings).orElse(Map.of());
    }
  }

  /**
   * A proxy that shows itself.
   *
   * @param name of this proxy, for people
   * @param version of Weft
   * @param counts of each rule
   * @param failed why requests did
   */
  public record Sources(
      String name,
      String version,
      AdminSource admin,
      Counters counters,
      Supplier<Map<String, Golden>> counts,
      Supplier<List<Failed>> failed)
      implements Shown {

    @Override
    public Map<EdgeLabels, Golden> edges() {
      return Golden.of(counters.requests.readings(), counters.carried());
    }

    @Override
    public Map<String, Golden> rules() {
      return counts.get();
    }

    @Override
    public Map<String, Map<String, Object>> values() {
      Map<String, Object> upstreams = new HashMap<>();
      admin.clusters().forEach(one -> upstreams.put(one.name(), SignalJson.upstream(one)));
      return Map.of("upstreams", upstreams, "state", SignalJson.state(name, version, admin));
    }

    @Override
    public List<Failed> failures() {
      return failed.get();
    }

    @Override
    public List<Problem> problems() {
      return admin.config().problems();
    }

    @Override
    public List<ConfigDocument> texts() {
      return admin.texts();
    }
  }

  /**
   * @param shown what is seen
   */
  public Dashboard(Vertx vertx, Shown shown, Ticker ticker) {
    this.vertx = vertx;
    this.shown = shown;
    this.ticker = ticker;
    this.begun = ticker.nanos();
    long most = Math.min(MOST_BYTES, Runtime.getRuntime().maxMemory() / PART_OF_THE_HEAP);
    this.window = new SignalWindow<>(shown::edges, this::loads, ticker, most);
    this.rules = new SignalWindow<>(shown::rules, List::of, ticker, most / PART_OF_RULES);
  }

  /** Ends a step of the window; every ten seconds, on a worker. */
  public void step() {
    window.step();
    rules.step();
  }

  private List<Load> loads() {
    List<Load> loads = new ArrayList<>();
    shown
        .values()
        .getOrDefault("upstreams", Map.of())
        .forEach((name, told) -> loads.add(SignalJson.load(name, (JsonObject) told)));
    return loads;
  }

  /** Adds the pages to a router of the admin port, behind its guard. */
  public void on(Router router) {
    LiveFeed feed = new LiveFeed(new VertxTimers(vertx), this::blocking, this::look);
    router.get(API + "live").handler(context -> live(context, feed));
    router.get(API + "services").handler(context -> json(context, () -> History.sparks(window)));
    router
        .get(API + "service")
        .handler(context -> named(context, "host", host -> History.of(window, host)));
    router
        .get(API + "route")
        .handler(context -> named(context, "name", name -> History.ofRule(rules, name)));
    router.get(API + "totals").handler(context -> json(context, this::totals));
    router
        .get(API + "failures")
        .handler(context -> json(context, () -> Failures.counted(shown.failures())));
    router.get(API + "causes").handler(context -> json(context, Failures::meanings));
    router
        .get(API + "lines")
        .handler(context -> json(context, () -> ConfigLines.of(shown.problems(), shown.texts())));
    Assets.on(vertx, router, "/dashboard", feed::awaited);
  }

  /**
   * Adds the files of the pages alone, for pages of another process that are shown by this one:
   * what they ask for stands beside them.
   *
   * @param root e.g. {@code /proxies/:stream/dashboard}
   */
  public static void pages(Vertx vertx, Router router, String root) {
    Assets.on(vertx, router, root, () -> {});
  }

  private <T> Future<T> blocking(Callable<T> work) {
    return vertx.executeBlocking(work, false);
  }

  private void named(RoutingContext context, String by, Function<String, JsonObject> told) {
    Optional<String> name =
        context.queryParam(by).stream()
            .filter(one -> !one.isEmpty() && one.length() <= MOST_NAME)
            .findFirst();
    if (name.isEmpty()) {
      context.fail(400);
    } else {
      json(context, () -> told.apply(name.get()));
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
    shown.watched();
    Map<String, Map<String, Object>> values = new HashMap<>(shown.values());
    Map<String, Object> state = new HashMap<>(values.getOrDefault("state", Map.of()));
    state.put("window_bytes", window.bytes() + rules.bytes());
    values.put("state", state);
    values.put("rules", SignalJson.rules(shown.rules()).getMap());
    return new Look(ticker.epochMillis(), window.live(), values);
  }

  /** All that was counted, for whoever adds up what proxies tell; see {@link Totals}. */
  private JsonObject totals() {
    return Totals.json(run, ticker.nanos() - begun, shown);
  }
}
