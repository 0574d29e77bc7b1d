package dev.weft.routing.admin;

import dev.weft.routing.admin.AdminSource.Question;
import dev.weft.routing.admin.scrape.OpenMetrics;
import dev.weft.routing.admin.scrape.Packed;
import dev.weft.routing.clock.VertxTimers;
import dev.weft.routing.telemetry.AccessLine;
import dev.weft.routing.telemetry.PrometheusMetrics;
import dev.weft.routing.telemetry.Tap;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The admin API: JSON unless said, {@code GET} unless it changes something. Values are asked for
 * and written on a worker, so that a large answer does not hold up the requests of its event loop.
 *
 * <p>One instance can serve several ports: everything with {@link #router}, the metrics or the
 * health alone with {@link #metricsRouter} and {@link #healthRouter}.
 */
public final class AdminApi {

  private static final Logger LOG = LoggerFactory.getLogger(AdminApi.class);
  private static final int BODY_LIMIT = 4096;
  private static final int MOST_TAPS = 8;
  private static final Pattern COUNT = Pattern.compile("\\d{1,9}");
  private static final String ALL = "999999999";
  private static final String PAGES =
      """
      /             this list
      /dashboard/   pages for people, in a browser
      /ready        200 when requests can be served, else 503 and what is missing
      /healthz      200 while the process lives
      /metrics      Prometheus text
      /config       version, sources, when it was applied, problems
      /config/history    the versions that served: what changed, what came, what failed
      /config/resources  ?version=N: resources as they were written, without what is secret
      /config/weights    POST ?rule=NAME&from=80,20&to=50,50: other weights, where they are written
      /config/rollback   POST ?version=N: that version, or the one before, serves again
      /routes       the rules, in the order in which they are tried
      /canary       rules that divide their requests: weights, and what each share got
      /clusters     endpoints, health, breaker, ejections, in-flight, connections
      /certs        identities, issuers, when they end; what is wrong with certificates
      /explain      ?method=GET&url=http://host/path&header=name:value&output=text|json
                    ?method=TCP|TLS&url=address:port&sni=name of a connection
      /why          ?id=x-request-id: what was decided about one of the last requests, and why
      /loglevel     levels by logger; POST ?logger=dev.weft&level=debug changes one
      /drain        POST: not ready any more, connections end with their requests
      /traces       requests that failed or were slow, newest first: ?last=20&trace=id
      /tap          requests and connections as they end: ?cluster=part&route=part&identity=part
                    &path=/begin&status=5xx&slower=100&last=20&sample=10
      A POST needs the header x-weft-admin: 1
      """;

  private final Vertx vertx;
  private final AdminSource source;
  private final Tap tap;
  private final Supplier<List<AccessLine.Entry>> past;
  private final AtomicInteger taps = new AtomicInteger();
  private final List<Consumer<Router>> more = new ArrayList<>();

  /**
   * @param tap where requests and connections can be watched
   * @param past the last of them, oldest first, e.g. {@code AccessLog.last}; any thread
   */
  public AdminApi(Vertx vertx, AdminSource source, Tap tap, Supplier<List<AccessLine.Entry>> past) {
    this.vertx = vertx;
    this.source = source;
    this.tap = tap;
    this.past = past;
  }

  /** What ended last, oldest first. */
  public Supplier<List<AccessLine.Entry>> past() {
    return past;
  }

  /** Pages that others mount behind the guard, too. Before {@link #router}. */
  public void and(Consumer<Router> pages) {
    more.add(pages);
  }

  /** All of it, behind a guard. */
  public Router router(AdminGuard guard) {
    Router router = bare();
    router.route().handler(guard);
    router.route().handler(BodyHandler.create(false).setBodyLimit(BODY_LIMIT));
    get(router, "/", context -> Replies.send(context, 200, Replies.TEXT, Buffer.buffer(PAGES)));
    health(router);
    metrics(router);
    get(router, "/config", value(() -> AdminJson.config(source.config())));
    get(router, "/routes", value(() -> AdminJson.routes(source.routes())));
    get(router, "/clusters", value(() -> AdminJson.clusters(source.clusters())));
    get(router, "/certs", value(this::certificates));
    get(router, "/traces", this::traces);
    get(router, "/explain", this::explain);
    get(router, "/loglevel", value(() -> AdminJson.levels(source.logLevels())));
    router.post("/loglevel").handler(this::changeLevel);
    router.post("/drain").handler(this::drain);
    router.get("/tap").handler(this::watch);
    more.forEach(pages -> pages.accept(router));
    return router;
  }

  /** {@code /metrics} alone, for a port of its own; anybody who reaches it may read. */
  public Router metricsRouter() {
    Router router = bare();
    metrics(router);
    return router;
  }

  /**
   * {@code /ready} and {@code /healthz} alone, for a port of its own, and what else is asked there.
   */
  public Router healthRouter(AppProbes probes) {
    Router router = healthRouter();
    probes.on(router);
    return router;
  }

  /** {@code /ready} and {@code /healthz} alone, for a port of its own. */
  public Router healthRouter() {
    Router router = bare();
    health(router);
    return router;
  }

  private Router bare() {
    Router router = Router.router(vertx);
    router.errorHandler(404, context -> Replies.error(context, 404, "no such page; / lists them"));
    router.errorHandler(
        405, context -> Replies.error(context, 405, "not with this method; / lists the pages"));
    router.errorHandler(
        413, context -> Replies.error(context, 413, "body: longer than " + BODY_LIMIT + " bytes"));
    router.errorHandler(400, context -> Replies.error(context, 400, "the request cannot be read"));
    router.errorHandler(500, AdminApi::failed);
    return router;
  }

  private static void get(Router router, String path, Handler<RoutingContext> page) {
    router.route(path).method(HttpMethod.GET).method(HttpMethod.HEAD).handler(page);
  }

  /** By its own name, and by the one that Istio's proxies have it by. */
  private void metrics(Router router) {
    get(router, "/metrics", this::metrics);
    get(router, "/stats/prometheus", this::metrics);
  }

  private void health(Router router) {
    get(router, "/ready", this::ready);
    get(router, "/healthz/ready", this::ready); // as Istio's proxies have it
    get(
        router,
        "/healthz",
        context -> Replies.json(context, 200, new JsonObject().put("alive", true)));
  }

  private void ready(RoutingContext context) {
    List<String> missing = source.notReady();
    JsonObject body = new JsonObject().put("ready", missing.isEmpty());
    if (!missing.isEmpty()) {
      body.put("reasons", new JsonArray(missing));
    }
    Replies.json(context, missing.isEmpty() ? 200 : 503, body);
  }

  private JsonObject certificates() {
    return AdminJson.certificates(source.certificates(), source.certificateFaults());
  }

  private void traces(RoutingContext context) {
    Optional<String> trace = Parameters.text(context, "trace");
    String last = Parameters.text(context, "last").orElse(ALL);
    if (COUNT.matcher(last).matches()) {
      int most = Integer.parseInt(last);
      value(() -> TraceJson.of(source.traces(), trace, most)).handle(context);
    } else {
      Replies.error(context, 400, "last: '" + last + "' (expected: a number)");
    }
  }

  private void metrics(RoutingContext context) {
    boolean open = OpenMetrics.wanted(context);
    boolean packed = Packed.wanted(context);
    if (packed) {
      context.response().putHeader(HttpHeaders.CONTENT_ENCODING, "gzip");
    }
    context.response().putHeader(HttpHeaders.VARY, "accept, accept-encoding");
    written(
        context,
        open ? PrometheusMetrics.OPEN_METRICS : PrometheusMetrics.CONTENT_TYPE,
        () -> {
          String text = open ? source.openMetrics() : source.metrics();
          return packed ? Packed.of(text) : Buffer.buffer(text);
        });
  }

  private Handler<RoutingContext> value(Supplier<JsonObject> value) {
    return context ->
        written(context, Replies.JSON, () -> value.get().toBuffer().appendByte((byte) '\n'));
  }

  private void written(RoutingContext context, String type, Callable<Buffer> body) {
    vertx
        .executeBlocking(body, false)
        .onSuccess(text -> Replies.send(context, 200, type, text))
        .onFailure(context::fail);
  }

  private void explain(RoutingContext context) {
    Optional<String> url = Parameters.text(context, "url");
    List<Map.Entry<String, String>> headers;
    try {
      headers = Parameters.headers(context);
    } catch (IllegalArgumentException wrong) {
      Replies.error(context, 400, String.valueOf(wrong.getMessage()));
      return;
    }
    if (url.isEmpty()) {
      Replies.error(context, 400, "url: missing (expected: ?url=http://host/path)");
      return;
    }
    Question question =
        new Question(
            Parameters.text(context, "method").orElse("GET"),
            url.get(),
            headers,
            Parameters.text(context, "sni"));
    boolean text = Parameters.text(context, "output").orElse("json").equals("text");
    Future.succeededFuture(question)
        .compose(source::explain)
        .onSuccess(
            answer -> {
              if (text) {
                Replies.text(context, answer.text());
              } else {
                Replies.json(context, 200, answer.json());
              }
            })
        .onFailure(wrong -> refusedOrFailed(context, wrong));
  }

  private void changeLevel(RoutingContext context) {
    Optional<String> logger = Parameters.text(context, "logger");
    Optional<String> level = Parameters.text(context, "level");
    if (logger.isEmpty() || level.isEmpty()) {
      Replies.error(
          context, 400, "logger, level: both needed (expected: ?logger=dev.weft&level=debug)");
      return;
    }
    vertx
        .executeBlocking(
            () -> {
              source.logLevel(logger.get(), level.get());
              return AdminJson.levels(source.logLevels());
            },
            false)
        .onSuccess(levels -> Replies.json(context, 200, levels))
        .onFailure(wrong -> refusedOrFailed(context, wrong));
  }

  private void drain(RoutingContext context) {
    source.drain();
    Replies.json(context, 202, new JsonObject().put("draining", true));
  }

  private void watch(RoutingContext context) {
    TapStream.Wish wish;
    try {
      wish = TapWishes.of(context);
    } catch (IllegalArgumentException wrong) {
      Replies.error(context, 400, String.valueOf(wrong.getMessage()));
      return;
    }
    if (taps.incrementAndGet() > MOST_TAPS) {
      taps.decrementAndGet();
      Replies.error(context, 503, "tap: already " + MOST_TAPS + " readers; end one of them");
    } else {
      TapStream.start(
          new VertxTimers(vertx), context.response(), tap, wish, past.get(), taps::decrementAndGet);
    }
  }

  private static void refusedOrFailed(RoutingContext context, Throwable wrong) {
    if (wrong instanceof IllegalArgumentException) {
      Replies.error(context, 400, String.valueOf(wrong.getMessage()));
    } else {
      context.fail(wrong);
    }
  }

  private static void failed(RoutingContext context) {
    LOG.warn("admin: {} failed", context.normalizedPath(), context.failure());
    Replies.error(context, 500, "this page failed; the log tells why");
  }
}
