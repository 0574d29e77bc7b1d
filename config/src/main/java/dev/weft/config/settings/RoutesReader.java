package dev.weft.config.settings;

import dev.weft.config.model.HttpRoute.CorsPolicy;
import dev.weft.config.model.settings.RateLimit;
import dev.weft.config.model.settings.RateLimit.Scope;
import dev.weft.config.model.settings.RouteSettings;
import dev.weft.config.model.settings.RouteSettings.Match;
import dev.weft.config.model.settings.StickyKey;
import dev.weft.config.model.settings.edge.EdgePolicy;
import dev.weft.config.problem.Codes;
import dev.weft.config.yaml.Fields;
import dev.weft.config.yaml.HttpText;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** Reads {@code routes[]} of a {@code ProxySettings}. */
final class RoutesReader {

  private static final int MOST_REQUESTS = 1_000_000_000;
  private static final Duration MILLISECOND = Duration.ofMillis(1);
  private static final Duration LONGEST = Duration.ofDays(1);
  private static final Duration LEAST_SHARED = Duration.ofNanos(10_000);

  private RoutesReader() {}

  static List<RouteSettings> read(
      Fields spec, UnaryOperator<String> fullName, Function<Fields, CorsPolicy> cors) {
    List<RouteSettings> all = new ArrayList<>();
    Map<Match, Integer> seen = new HashMap<>();
    for (Fields entry : spec.objects("routes")) {
      Optional<Match> match = match(entry, fullName);
      Optional<StickyKey> sticky = entry.object("sticky").flatMap(RoutesReader::sticky);
      Optional<RateLimit> limit = entry.object("rateLimit").map(RoutesReader::limit);
      EdgePolicy edge = PolicyReader.read(entry, cors);
      if (!entry.has("sticky") && !entry.has("rateLimit") && !PolicyReader.there(entry)) {
        entry
            .problems()
            .error(
                Codes.MISSING_FIELD,
                entry.place(),
                entry.path(),
                "nothing for its rules (expected: sticky, rateLimit, "
                    + String.join(", ", PolicyReader.FIELDS)
                    + ")",
                "");
      }
      entry.done();
      match.ifPresent(
          one -> {
            repeated(entry, seen, one, all.size());
            all.add(new RouteSettings(one, sticky, limit, edge, entry.place()));
          });
    }
    return all;
  }

  private static void repeated(Fields entry, Map<Match, Integer> seen, Match match, int index) {
    Integer before = seen.putIfAbsent(match, index);
    if (before != null) {
      entry.error(
          Codes.DUPLICATE_NAME,
          "match",
          "the same match a second time (first routes[" + before + "])",
          "write both settings there");
    }
  }

  private static Optional<Match> match(Fields entry, UnaryOperator<String> fullName) {
    Optional<Fields> fields = entry.object("match");
    Optional<String> route = fields.flatMap(one -> one.text("route"));
    Optional<String> host = fields.flatMap(one -> one.text("host"));
    fields.ifPresent(Fields::done);
    if (route.isPresent() == host.isPresent()) {
      entry.error(
          route.isPresent() ? Codes.CONFLICT : Codes.MISSING_FIELD,
          "match",
          (route.isPresent() ? "route beside host" : "which rules is missing")
              + " (expected: route or host)",
          "route: NAMESPACE/VIRTUALSERVICE#RULE as weft explain tells it, or host: SERVICE");
      return Optional.empty();
    }
    if (host.isPresent()) {
      return host.map(name -> new Match.Host(fullName.apply(name)));
    }
    if (!route.get().matches("[^/#\\s]+/[^/#\\s]+#.+")) {
      fields
          .get()
          .error(
              Codes.UNKNOWN_VALUE,
              "route",
              "route '"
                  + Fields.shortened(route.get())
                  + "' (expected: NAMESPACE/VIRTUALSERVICE#RULE)",
              "weft explain tells the name of a rule, e.g. prod/search#0");
      return Optional.empty();
    }
    return route.map(Match.Route::new);
  }

