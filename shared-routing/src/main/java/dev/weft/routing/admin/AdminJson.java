package dev.weft.routing.admin;

import dev.weft.config.problem.Problem;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/** The admin API's values as JSON. */
public final class AdminJson {

  private AdminJson() {}

  /** Which configuration serves, and its problems. */
  public static JsonObject config(AdminView.Config config) {
    JsonObject json =
        new JsonObject()
            .put("version", config.version())
            .put("applied", config.applied().toString())
            .put("took_ms", config.took().toMillis())
            .put("sources", new JsonArray(config.sources()))
            .put("rejected", config.rejected())
            .put("problems", array(config.problems(), AdminJson::problem));
    config
        .lint()
        .ifPresent(
            lint ->
                json.put(
                    "lint",
                    new JsonObject()
                        .put("state", lint.state())
                        .put("took_ms", lint.took().toMillis())
                        .put("findings", lint.findings())));
    return json;
  }

  static JsonObject routes(List<AdminView.Route> routes) {
    return new JsonObject().put("routes", array(routes, AdminJson::route));
  }

  static JsonObject clusters(List<AdminView.Cluster> clusters) {
    return new JsonObject().put("clusters", array(clusters, AdminJson::cluster));
  }

  /** Certificates, and what is wrong with any. */
  public static JsonObject certificates(
      List<AdminView.Certificate> certificates, List<AdminView.CertificateFault> faults) {
    return new JsonObject()
        .put("certificates", array(certificates, AdminJson::certificate))
        .put("faults", array(faults, AdminJson::fault));
  }

  static JsonObject levels(Map<String, String> levels) {
    return object(levels);
  }

  private static JsonObject problem(Problem problem) {
    return new JsonObject()
        .put("severity", problem.severity().word())
        .put("code", problem.code())
        .put("file", problem.place().file())
        .put("line", problem.place().line())
        .put("column", problem.place().column())
        .put("path", problem.path())
        .put("message", problem.message())
        .put("hint", problem.hint());
  }

  private static JsonObject route(AdminView.Route route) {
    JsonObject json =
        new JsonObject()
            .put("name", route.name())
            .put("hosts", new JsonArray(route.hosts()))
            .put("match", route.match());
    if (!route.action().isEmpty()) {
      json.put("action", route.action());
    }
    return json.put(
            "shares",
            array(
                route.shares(),
                share ->
                    new JsonObject().put("cluster", share.cluster()).put("weight", share.weight())))
        .put("place", route.place());
  }

  private static JsonObject cluster(AdminView.Cluster cluster) {
    return new JsonObject()
        .put("name", cluster.name())
        .put("breaker", cluster.breaker())
        .put("retry_tokens", cluster.retryTokens())
        .put("in_flight", cluster.inFlight())
        .put("connections", cluster.connections())
        .put("pending", cluster.pending())
        .put("endpoints", array(cluster.endpoints(), AdminJson::endpoint));
  }

  private static JsonObject endpoint(AdminView.Endpoint endpoint) {
    AdminView.Balance balance = endpoint.balance();
    JsonObject json =
        new JsonObject()
            .put("address", endpoint.address())
            .put("health", endpoint.health())
            .put("ejections", endpoint.ejections())
            .put("in_flight", endpoint.inFlight())
            .put("connections", endpoint.connections())
            .put("labels", object(endpoint.labels()))
            .put("weight", balance.weight())
            .put("locality", balance.locality())
            .put("group_share", balance.groupShare())
            .put("warm_up", balance.warmUp());
    balance.group().ifPresent(group -> json.put("group", group));
    balance.latencyMillis().ifPresent(millis -> json.put("latency_ms", millis));
    return json;
  }

  private static JsonObject certificate(AdminView.Certificate certificate) {
    return new JsonObject()
        .put("id", certificate.id())
        .put("issuer", certificate.issuer())
        .put("not_before", certificate.notBefore().toString())
        .put("not_after", certificate.notAfter().toString());
  }

  private static JsonObject fault(AdminView.CertificateFault fault) {
    return new JsonObject()
        .put("kind", fault.kind())
        .put("of", fault.of())
        .put("message", fault.message());
  }

  private static JsonObject object(Map<String, String> values) {
    JsonObject json = new JsonObject();
    new TreeMap<>(values).forEach(json::put);
    return json;
  }

  private static <T> JsonArray array(List<T> values, Function<T, JsonObject> each) {
    JsonArray array = new JsonArray();
    values.forEach(value -> array.add(each.apply(value)));
    return array;
  }
}
