package dev.weft.routing.process.explain;

import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.settings.PathHandling.Ambiguous;
import dev.weft.routing.authorization.AuthorizationCompiler;
import dev.weft.routing.authorization.Token;
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

/**
 * Whom AuthorizationPolicies let in: at the gateway that takes a request, and at the workloads that
 * it goes to. It asks what those proxies ask.
 */
public final class Admissions {

  private final MeshConfig config;
  private final Workload workload;
  private final EndpointCatalog catalog;

  /**
   * @param workload that asks, or that the gateway is
   */
  public Admissions(MeshConfig config, Workload workload, EndpointCatalog catalog) {
    this.config = config;
    this.workload = workload;
    this.catalog = catalog;
  }

  /** What the gateway says to a caller of whom nothing is proved; empty where no policy holds. */
  public Optional<Verdict> atGateway(RequestHead head, Caller caller, int port) {
    return asked(workload, head, caller, port);
  }

  /**
   * What the workloads of a cluster say to this one, each answer once.
   *
   * @param decision by which the request goes on: its path and host are those after the rewrite
   */
  public JsonArray at(ClusterName cluster, RequestHead head, Decision decision) {
    Set<JsonObject> all = new LinkedHashSet<>();
    for (Endpoint endpoint : catalog.endpoints(cluster).endpoints()) {
      if (endpoint.tls() instanceof UpstreamTls.Mesh mesh) {
        mesh.expected().stream()
            .sorted()
            .flatMap(id -> SpiffeId.parse(id).stream())
            .flatMap(id -> asked(id, endpoint, sent(head, decision)).stream())
            .map(
                verdict ->
                    new JsonObject()
                        .put("cluster", cluster.toString())
                        .put("allowed", verdict.allowed())
                        .put("why", verdict.by()))
            .forEach(all::add);
      }
    }
    return new JsonArray(List.copyOf(all));
  }

  private Optional<Verdict> asked(SpiffeId id, Endpoint endpoint, RequestHead sent) {
    Workload there =
        new Workload(id.namespace(), id.serviceAccount(), id.trustDomain(), endpoint.labels());
    Caller caller =
        Caller.anonymous("127.0.0.1", 0, endpoint.port(), true)
            .to(endpoint.host())
            .proved(workload.spiffeId(), workload.namespace());
    return asked(there, sent, caller, endpoint.port());
  }

  private Optional<Verdict> asked(Workload at, RequestHead head, Caller caller, int port) {
    Ambiguous ambiguous = catalog.settings().path().ambiguous();
    AuthorizationCompiler compiler = new AuthorizationCompiler(config, at, ambiguous);
    return compiler.none()
        ? Optional.empty()
        : Optional.of(compiler.requests().explain(head, head.headers(), caller, Token.NONE, port));
  }

  private static RequestHead sent(RequestHead head, Decision decision) {
    int question = decision.target().indexOf('?');
    String path = question < 0 ? decision.target() : decision.target().substring(0, question);
    return new RequestHead(
        head.method(), head.scheme(), decision.authority(), path, head.query(), head.headers());
  }
}
