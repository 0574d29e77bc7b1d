package dev.weft.routing.process.explain;

import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.settings.PathHandling.Ambiguous;
import dev.weft.routing.authorization.AuthorizationCompiler;
import dev.weft.routing.authorization.Verdict;
import dev.weft.routing.cluster.Endpoint;
import dev.weft.routing.cluster.UpstreamTls;
import dev.weft.routing.discovery.EndpointCatalog;
import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.exchange.Decision;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.exchange.Workload;
import dev.weft.routing.identity.SpiffeId;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Whom AuthorizationPolicies let in: at the gateway that takes a request, and at the workloads that
 * it goes to. It asks what those proxies ask.
 */
public final class Admissions {

  /** With which a token is refused; a policy that denies says none. */
  static final String STATUS = "status";

  /** Whether a gateway refuses a request for its token. */
  static final String TOKEN_REFUSED = "token_refused";

  private static final int UNAUTHORIZED = 401;

  private final MeshConfig config;
  private final Workload workload;
  private final EndpointCatalog catalog;
  private final Bearing bearing;

  /** Without a token. */
  public Admissions(MeshConfig config, Workload workload, EndpointCatalog catalog) {
    this(config, workload, catalog, Bearing.NOTHING);
  }

  /**
   * @param workload that asks, or that the gateway is
   * @param bearing what goes to the workloads behind
   */
  public Admissions(
      MeshConfig config, Workload workload, EndpointCatalog catalog, Bearing bearing) {
    this.bearing = bearing;
    this.config = config;
    this.workload = workload;
    this.catalog = catalog;
  }

  /** What the gateway says to a caller of whom nothing is proved; empty where no policy holds. */
  public Optional<Verdict> atGateway(RequestHead head, Caller caller, int port) {
    return asked(workload, request(head, caller, port));
  }

  /** Likewise, of a connection of which no request is known. */
  public Optional<Verdict> connectionAtGateway(Caller caller, int port) {
    return asked(workload, policies -> policies.connections().decide(caller, port));
  }

  /**
   * What the workloads of a cluster say to this one, each answer once.
   *
   * @param decision by which the request goes on: its path and host are those after the rewrite
   */
  public JsonArray at(ClusterName cluster, RequestHead head, Decision decision) {
    RequestHead sent = sent(head, decision);
    return said(
        cluster,
        any -> true,
        (at, endpoint) -> request(sent, bearing(endpoint, at), endpoint.port()));
  }

  /**
   * Likewise, to a connection of which no request is known.
   *
   * @param candidate whether an endpoint may be chosen
   */
  public JsonArray connections(ClusterName cluster, Predicate<Endpoint> candidate) {
    return said(
        cluster,
        candidate,
        (at, endpoint) ->
            policies -> policies.connections().decide(caller(endpoint), endpoint.port()));
  }

  private JsonArray said(
      ClusterName cluster,
      Predicate<Endpoint> candidate,
      BiFunction<Workload, Endpoint, Function<AuthorizationCompiler, Verdict>> ask) {
    Set<JsonObject> all = new LinkedHashSet<>();
    for (Endpoint endpoint : catalog.endpoints(cluster).endpoints()) {
      if (endpoint.tls() instanceof UpstreamTls.Mesh mesh && candidate.test(endpoint)) {
        mesh.expected().stream()
            .sorted()
            .flatMap(id -> SpiffeId.parse(id).stream())
            .map(id -> behind(id, endpoint))
            .flatMap(
                at ->
                    refused(at)
                        .or(() -> asked(at, ask.apply(at, endpoint)).map(Admissions::told))
                        .stream())
            .map(said -> new JsonObject().put("cluster", cluster.toString()).mergeIn(said))
            .forEach(all::add);
      }
    }
    return new JsonArray(List.copyOf(all));
  }

  /** A token that does not count is refused before any policy is asked. */
  private Optional<JsonObject> refused(Workload at) {
    return bearing
        .standing(config, at)
        .filter(Bearing.Standing::refused)
        .map(token -> told(new Verdict(false, token.text())).put(STATUS, UNAUTHORIZED));
  }

  /**
   * Whether nobody refuses what an explanation tells of, neither the gateway nor a workload that it
   * may go to: a weight of 0 leads nowhere, and who stays on a version goes to no other.
   */
  static boolean allowed(JsonObject facts) {
    boolean enters =
        !facts.getBoolean(TOKEN_REFUSED, false)
            && facts.getJsonObject("admission", new JsonObject()).getBoolean("allowed", true);
    return enters
        && objects(facts, "authorization")
            .filter(said -> !said.getBoolean("allowed"))
            .noneMatch(said -> reached(facts, said.getString("cluster")));
  }

  private static boolean reached(JsonObject facts, String cluster) {
    String stays = facts.getJsonObject("sticky", new JsonObject()).getString("stays", cluster);
    return stays.equals(cluster)
        && objects(facts, "shares")
            .filter(share -> share.getDouble("percent") > 0)
            .anyMatch(share -> share.getString("cluster").equals(cluster));
  }

  private static Stream<JsonObject> objects(JsonObject facts, String name) {
    return facts.getJsonArray(name, new JsonArray()).stream().map(JsonObject.class::cast);
  }

  /** As an explanation says it. */
  static JsonObject told(Verdict said) {
    return new JsonObject().put("allowed", said.allowed()).put("why", said.by());
  }

  private static Workload behind(SpiffeId id, Endpoint endpoint) {
    return new Workload(id.namespace(), id.serviceAccount(), id.trustDomain(), endpoint.labels());
  }

  private Caller bearing(Endpoint endpoint, Workload at) {
    return caller(endpoint).bearing(bearing.at(config, at));
  }

  private Caller caller(Endpoint endpoint) {
    return Caller.anonymous("127.0.0.1", 0, endpoint.port(), true)
        .to(endpoint.host())
        .proved(workload.spiffeId(), workload.namespace());
  }

  private static Function<AuthorizationCompiler, Verdict> request(
      RequestHead head, Caller caller, int port) {
    return policies -> {
      Verdict said = policies.requests().explain(head, head.headers(), caller, port);
      return policies
          .asking()
          .flatMap(
              asking ->
                  asking
                      .explain(head, head.headers(), caller, port)
                      .map(rule -> first(asking.authorizer().name(), rule, said)))
          .orElse(said);
    };
  }

  /** What an authorizer would answer nobody knows here. */
  private static Verdict first(String authorizer, String rule, Verdict then) {
    return new Verdict(
        then.allowed(), "asks provider " + authorizer + ": policy " + rule + "; then " + then.by());
  }

  private Optional<Verdict> asked(Workload at, Function<AuthorizationCompiler, Verdict> ask) {
    Ambiguous ambiguous = catalog.settings().path().ambiguous();
    AuthorizationCompiler policies = new AuthorizationCompiler(config, at, ambiguous);
    return policies.none() ? Optional.empty() : Optional.of(ask.apply(policies));
  }

  private static RequestHead sent(RequestHead head, Decision decision) {
    int question = decision.target().indexOf('?');
    String path = question < 0 ? decision.target() : decision.target().substring(0, question);
    return new RequestHead(
        head.method(), head.scheme(), decision.authority(), path, head.query(), head.headers());
  }
}
