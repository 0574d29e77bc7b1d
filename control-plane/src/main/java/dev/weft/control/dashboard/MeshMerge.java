package dev.weft.control.dashboard;

import dev.weft.control.dashboard.MeshAnswers.Answer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Makes one answer of what several proxies answer, of the same form and of bounded length. */
final class MeshMerge {

  /** Of a kind, that are told. */
  static final int MOST = 2_000;

  private static final int MOST_TRACES = 200;

  private MeshMerge() {}

  /** Each rule once, however many proxies have it. */
  static JsonObject routes(List<Answer> answers) {
    Set<JsonObject> all = new LinkedHashSet<>();
    for (Answer answer : answers) {
      for (JsonObject one : objects(answer.told(), "routes")) {
        if (all.size() < MOST) {
          all.add(one);
        }
      }
    }
    return new JsonObject().put("routes", new JsonArray(new ArrayList<>(all)));
  }

  /** Each upstream once, with all endpoints that any proxy knows, as the worst sees them. */
  static JsonObject clusters(List<Answer> answers) {
    Map<String, JsonObject> all = new LinkedHashMap<>();
    for (Answer answer : answers) {
      for (JsonObject one : objects(answer.told(), "clusters")) {
        String name = one.getString("name");
        JsonObject before = all.get(name);
        if (before != null) {
          all.put(name, together(before, one));
        } else if (all.size() < MOST) {
          all.put(name, one);
        }
      }
    }
    return new JsonObject().put("clusters", new JsonArray(new ArrayList<>(all.values())));
  }

  private static JsonObject together(JsonObject one, JsonObject other) {
    Map<String, JsonObject> endpoints = new LinkedHashMap<>();
    objects(one, "endpoints").forEach(each -> endpoints.put(each.getString("address"), each));
    for (JsonObject each : objects(other, "endpoints")) {
      String address = each.getString("address");
      JsonObject before = endpoints.get(address);
      if (before == null) {
        endpoints.put(address, each);
      } else {
        JsonObject worse = before.getString("health").equals("healthy") ? each : before;
        endpoints.put(address, sum(worse.copy(), before, each, "in_flight", "connections"));
      }
    }
    JsonArray limited = new JsonArray();
    endpoints.values().stream().limit(MOST).forEach(limited::add);
    return sum(one.copy(), one, other, "in_flight", "connections", "pending")
        .put("endpoints", limited);
  }

  static JsonObject sum(JsonObject to, JsonObject one, JsonObject other, String... names) {
    for (String name : names) {
      to.put(name, one.getLong(name, 0L) + other.getLong(name, 0L));
    }
    return to;
  }

  /** The newest first; each says which proxy kept it. */
  static JsonObject traces(List<Answer> answers) {
    List<JsonObject> all = new ArrayList<>();
    for (Answer answer : answers) {
      objects(answer.told(), "traces")
          .forEach(one -> all.add(one.put("proxy", String.valueOf(answer.proxy().peer()))));
    }
    all.sort(Comparator.comparing((JsonObject one) -> one.getString("time")).reversed());
    JsonArray limited = new JsonArray();
    all.stream().limit(MOST_TRACES).forEach(limited::add);
    return new JsonObject().put("traces", limited);
  }

  /** Those that are no identity of the mesh, and what is wrong with any; each once. */
  static JsonObject certificates(List<Answer> answers) {
    Set<JsonObject> all = new LinkedHashSet<>();
    Set<JsonObject> faults = new LinkedHashSet<>();
    for (Answer answer : answers) {
      objects(answer.told(), "certificates").stream()
          .filter(one -> !one.getString("id").startsWith("spiffe://") && all.size() < MOST)
          .forEach(all::add);
      for (JsonObject one : objects(answer.told(), "faults")) {
        if (faults.size() < MOST) {
          faults.add(one.copy().put("of", one.getString("of") + " at " + answer.proxy().peer()));
        }
      }
    }
    return new JsonObject()
        .put("certificates", new JsonArray(new ArrayList<>(all)))
        .put("faults", new JsonArray(new ArrayList<>(faults)));
  }

  /** Each rule, service and cause once: how often with all of them, and the last with any. */
  static JsonObject failures(List<Answer> answers) {
    Map<List<String>, JsonObject> all = new LinkedHashMap<>();
    for (Answer answer : answers) {
      for (JsonObject one : objects(answer.told(), "failures")) {
        List<String> key =
            Stream.of("rule", "service", "cause")
                .map(name -> String.valueOf(one.getString(name)))
                .toList();
        JsonObject before = all.get(key);
        if (before == null && all.size() < MOST) {
          all.put(key, one);
        } else if (before != null) {
          JsonObject last = before.getLong("last", 0L) < one.getLong("last", 0L) ? one : before;
          all.put(key, sum(last.copy(), before, one, "requests"));
        }
      }
    }
    JsonArray told = new JsonArray();
    all.values().stream()
        .sorted(Comparator.comparing((JsonObject one) -> one.getLong("last", 0L)).reversed())
        .forEach(told::add);
    return new JsonObject().put("failures", told);
  }

  static List<JsonObject> objects(JsonObject told, String name) {
    return told.getJsonArray(name, new JsonArray()).stream().map(JsonObject.class::cast).toList();
  }
}
