package dev.weft.control.dashboard;

import dev.weft.config.model.HttpAction;
import dev.weft.config.model.HttpAction.Destination;
import dev.weft.config.model.HttpAction.WeightedDestination;
import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.VirtualService;
import dev.weft.config.model.tcp.ConnectionRoute;
import dev.weft.config.problem.Place;
import dev.weft.control.dashboard.MeshAnswers.Answer;
import dev.weft.routing.admin.AdminView;
import dev.weft.routing.admin.AdminView.Share;
import dev.weft.routing.admin.canary.Dividing;
import dev.weft.routing.telemetry.rule.RuleCounts.Count;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The rules of the mesh's configuration that divide their requests or connections, and what all
 * proxies that are heard counted of them. Which rules there are and where they stand is never taken
 * from a proxy; one counts for a rule only while it serves the weights that are published.
 */
final class MeshShares implements Dividing {

  private static final String PAGE = "/canary";

  private final Context context;
  private final Supplier<MeshConfig> serving;
  private final MeshAnswers answers;

  /**
   * Made on the event loop of the control plane.
   *
   * @param serving the configuration that is published; any thread
   */
  MeshShares(Vertx vertx, Supplier<MeshConfig> serving, MeshAnswers answers) {
    this.context = vertx.getOrCreateContext();
    this.serving = serving;
    this.answers = answers;
  }

  @Override
  public List<AdminView.Route> rules() {
    List<AdminView.Route> all = new ArrayList<>();
    for (VirtualService service : serving.get().virtualServices()) {
      for (int i = 0; i < service.http().size(); i++) {
        if (service.http().get(i).action() instanceof HttpAction.Route route) {
          Place place = service.http().get(i).place();
          add(all, service, service.ruleName(i), route.destinations(), place);
        }
      }
      connections(all, service, "tls", service.tls());
      connections(all, service, "tcp", service.tcp());
    }
    return all;
  }

  private static void connections(
      List<AdminView.Route> all, VirtualService service, String kind, List<ConnectionRoute> rules) {
    for (int i = 0; i < rules.size(); i++) {
      ConnectionRoute rule = rules.get(i);
      add(all, service, service.ruleName(kind, i), rule.destinations(), rule.place());
    }
  }

  private static void add(
      List<AdminView.Route> all,
      VirtualService service,
      String name,
      List<WeightedDestination> destinations,
      Place place) {
    if (destinations.size() > 1) {
      List<Share> shares = destinations.stream().map(MeshShares::share).toList();
      all.add(new AdminView.Route(service.hosts(), name, "", "", shares, place.toString()));
    }
  }

  /** As proxies name its cluster; which port it is where none is written, they know. */
  private static Share share(WeightedDestination told) {
    Destination to = told.destination();
    String port = to.port().isPresent() ? Integer.toString(to.port().getAsInt()) : "";
    return new Share("outbound|" + port + "|" + to.subset() + "|" + to.host(), told.weight());
  }

  @Override
  public Future<Map<String, Measured>> measured(List<AdminView.Route> rules) {
    Promise<JsonObject> asked = Promise.promise();
    context.runOnContext(now -> answers.of(PAGE, MeshShares::together).onComplete(asked));
    return asked.future().map(told -> measured(rules, told));
  }

  private static Map<String, Measured> measured(List<AdminView.Route> rules, JsonObject told) {
    Map<String, Measured> all = new LinkedHashMap<>();
    for (AdminView.Route rule : rules) {
      List<Integer> weights = rule.shares().stream().map(Share::weight).toList();
      JsonObject one = told.getJsonObject(key(rule.name(), weights));
      if (one != null) {
        all.put(rule.name(), new Measured(one.getLong("since"), parts(one)));
      }
    }
    return all;
  }

  private static String key(String rule, List<Integer> weights) {
    return weights + " " + rule;
  }

  private static List<Part> parts(JsonObject one) {
    return one.getJsonArray("parts").stream()
        .map(JsonObject.class::cast)
        .map(
            part ->
                new Part(
                    new Count(part.getLong("requests"), part.getLong("failed")),
                    part.getJsonArray("versions").stream().map(String.class::cast).toList()))
        .toList();
  }

  /** By rule and its weights: since when, and by share what all of them counted. */
  static JsonObject together(List<Answer> answers) {
    JsonObject all = new JsonObject();
    for (Answer answer : answers) {
      for (JsonObject rule : MeshMerge.objects(answer.told(), "rules")) {
        List<JsonObject> shares = MeshMerge.objects(rule, "shares");
        List<Integer> weights = shares.stream().map(one -> one.getInteger("weight")).toList();
        String key = key(rule.getString("rule"), weights);
        JsonObject before = all.getJsonObject(key);
        if (before != null || all.size() < MeshMerge.MOST) {
          all.put(key, together(before == null ? none(shares.size()) : before, rule, shares));
        }
      }
    }
    return all;
  }

  private static JsonObject none(int shares) {
    JsonArray parts = new JsonArray();
    Stream.generate(() -> new JsonObject().put("versions", new JsonArray()))
        .limit(shares)
        .forEach(parts::add);
    return new JsonObject().put("since", Long.MAX_VALUE).put("parts", parts);
  }

  private static JsonObject together(JsonObject before, JsonObject rule, List<JsonObject> shares) {
    JsonArray parts = new JsonArray();
    for (int i = 0; i < shares.size(); i++) {
      JsonObject part = before.getJsonArray("parts").getJsonObject(i);
      JsonObject told = shares.get(i);
      TreeSet<String> versions = new TreeSet<>();
      Stream.of(part, told)
          .flatMap(one -> one.getJsonArray("versions").stream())
          .forEach(one -> versions.add((String) one));
      parts.add(
          MeshMerge.sum(new JsonObject(), part, told, "requests", "failed")
              .put("versions", new JsonArray(new ArrayList<>(versions))));
    }
    long since = Instant.parse(rule.getString("since")).toEpochMilli();
    return new JsonObject()
        .put("since", Math.min(before.getLong("since"), since))
        .put("parts", parts);
  }
}
