package dev.weft.routing.process.explain;

import dev.weft.routing.cluster.Endpoint;
import dev.weft.routing.cluster.EndpointSet;
import dev.weft.routing.cluster.UpstreamSettings;
import dev.weft.routing.cluster.UpstreamTls;
import dev.weft.routing.cluster.balance.Localities.Group;
import dev.weft.routing.discovery.EndpointCatalog;
import dev.weft.routing.exchange.ClusterName;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.function.Predicate;

/** What a cluster has, as JSON: names are an interface. */
public record ClusterFacts(EndpointCatalog catalog) {

  /**
   * Clusters and their parts.
   *
   * @param weights of the clusters, in their order
   * @param candidate whether an endpoint may be chosen
   */
  public JsonArray shares(
      List<ClusterName> names, List<Integer> weights, Predicate<Endpoint> candidate) {
    JsonArray shares = new JsonArray();
    long sum = weights.stream().mapToLong(Integer::longValue).sum();
    for (int i = 0; i < names.size(); i++) {
      double percent = names.size() == 1 ? 100 : 100.0 * weights.get(i) / sum;
      shares.add(told(names.get(i), candidate).put("percent", percent));
    }
    return shares;
  }

  /** Its endpoints, and how one of them is chosen. */
  public JsonObject told(ClusterName name) {
    return told(name, any -> true);
  }

  private JsonObject told(ClusterName name, Predicate<Endpoint> candidate) {
    EndpointSet set = catalog.endpoints(name);
    UpstreamSettings settings = catalog.settings(name);
    List<Group> groups = settings.grouped(set.endpoints());
    JsonArray endpoints = new JsonArray();
    for (int i = 0; i < set.endpoints().size(); i++) {
      if (candidate.test(set.endpoints().get(i))) {
        endpoints.add(endpoint(set.endpoints().get(i), i, groups));
      }
    }
    JsonObject json =
        new JsonObject()
            .put("cluster", name.toString())
            .put("subset", name.subset())
            .put("balancer", settings.balancing())
            .put("endpoints", endpoints);
    if (set.original().isPresent()) {
      return json.put("original", true);
    }
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
}
