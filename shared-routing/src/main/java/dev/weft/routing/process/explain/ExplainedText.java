package dev.weft.routing.process.explain;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Tells an explanation to people: the same facts as the JSON, a line each. */
final class ExplainedText {

  private final JsonObject facts;
  private final StringBuilder text = new StringBuilder();

  private ExplainedText(JsonObject facts) {
    this.facts = facts;
  }

  static String of(JsonObject facts) {
    ExplainedText text = new ExplainedText(facts);
    text.all();
    return text.text.toString();
  }

  private void all() {
    asked();
    for (JsonObject one : objects(facts, "tried")) {
      boolean chosen = one.getBoolean("chosen");
      line(
          "  %s %s  %s  (%s)",
          chosen ? "YES" : "no ",
          one.getString("rule"),
          chosen ? "every condition holds" : one.getString("why"),
          one.getString("place"));
    }
    EdgeFacts.lines(facts.getJsonObject("edge", new JsonObject()))
        .forEach(told -> line("    %s", told));
    rateLimit();
    outcome();
    fault();
    clusters("shares", "");
    authorization();
    sticky();
    if (facts.containsKey("retries")) {
      outgoing();
    }
    clusters("mirrors", "copy to ");
    replayed();
  }

  /** Of a request that came, what became of it. */
  private void replayed() {
    JsonObject logged = facts.getJsonObject("logged");
    if (logged == null) {
      return;
    }
    drawn();
    line(
        "  logged: route %s, cluster %s, endpoint %s, status %d, configuration %s",
        logged.getString("route"),
        logged.getString("cluster"),
        logged.getString("endpoint"),
        logged.getInteger("status"),
        logged.getString("config"));
    if (logged.containsKey("cause")) {
      line("  cause: %s, %s", logged.getString("cause"), logged.getString("detail"));
    }
    facts.getJsonArray("unknown", new JsonArray()).forEach(one -> line("  not known: %s", one));
    if (facts.containsKey("same")) {
      line(
          "  %s",
          facts.getBoolean("same") ? "the same is decided again" : "SOMETHING ELSE is decided now");
    } else {
      line("  cannot be compared: %s", facts.getString("unsettled"));
    }
  }

  private void drawn() {
    if (facts.containsKey("drawn")) {
      line("    drawn: %s", facts.getString("drawn"));
    }
    JsonObject fault = facts.getJsonObject("drawn_fault", new JsonObject());
    if (fault.containsKey(RouteFacts.DELAY)) {
      line("    drawn: its fault, wait %d ms", fault.getLong(RouteFacts.DELAY));
    }
    if (fault.containsKey(RouteFacts.ABORT)) {
      line("    drawn: its fault, refused with %d", fault.getInteger(RouteFacts.ABORT));
    }
    if (fault.containsKey(RouteFacts.ABORT_GRPC)) {
      line(
          "    drawn: its fault, refused with gRPC status %d",
          fault.getInteger(RouteFacts.ABORT_GRPC));
    }
    if (facts.containsKey("fault") && fault.isEmpty()) {
      line("    drawn: none of its faults");
    }
    facts
        .getJsonArray("drawn_mirrors", new JsonArray())
        .forEach(mirror -> line("    drawn: copy to %s", mirror));
  }

  private void asked() {
    line(
        "%s %s%s, %s",
        facts.getString("method"),
        facts.getString("url"),
        facts.containsKey("server_name") ? " for " + facts.getString("server_name") : "",
        facts.getString("at"));
    admission();
    if (facts.containsKey("found")) {
      line("  %s", facts.getString("found"));
    }
  }

  private void rateLimit() {
    JsonObject limit = facts.getJsonObject("rate_limit");
    if (limit != null) {
      String key = limit.getString("key");
      line(
          "    429 beyond %d requests in %d ms, %d at once, %s, %s",
          limit.getInteger("requests"),
          limit.getLong("per_ms"),
          limit.getInteger("burst"),
          key.equals(RouteFacts.EVERYBODY) ? "of all callers" : "of each " + key,
          limit.getString("scope").equals("redis") ? "of all proxies" : "of each proxy");
    }
  }

  /** What becomes of it where it goes to no service. */
  private void outcome() {
    if (facts.containsKey("why")) {
      line("  no route: %s", facts.getString("why"));
    }
    if (facts.getBoolean("passes", false)) {
      line("    goes on to %s itself, as it is", facts.getString("meant"));
    }
    if (facts.containsKey("redirect")) {
      line("    answers %d to %s", facts.getInteger("status"), facts.getString("redirect"));
    }
    if (facts.containsKey("answer")) {
      JsonObject answer = facts.getJsonObject("answer");
      line("    answers %d, %d bytes", answer.getInteger("status"), answer.getInteger("bytes"));
    }
  }

