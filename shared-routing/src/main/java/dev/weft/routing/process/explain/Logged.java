package dev.weft.routing.process.explain;

import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.Decision.Denied;
import dev.weft.routing.exchange.Decision.Refuse;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.identity.SpiffeId;
import dev.weft.routing.route.match.QueryText;
import dev.weft.routing.telemetry.AccessEntry;
import io.vertx.core.MultiMap;
import io.vertx.core.json.JsonObject;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is known of a request that ended.
 *
 * @param version of the configuration that served it
 * @param at when it came, or ended
 * @param route that it took, {@code -} for none
 * @param cluster that it went to, {@code -} for none
 * @param early the cause for which it was refused before rules were asked
 * @param whole whether all of its head is known
 * @param told what was logged of it
 */
record Logged(
    Came came,
    long version,
    Instant at,
    String route,
    String cluster,
    Optional<String> early,
    boolean whole,
    JsonObject told) {

  private static final int HEX = 16;
  private static final String CAUSE = "cause";
  private static final String DETAIL = "detail";

  /** As it is kept in memory. */
  static Logged of(AccessEntry entry) {
    Optional<String> early = Optional.empty();
    if (entry.decision().action() instanceof Refuse refuse
        && refuse.cause() != Cause.NO_ROUTE
        && refuse.cause() != Cause.DENIED) {
      early = Optional.of(refuse.cause().word());
    } else if (entry.decision().action() instanceof Denied denied) {
      early = Optional.of(denied.reason().reason().word());
    }
    JsonObject told =
        told(
            entry.configVersion(),
            entry.route(),
            entry.way().orElse("-"),
            entry.endpoint(),
            entry.ending().status());
    entry
        .ending()
        .failure()
        .ifPresent(
            failure ->
                told.put(CAUSE, failure.reason().word())
                    .put(DETAIL, String.valueOf(failure.getMessage())));
    return new Logged(
        new Came(entry.head(), entry.caller(), entry.seed()),
        Long.parseLong(entry.configVersion()),
        Instant.ofEpochMilli(entry.endedEpochMillis()),
        entry.route(),
        entry.way().orElse("-"),
        early,
        true,
        told);
  }

  /**
   * By its line in the access log.
   *
   * @param headers that are known beside it
   * @throws IllegalArgumentException where it is none; the message says why
   */
  static Logged of(JsonObject line, List<Map.Entry<String, String>> headers) {
    try {
      return read(line, headers);
    } catch (ClassCastException | NumberFormatException | DateTimeException e) {
      throw new IllegalArgumentException("line: " + e.getMessage() + " (expected: a request's)", e);
    }
  }

  private static Logged read(JsonObject line, List<Map.Entry<String, String>> headers) {
    MultiMap known = MultiMap.caseInsensitiveMultiMap();
    headers.forEach(header -> known.add(header.getKey(), header.getValue()));
    String route = text(line, "route");
    String cluster = text(line, "cluster");
    String cause = line.getString(CAUSE, "");
    JsonObject told =
        told(
            text(line, "config"),
            route,
            cluster,
            text(line, "endpoint"),
            line.getInteger("status", 0));
    if (!cause.isEmpty()) {
      told.put(CAUSE, cause).put(DETAIL, line.getString(DETAIL, "-"));
    }
    boolean early = route.equals("-") && !cause.equals("no_route") && !cause.equals("denied");
    return new Logged(
        new Came(head(line, known), caller(line), Long.parseUnsignedLong(text(line, "seed"), HEX)),
        Long.parseLong(text(line, "config")),
        Instant.parse(text(line, "time")),
        route,
        cluster,
        early ? Optional.of(cause) : Optional.empty(),
        false,
        told);
  }

  private static RequestHead head(JsonObject line, MultiMap headers) {
    String target = text(line, "path");
    int question = target.indexOf('?');
    return new RequestHead(
        text(line, "method"),
        text(line, "scheme"),
        text(line, "authority"),
        question < 0 ? target : target.substring(0, question),
        question < 0 ? "" : target.substring(question + 1),
        headers);
  }

  private static Caller caller(JsonObject line) {
    String source = text(line, "source");
    int colon = source.lastIndexOf(':');
    String address = colon < 0 ? source : source.substring(0, colon);
    int from = colon < 0 ? 0 : Integer.parseInt(source.substring(colon + 1));
    int port = line.getInteger("port", 0); // of an older version's line it is not known
    Caller nobody = Caller.anonymous(address, from, port, text(line, "scheme").equals("https"));
    return SpiffeId.parse(text(line, "principal"))
        .map(id -> nobody.proved(id.toString(), id.namespace()))
        .orElse(nobody);
  }

  private static String text(JsonObject line, String name) {
    String value = line.getString(name);
    if (value == null) {
      throw new IllegalArgumentException(
          "line: " + name + " is missing (expected: a request's line of the access log)");
    }
    return value;
  }

  private static JsonObject told(
      String version, String route, String cluster, String endpoint, int status) {
    return new JsonObject()
        .put("config", version)
        .put("route", route)
        .put("cluster", cluster)
        .put("endpoint", endpoint)
        .put("status", status);
  }

  /** That the application listens on, as far as it is known, for what came to a sidecar. */
  int port() {
    String[] parts = cluster.split("\\|", 3); // inbound|8080|...
    boolean told = parts.length > 1 && parts[1].matches("[0-9]{1,5}");
    return told ? Integer.parseInt(parts[1]) : came.caller().localPort();
  }

  /** For which the proxy answered in its service's place; empty where it did not. */
  String cause() {
    return told.getString(CAUSE, "");
  }

  /** Whether what a rule looks at is known: {@code header x-user}, {@code query q}. */
  boolean knows(String looked) {
    if (looked.equals(RouteFacts.PORT)) {
      return came.caller().localPort() > 0;
    }
    if (looked.startsWith(RouteFacts.QUERY)) {
      String name = looked.substring(RouteFacts.QUERY.length());
      return !QueryText.REDACTED.equals(QueryText.value(came.head().query(), name));
    }
    String header = looked.substring(looked.indexOf(' ') + 1);
    return looked.startsWith("header ") && came.head().headers().contains(header);
  }
}