  private static Optional<StickyKey> sticky(Fields fields) {
    Optional<StickyKey> header =
        fields.text("header").map(name -> new StickyKey.Header(headerName(fields, name)));
    Optional<StickyKey> cookie = fields.object("cookie").map(RoutesReader::cookie);
    oneOf(fields, "sticky", header.isPresent(), cookie.isPresent());
    fields.done();
    return header.or(() -> cookie);
  }

  private static StickyKey cookie(Fields fields) {
    String name = fields.required("name", "a cookie's name");
    if (!name.isEmpty() && !name.matches("[!#$%&'*+.^_`|~0-9A-Za-z-]+")) {
      fields.error(
          Codes.UNKNOWN_VALUE,
          "name",
          "'" + Fields.shortened(name) + "' is no cookie name",
          "letters, digits and !#$%&'*+.^_`|~- (RFC 6265)");
    }
    Optional<Duration> ttl = fields.duration("ttl", Duration.ofSeconds(1));
    fields.done();
    return new StickyKey.Cookie(name, ttl);
  }

  private static String headerName(Fields fields, String name) {
    String lower = Fields.lower(name);
    HttpText.name(fields, lower);
    return lower;
  }

  /** Notes where both or none of two keys are there. */
  private static void oneOf(Fields fields, String what, boolean header, boolean cookie) {
    if (header == cookie) {
      fields
          .problems()
          .error(
              header ? Codes.CONFLICT : Codes.MISSING_FIELD,
              fields.place(),
              fields.path(),
              what + (header ? " by two keys" : " by no key") + " (expected: header or cookie)",
              "");
    }
  }

  private static RateLimit limit(Fields fields) {
    int requests = fields.integer("requests", 1, MOST_REQUESTS, 1);
    if (!fields.has("requests")) {
      String shown = "requests is missing (expected: 1 to " + MOST_REQUESTS + ")";
      fields.error(Codes.MISSING_FIELD, "requests", shown, "");
    }
    Duration per = fields.duration("per", MILLISECOND).orElse(Duration.ofSeconds(1));
    if (per.compareTo(LONGEST) > 0) {
      fields.error(
          Codes.OUT_OF_RANGE,
          "per",
          "per " + fields.text("per", "") + " (expected: at most 24h)",
          "");
    }
    RateLimit limit =
        new RateLimit(
            requests,
            per,
            fields.integer("burst", 1, MOST_REQUESTS, requests),
            fields.object("key").map(RoutesReader::key).orElse(new RateLimit.Key.Everybody()),
            fields.lowerWord("scope", Scope.class).orElse(Scope.LOCAL));
    Duration pace = per.dividedBy(Math.max(1, requests));
    if (limit.scope() == Scope.REDIS && pace.compareTo(LEAST_SHARED) < 0) {
      String shown = "requests " + requests + " in " + fields.text("per", "1s");
      fields.error(
          Codes.OUT_OF_RANGE,
          "requests",
          shown + " beside scope redis (expected: at most 100000 a second)",
          "it is counted in microseconds");
    }
    fields.done();
    return limit;
  }

  private static RateLimit.Key key(Fields fields) {
    List<RateLimit.Key> keys = new ArrayList<>();
    fields
        .text("header")
        .ifPresent(name -> keys.add(new RateLimit.Key.Header(headerName(fields, name))));
    if (fields.flag("identity", false)) {
      keys.add(new RateLimit.Key.Identity());
    }
    if (fields.flag("address", false)) {
      keys.add(new RateLimit.Key.Address());
    }
    if (keys.size() != 1) {
      fields
          .problems()
          .error(
              keys.isEmpty() ? Codes.MISSING_FIELD : Codes.CONFLICT,
              fields.place(),
              fields.path(),
              keys.size() + " keys (expected: one of header, identity: true, address: true)",
              "without key all requests are counted together");
    }
    fields.done();
    return keys.isEmpty() ? new RateLimit.Key.Everybody() : keys.get(0);
  }
}
