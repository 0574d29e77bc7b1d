package dev.weft.control.dashboard;

import dev.weft.control.dashboard.MeshDashboard.Mesh;
import dev.weft.control.issue.JsonErrors;
import dev.weft.control.proxies.ProxyState;
import dev.weft.routing.admin.AdminJson;
import dev.weft.routing.admin.AdminView;
import dev.weft.routing.admin.dashboard.Dashboard;
import dev.weft.routing.discovery.standing.Standing.Certified;
import dev.weft.routing.identity.WorkloadIdentity;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * What the pages ask beside what is live: proxies, certificates, configuration, and {@code
 * /routes}, {@code /clusters} and {@code /traces}, for which all proxies are asked when somebody
 * asks, {@value #AT_ONCE} at a time, {@value #MOST_PROXIES} at most; who asks the same meanwhile
 * gets the same answer.
 */
final class MeshPages {

  private static final int AT_ONCE = 8;
  private static final int MOST_PROXIES = 500;
  private static final String PROXY = "/proxies/:stream";

  private final Vertx vertx;
  private final Mesh mesh;
  private final MeshPoll poll;
  private final ProxyCalls calls;
  private final ProxyWay way;
  private final Map<String, Future<JsonObject>> underWay = new HashMap<>();

  /** What a proxy answered. */
  record Answer(ProxyState proxy, JsonObject told) {}

  MeshPages(Vertx vertx, Mesh mesh, MeshPoll poll, ProxyCalls calls) {
    this.vertx = vertx;
    this.mesh = mesh;
    this.poll = poll;
    this.calls = calls;
    this.way = new ProxyWay(mesh.proxies(), calls);
  }

  void mount(Router router) {
    router.get("/proxies").handler(context -> context.json(proxies()));
    router.get("/certs").handler(context -> context.json(certificates()));
    router.get("/config").handler(context -> context.json(AdminJson.config(mesh.config().get())));
    router.get("/routes").handler(context -> all(context, "/routes", MeshMerge::routes));
    router.get("/clusters").handler(context -> all(context, "/clusters", MeshMerge::clusters));
    router.get("/traces").handler(context -> all(context, "/traces", MeshMerge::traces));
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

  private JsonObject certificates() {
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
    return AdminJson.certificates(List.copyOf(all), List.of());
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
    Future<JsonObject> asked = underWay.get(page);
    if (asked == null) {
      asked = answers(page).compose(all -> vertx.executeBlocking(() -> together.apply(all), false));
      underWay.put(page, asked);
      asked.onComplete(done -> underWay.remove(page));
    }
    asked
        .onSuccess(context::json)
        .onFailure(cause -> JsonErrors.end(context, 502, "what proxies answered cannot be read"));
  }

  /** Of those that answer. */
  private Future<List<Answer>> answers(String page) {
    List<Answer> all = new ArrayList<>();
    Iterator<ProxyState> left =
        mesh.proxies().present().stream()
            .filter(one -> poll.silence(one).isEmpty())
            .limit(MOST_PROXIES)
            .iterator();
    List<Future<Void>> lanes = new ArrayList<>();
    for (int i = 0; i < AT_ONCE; i++) {
      lanes.add(next(page, left, all));
    }
    return Future.join(lanes).map(done -> all);
  }

  private Future<Void> next(String page, Iterator<ProxyState> left, List<Answer> all) {
    if (!left.hasNext()) {
      return Future.succeededFuture();
    }
    ProxyState proxy = left.next();
    return calls
        .ask(proxy, page)
        .onSuccess(told -> all.add(new Answer(proxy, told)))
        .transform(done -> next(page, left, all)); // one that fails now is told by its silence
  }
}
