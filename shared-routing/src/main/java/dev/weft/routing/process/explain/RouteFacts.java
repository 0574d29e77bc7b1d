package dev.weft.routing.process.explain;

import dev.weft.config.model.HttpAction;
import dev.weft.config.model.HttpMatch;
import dev.weft.config.model.HttpRoute;
import dev.weft.config.model.HttpRoute.Retries;
import dev.weft.config.model.security.ClaimPath;
import dev.weft.config.model.settings.RateLimit;
import dev.weft.config.model.settings.StickyKey;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.exchange.Decision;
import dev.weft.routing.exchange.Decision.Forward;
import dev.weft.routing.exchange.Decision.Redirect;
import dev.weft.routing.resilience.RetryPolicy;
import dev.weft.routing.route.CompiledRoute;
import dev.weft.routing.route.RouteTable;
import dev.weft.routing.route.match.CookieText;
import dev.weft.routing.route.sticky.Cohorts;
import io.vertx.core.MultiMap;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** What a rule does with a request that it matched, as JSON: names are an interface. */
final class RouteFacts {

  /** What stands before the name of a parameter that rules look at. */
  static final String QUERY = "query ";

  /** Names of what a fault does. */
  static final String DELAY = "delay_ms";

  static final String ABORT = "abort_status";
  static final String ABORT_GRPC = "abort_grpc_status";

  /** The key of a rate limit that counts all callers together. */
  static final String EVERYBODY = "everybody";

  private static final double MILLION_PERCENT = 10_000; // parts of a million in a percent
  private static final List<String> ALWAYS = List.of("connect-failure", "refused-stream", "reset");

  private final CompiledRoute route;
  private final Decision decision;
  private final ClusterFacts clusters;
  private final MultiMap headers;

  /**
   * @param headers of the request
   */
  RouteFacts(CompiledRoute route, Decision decision, ClusterFacts clusters, MultiMap headers) {
    this.route = route;
    this.decision = decision;
    this.clusters = clusters;
    this.headers = headers;
  }

  /** The port of the listener, as {@link #lookedAt} tells it. */
  static final String PORT = "port";

  /**
   * What rules look at of a request that may not be known afterwards: {@code header x-user}, {@code
   * query q}.
   *
   * @param tried the rules, as an explanation tells them
   */
  static JsonArray lookedAt(RouteTable table, JsonArray tried) {
    Set<String> names = new HashSet<>();
    tried.forEach(one -> names.add(((JsonObject) one).getString("rule")));
    Set<String> all = new TreeSet<>();
    table.routes().stream()
        .filter(route -> names.contains(route.id().name()))
        .forEach(route -> all.addAll(lookedAt(route)));
    return new JsonArray(List.copyOf(all));
  }

  private static Set<String> lookedAt(CompiledRoute route) {
    Set<String> all = new TreeSet<>();
    for (HttpMatch match : route.rule().matches()) {
      match.headers().keySet().forEach(name -> all.add(lookedAt(name)));
      match.withoutHeaders().keySet().forEach(name -> all.add(lookedAt(name)));
      match.queryParams().keySet().forEach(name -> all.add(QUERY + name));
      match.port().ifPresent(any -> all.add(PORT));
    }
    all.remove("");
    route
        .cohorts()
        .map(Cohorts::key)
        .ifPresent(
            key ->
                all.add(
                    key instanceof StickyKey.Header one
                        ? "header " + one.name()
                        : "header cookie"));
    return all;
  }

  private static String lookedAt(String name) {
    if (HttpMatch.NO_HEADERS.contains(name)) {
      return "";
    }
    return ClaimPath.parse(name)
        .map(path -> "claim " + String.join(".", path.names()))
        .orElse("header " + name);
  }

  void addTo(JsonObject json) {
    HttpRoute rule = route.rule();
    json.put("place", rule.place().toString());
    limit().ifPresent(limit -> json.put("rate_limit", limit(limit)));
    if (decision.action() instanceof Redirect redirect) {
      json.put("redirect", redirect.location()).put("status", redirect.status());
      return;
    }
    rule.fault().ifPresent(fault -> json.put("fault", fault(fault)));
    rule.cors().ifPresent(cors -> json.put("cors", true));
    if (rule.action() instanceof HttpAction.DirectResponse direct) {
      json.put(
          "answer",
          new JsonObject()
              .put("status", direct.status())
              .put("bytes", direct.body().bytes().length));
      return;
    }
    json.put("target", decision.target()).put("authority", decision.authority());
    List<Integer> weights = route.destinations().stream().map(to -> to.weight()).toList();
    json.put("shares", clusters.shares(route.clusters(), weights, any -> true));
    route.cohorts().ifPresent(cohorts -> json.put("sticky", sticky(cohorts)));
    boolean plain = rule.fault().isEmpty(); // beside a fault neither counts
    rule.timeout()
        .filter(any -> plain)
        .ifPresent(timeout -> json.put("timeout_ms", timeout.toMillis()));
    json.put("retries", retries(rule.retries().filter(any -> plain)));
    JsonArray mirrors = new JsonArray();
    for (int i = 0; i < route.mirrors().size(); i++) {
      double percent = rule.mirrors().get(i).perMillion() / MILLION_PERCENT;
      mirrors.add(clusters.told(route.mirrors().get(i)).put("percent", percent));
    }
    if (!mirrors.isEmpty()) {
      json.put("mirrors", mirrors);
    }
  }