  private void fault() {
    JsonObject fault = facts.getJsonObject("fault", new JsonObject());
    if (fault.containsKey(RouteFacts.DELAY)) {
      line(
          "    fault: %s %% wait %d ms",
          number(fault, "delay_percent"), fault.getLong(RouteFacts.DELAY));
    }
    if (fault.containsKey(RouteFacts.ABORT)) {
      line(
          "    fault: %s %% are refused with %d",
          number(fault, "abort_percent"), fault.getInteger(RouteFacts.ABORT));
    }
    if (fault.containsKey(RouteFacts.ABORT_GRPC)) {
      line(
          "    fault: %s %% are refused with gRPC status %d",
          number(fault, "abort_percent"), fault.getInteger(RouteFacts.ABORT_GRPC));
    }
  }

  private void admission() {
    if (facts.containsKey("token")) {
      line("  token: %s", facts.getString("token"));
    }
    JsonObject said = facts.getJsonObject("admission");
    if (said != null) {
      line("  %s %s", said.getBoolean("allowed") ? "YES" : refusal(), said.getString("why"));
    }
  }

  /** A connection has no status. */
  private String refusal() {
    return facts.containsKey("meant") ? "reset" : "403";
  }

  private void authorization() {
    for (JsonObject one : objects(facts, "authorization")) {
      line(
          "    %s at %s: %s",
          one.getBoolean("allowed")
              ? "enters"
              : one.containsKey(Admissions.STATUS) ? "refused" : refusal(),
          one.getString("cluster"),
          one.getString("why"));
    }
  }

  private void sticky() {
    JsonObject sticky = facts.getJsonObject("sticky");
    if (sticky == null) {
      return;
    }
    String by = sticky.getString("by");
    if (sticky.getBoolean("known")) {
      line("    sticky by %s: this user stays on %s", by, sticky.getString("stays"));
    } else if (by.startsWith("cookie")) {
      line("    sticky by %s: this request has none, and gets one", by);
    } else {
      line("    sticky by %s: this request has none, and is drawn by itself", by);
    }
  }

  private void clusters(String name, String before) {
    for (JsonObject one : objects(facts, name)) {
      line("    %5s %%  %s%s", number(one, "percent"), before, one.getString("cluster"));
      List<JsonObject> endpoints = objects(one, "endpoints");
      if (endpoints.size() > 1) {
        line("             by %s", one.getString("balancer"));
      }
      for (JsonObject endpoint : endpoints) {
        line(
            "             %s%s  %s%s",
            endpoint.getString("address"), labels(endpoint), tls(endpoint), place(endpoint));
      }
      if (one.getBoolean("original", false)) {
        line("             where the connection was going (resolution NONE)");
      }
      if (one.containsKey("missing")) {
        line("             %s: %s", unreached(), one.getString("missing"));
      }
    }
  }

  private String unreached() {
    return facts.containsKey("meant") ? "unreachable" : "503";
  }

  private static String labels(JsonObject endpoint) {
    JsonObject labels = endpoint.getJsonObject("labels");
    return labels.isEmpty()
        ? ""
        : labels.stream()
            .map(label -> label.getKey() + "=" + label.getValue())
            .sorted()
            .collect(Collectors.joining(",", " [", "]"));
  }

  /** What makes it other than its neighbours. */
  private static String place(JsonObject endpoint) {
    int weight = endpoint.getInteger("weight");
    String locality = endpoint.getString("locality");
    String turn = endpoint.getString("turn");
    return (weight == 1 ? "" : "  weight " + weight)
        + (locality.isEmpty() ? "" : "  in " + locality)
        + (turn.isEmpty() ? "" : "  (" + turn + ")");
  }

  private static String tls(JsonObject endpoint) {
    return switch (endpoint.getString("tls")) {
      case "mutual" ->
          "mTLS, expected: "
              + endpoint.getJsonArray("expected").stream()
                  .map(String::valueOf)
                  .collect(Collectors.joining(" or "));
      case "origination" -> "TLS";
      default -> "plaintext";
    };
  }

  private void outgoing() {
    line("    goes out as %s to host %s", facts.getString("target"), facts.getString("authority"));
    boolean timed = facts.containsKey("timeout_ms");
    line("    timeout: %s", timed ? facts.getLong("timeout_ms") + " ms for all tries" : "none");
    JsonObject retries = facts.getJsonObject("retries");
    String perTry =
        retries.containsKey("per_try_ms")
            ? ", each try " + retries.getLong("per_try_ms") + " ms"
            : "";
    String on =
        retries.getJsonArray("on").stream().map(String::valueOf).collect(Collectors.joining(", "));
    int attempts = retries.getInteger("attempts");
    line("    retries: %s", attempts == 0 ? "none" : attempts + " on " + on + perTry);
  }

  private static String number(JsonObject json, String name) {
    double value = json.getDouble(name);
    return value == Math.rint(value)
        ? Long.toString((long) value)
        : String.format(Locale.ROOT, "%.4f", value).replaceAll("0+$", "");
  }

  private static List<JsonObject> objects(JsonObject json, String name) {
    JsonArray array = json.getJsonArray(name, new JsonArray());
    return IntStream.range(0, array.size()).mapToObj(array::getJsonObject).toList();
  }

  private void line(String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
