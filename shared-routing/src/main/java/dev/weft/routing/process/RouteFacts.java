package dev.weft.routing.process;

import dev.weft.config.model.HttpAction;
import dev.weft.config.model.HttpRoute;
import dev.weft.config.model.HttpRoute.Retries;
import dev.weft.config.model.settings.StickyKey;
import dev.weft.routing.cluster.Endpoint;
import dev.weft.routing.cluster.EndpointSet;
import dev.weft.routing.cluster.UpstreamSettings;
import dev.weft.routing.cluster.UpstreamTls;
import dev.weft.routing.cluster.balance.Localities.Group;
import dev.weft.routing.discovery.EndpointCatalog;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.exchange.Decision;
import dev.weft.routing.exchange.Decision.Forward;
import dev.weft.routing.exchange.Decision.Redirect;
import dev.weft.routing.resilience.RetryPolicy;
import dev.weft.routing.route.CompiledRoute;
import dev.weft.routing.route.match.CookieText;
import dev.weft.routing.route.sticky.Cohorts;
import io.vertx.core.MultiMap;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What a rule does with a request that it matched, as JSON: names are an interface. */
final class RouteFacts {

  private static final double MILLION_PERCENT = 10_000; // parts of a million in a percent
  private static final List<String> ALWAYS = List.of("connect-failure", "refused-stream", "reset");

  private final CompiledRoute route;
  private final Decision decision;
  private final EndpointCatalog catalog;
  private final MultiMap headers;

  /**
   * @param headers of the request
   */
  RouteFacts(CompiledRoute route, Decision decision, EndpointCatalog catalog, MultiMap headers) {
    this.route = route;
    this.decision = decision;
    this.catalog = catalog;
    this.headers = headers;
  }

  void addTo(JsonObject json) {
    HttpRoute rule = route.rule();
    json.put("place", rule.place().toString());
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
    json.put("shares", shares());
    route.cohorts().ifPresent(cohorts -> json.put("sticky", sticky(cohorts)));
    boolean plain = rule.fault().isEmpty(); // beside a fault neither counts
    rule.timeout()
        .filter(any -> plain)
        .ifPresent(timeout -> json.put("timeout_ms", timeout.toMillis()));
    json.put("retries", retries(rule.retries().filter(any -> plain)));
    JsonArray mirrors = new JsonArray();
    for (int i = 0; i < route.mirrors().size(); i++) {
      double percent = rule.mirrors().get(i).perMillion() / MILLION_PERCENT;
      mirrors.add(cluster(route.mirrors().get(i)).put("percent", percent));
    }
    if (!mirrors.isEmpty()) {
      json.put("mirrors", mirrors);
    }
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

  private JsonArray shares() {
    JsonArray shares = new JsonArray();
    long sum = route.destinations().stream().mapToLong(to -> to.weight()).sum();
    for (int i = 0; i < route.destinations().size(); i++) {
      int weight = route.destinations().get(i).weight();
      double percent = route.destinations().size() == 1 ? 100 : 100.0 * weight / sum;
      shares.add(cluster(route.clusters().get(i)).put("percent", percent));
    }
    return shares;
  }

  private JsonObject cluster(ClusterName name) {
    EndpointSet set = catalog.endpoints(name);
    UpstreamSettings settings = catalog.settings(name);
    List<Group> groups = settings.grouped(set.endpoints());
    JsonArray endpoints = new JsonArray();
    for (int i = 0; i < set.endpoints().size(); i++) {
      endpoints.add(endpoint(set.endpoints().get(i), i, groups));
    }
    JsonObject json =
        new JsonObject()
            .put("cluster", name.toString())
            .put("subset", name.subset())
            .put("balancer", settings.balancing())
            .put("endpoints", endpoints);
    if (!set.reason().isEmpty()) {
      json.put("missing", set.reason());
    }
    return json;
  }

  private static JsonObject endpoint(Endpoint endpoint, int index, List<Group> groups) {
    JsonObject labels = new JsonObject();
    endpoint.labels().forEach(labels::put);
    JsonObject json =
        new JsonObject()
            .put("address", endpoint.address())
            .put("labels", labels)
            .put("weight", endpoint.weight())
            .put("locality", endpoint.where().toString())
            .put("turn", turn(index, groups));
    if (endpoint.tls() instanceof UpstreamTls.Mesh mesh) {
      JsonArray expected = new JsonArray();
      mesh.expected().stream().sorted().forEach(expected::add);
      return json.put("tls", "mutual").put("expected", expected);
    }
    return json.put(
        "tls", endpoint.tls() instanceof UpstreamTls.Plaintext ? "none" : "origination");
  }

  /** When an endpoint's turn comes; empty where it does not matter where it stands. */
  private static String turn(int index, List<Group> groups) {
    for (int i = 0; i < groups.size(); i++) {
      if (groups.get(i).members().contains(index)) {
        int share = groups.get(i).share();
        if (share > 0) {
          return "its locality gets " + share + " %";
        }
        return i == 0 ? "" : "when those nearer fail";
      }
    }
    return "never: it is in none of the localities";
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
                json.put("delay_ms", delay.fixed().toMillis())
                    .put("delay_percent", delay.perMillion() / MILLION_PERCENT));
    fault
        .abort()
        .ifPresent(
            abort -> {
              abort.httpStatus().ifPresent(status -> json.put("abort_status", status));
              abort.grpcStatus().ifPresent(status -> json.put("abort_grpc_status", status));
              json.put("abort_percent", abort.perMillion() / MILLION_PERCENT);
            });
    return json;
  }
}