  /** What holds for the rule, or for a service that it leads to. */
  private Optional<RateLimit> limit() {
    List<String> hosts = route.clusters().stream().map(ClusterName::host).toList();
    return clusters.catalog().settings().routes().stream()
        .filter(entry -> entry.match().holds(route.id().name(), hosts))
        .flatMap(entry -> entry.rateLimit().stream())
        .findFirst();
  }

  private static JsonObject limit(RateLimit limit) {
    return new JsonObject()
        .put("requests", limit.requests())
        .put("per_ms", limit.per().toMillis())
        .put("burst", limit.burst())
        .put("key", key(limit.key()))
        .put("scope", limit.scope().name().toLowerCase(Locale.ROOT));
  }

  private static String key(RateLimit.Key key) {
    if (key instanceof RateLimit.Key.Header header) {
      return "header " + header.name();
    }
    return key instanceof RateLimit.Key.Identity
        ? "identity"
        : key instanceof RateLimit.Key.Address ? "address" : EVERYBODY;
  }

  /** What a request's own seed drew: where it goes, its faults, and who gets copies. */
  static JsonObject drawn(JsonObject json, Decision decision) {
    if (decision.action() instanceof Forward forward) {
      json.put("drawn", forward.cluster().toString());
    }
    decision.fault().ifPresent(fault -> json.put("drawn_fault", drawn(fault)));
    if (!decision.mirrors().isEmpty()) {
      json.put(
          "drawn_mirrors",
          new JsonArray(decision.mirrors().stream().map(ClusterName::toString).toList()));
    }
    return json;
  }

  private static JsonObject drawn(Decision.Fault fault) {
    JsonObject json = new JsonObject();
    if (!fault.delay().isZero()) {
      json.put(DELAY, fault.delay().toMillis());
    }
    fault.httpStatus().ifPresent(status -> json.put(ABORT, status));
    fault.grpcStatus().ifPresent(status -> json.put(ABORT_GRPC, status));
    return json;
  }

  private JsonObject sticky(Cohorts cohorts) {
    boolean cookie = cohorts.key() instanceof StickyKey.Cookie;
    String name =
        cohorts.key() instanceof StickyKey.Cookie one
            ? one.name()
            : ((StickyKey.Header) cohorts.key()).name();
    JsonObject json = new JsonObject().put("by", (cookie ? "cookie " : "header ") + name);
    boolean known = cookie ? CookieText.value(headers, name) != null : headers.contains(name);
    if (known && decision.action() instanceof Forward forward) {
      json.put("stays", forward.cluster().toString());
    }
    return json.put("known", known);
  }

  private JsonObject retries(Optional<Retries> wanted) {
    RetryPolicy policy = wanted.map(RetryPolicy::new).orElse(RetryPolicy.DEFAULT);
    JsonArray on = new JsonArray();
    if (policy.attempts() > 0) {
      ALWAYS.forEach(on::add);
      wanted.ifPresent(
          said -> {
            said.retryOn().stream().filter(word -> !ALWAYS.contains(word)).forEach(on::add);
            said.statusCodes().forEach(code -> on.add(Integer.toString(code)));
          });
    }
    JsonObject json = new JsonObject().put("attempts", policy.attempts()).put("on", on);
    policy.perTryTimeout().map(Duration::toMillis).ifPresent(ms -> json.put("per_try_ms", ms));
    return json;
  }

  private static JsonObject fault(HttpRoute.Fault fault) {
    JsonObject json = new JsonObject();
    fault
        .delay()
        .ifPresent(
            delay ->
                json.put(DELAY, delay.fixed().toMillis())
                    .put("delay_percent", delay.perMillion() / MILLION_PERCENT));
    fault
        .abort()
        .ifPresent(
            abort -> {
              abort.httpStatus().ifPresent(status -> json.put(ABORT, status));
              abort.grpcStatus().ifPresent(status -> json.put(ABORT_GRPC, status));
              json.put("abort_percent", abort.perMillion() / MILLION_PERCENT);
            });
    return json;
  }
}
