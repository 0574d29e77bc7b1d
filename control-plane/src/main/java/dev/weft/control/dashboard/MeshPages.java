package dev.weft.control.dashboard;

import dev.weft.control.dashboard.MeshAnswers.Answer;
import dev.weft.control.dashboard.MeshDashboard.Mesh;
import dev.weft.control.issue.JsonErrors;
import dev.weft.routing.admin.AdminJson;
import dev.weft.routing.admin.AdminView;
import dev.weft.routing.admin.dashboard.Dashboard;
import dev.weft.routing.discovery.standing.Standing.Certified;
import dev.weft.routing.identity.WorkloadIdentity;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * What the pages ask beside what is live: proxies, certificates, configuration, and what all
 * proxies are asked for when somebody asks.
 */
final class MeshPages {

  private static final String PROXY = "/proxies/:stream";
  private static final String FAILURES = "/dashboard/api/failures";

  private final Vertx vertx;
  private final Mesh mesh;
  private final MeshPoll poll;
  private final MeshAnswers answers;
  private final ProxyWay way;
  private final MeshTap tap;

  MeshPages(Vertx vertx, Mesh mesh, MeshPoll poll, ProxyCalls calls, MeshAnswers answers) {
    this.vertx = vertx;
    this.mesh = mesh;
    this.poll = poll;
    this.answers = answers;
    this.way = new ProxyWay(mesh.proxies(), calls);
    this.tap = new MeshTap(vertx, mesh.proxies(), poll, calls);
  }

  void mount(Router router) {
    router.get("/proxies").handler(context -> context.json(proxies()));
    router.get("/certs").handler(this::certificates);
    router.get("/config").handler(context -> context.json(AdminJson.config(mesh.config().get())));
    router.get("/routes").handler(context -> all(context, "/routes", MeshMerge::routes));
    router.get("/clusters").handler(context -> all(context, "/clusters", MeshMerge::clusters));
    router.get("/traces").handler(context -> all(context, "/traces", MeshMerge::traces));
    router.get("/tap").handler(tap::watch);
    router.get(FAILURES).handler(context -> all(context, FAILURES, MeshMerge::failures));
    router.route(PROXY + "/dashboard/api/*").handler(way.handler());
    Dashboard.pages(vertx, router, PROXY + "/dashboard"); // ours: what a proxy sends is no page
    router.route(PROXY + "/*").handler(way.handler());
  }

  private JsonObject proxies() {
    JsonObject all = mesh.proxies().json(mesh.version().getAsLong());
    Map<Long, Optional<String>> silences = new HashMap<>();
    mesh.proxies().present().forEach(one -> silences.put(one.stream(), poll.silence(one)));
    for (Object row : all.getJsonArray("proxies")) {
      JsonObject one = (JsonObject) row;
      Optional<String> silence = silences.getOrDefault(one.getLong("stream"), Optional.empty());
      one.put("heard", silence.isEmpty());
      silence.ifPresent(why -> one.put("silence", why));
    }
    return all;
  }

  /** Of this process, of all proxies as their streams prove them, and what these serve besides. */
  private void certificates(RoutingContext context) {
    answers
        .of("/certs", MeshMerge::certificates)
        .map(
            told -> {
              JsonObject all = AdminJson.certificates(certificates(), List.of());
              all.getJsonArray("certificates").addAll(told.getJsonArray("certificates"));
              return all.put("faults", told.getJsonArray("faults"));
            })
        .onSuccess(context::json)
        .onFailure(context::fail);
  }

  private List<AdminView.Certificate> certificates() {
    WorkloadIdentity own = mesh.own().get();
    Set<AdminView.Certificate> all = new LinkedHashSet<>();
    all.add(
        certificate(
            own.id().toString(),
            own.leaf().getIssuerX500Principal().getName(),
            Certified.of(own.leaf())));
    mesh.proxies()
        .present()
        .forEach(one -> all.add(certificate(String.valueOf(one.peer()), "", one.certified())));
    return List.copyOf(all);
  }

  private static AdminView.Certificate certificate(String id, String issuer, Certified certified) {
    return new AdminView.Certificate(
        id,
        issuer,
        Instant.ofEpochSecond(certified.notBefore()),
        Instant.ofEpochSecond(certified.notAfter()));
  }

  private void all(
      RoutingContext context, String page, Function<List<Answer>, JsonObject> together) {
    answers
        .of(page, together)
        .onSuccess(context::json)
        .onFailure(cause -> JsonErrors.end(context, 502, "what proxies answered cannot be read"));
  }
}
