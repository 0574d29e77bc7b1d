package dev.weft.config.istio;

import dev.weft.config.model.TrafficPolicy.ConsistentHash;
import dev.weft.config.model.TrafficPolicy.HashKey;
import dev.weft.config.model.TrafficPolicy.HashTable;
import dev.weft.config.model.TrafficPolicy.LoadBalancer;
import dev.weft.config.model.TrafficPolicy.LoadBalancer.Simple;
import dev.weft.config.model.TrafficPolicy.Warmup;
import dev.weft.config.problem.Codes;
import dev.weft.config.yaml.Fields;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads a {@code loadBalancer}. */
final class LoadBalancers {

  private static final Duration MILLISECOND = Duration.ofMillis(1);
  private static final int DEFAULT_RING = 1024;
  private static final int MOST_RING = 8 << 20;
  private static final int DEFAULT_MAGLEV = 65_537;
  private static final int MOST_MAGLEV = 5_000_011;

  private LoadBalancers() {}

  static LoadBalancer read(Fields fields) {
    Simple simple = simple(fields);
    Optional<ConsistentHash> hash = fields.object("consistentHash").map(LoadBalancers::hash);
    if (hash.isPresent() && fields.has("simple")) {
      fields.error(Codes.CONFLICT, "consistentHash", "consistentHash beside simple", "keep one");
    }
    Optional<Warmup> warmup = fields.object("warmup").map(LoadBalancers::warmup);
    if (fields.has("warmupDurationSecs")) {
      fields.warning(Codes.DEPRECATED, "warmupDurationSecs", "deprecated", "write warmup.duration");
      warmup =
          fields
              .duration("warmupDurationSecs", MILLISECOND)
              .map(duration -> new Warmup(duration, 10, 1));
    }
    fields.notHonoured("localityLbSetting", "zoneAwareLbSetting", "warmup", "warmupDurationSecs");
    fields.done();
    return new LoadBalancer(simple, hash, warmup);
  }

  private static Simple simple(Fields fields) {
    Optional<String> word = fields.text("simple");
    if (word.isEmpty() || word.get().equals("UNSPECIFIED")) {
      return Simple.LEAST_REQUEST;
    }
    if (word.get().equals("LEAST_CONN")) {
      fields.warning(Codes.DEPRECATED, "simple", "LEAST_CONN is deprecated", "write LEAST_REQUEST");
      return Simple.LEAST_REQUEST;
    }
    if (word.get().equals("PASSTHROUGH")) {
      fields.warning(
          Codes.NOT_HONOURED,
          "simple",
          "PASSTHROUGH is not honoured by this version",
          "its endpoints are taken in turn, as ROUND_ROBIN does");
    }
    return fields.word("simple", Simple.class).orElse(Simple.LEAST_REQUEST);
  }

  private static ConsistentHash hash(Fields fields) {
    List<HashKey> keys = new ArrayList<>();
    fields
        .text("httpHeaderName")
        .ifPresent(name -> keys.add(new HashKey.Header(Fields.lower(name))));
    fields.object("httpCookie").map(LoadBalancers::cookie).ifPresent(keys::add);
    fields
        .text("httpQueryParameterName")
        .ifPresent(name -> keys.add(new HashKey.QueryParameter(name)));
    if (fields.flag("useSourceIp", false)) {
      keys.add(new HashKey.SourceIp());
    }
    if (keys.size() != 1) {
      fields
          .problems()
          .error(
              keys.isEmpty() ? Codes.MISSING_FIELD : Codes.CONFLICT,
              fields.place(),
              fields.path(),
              keys.size()
                  + " hash keys (expected: one of httpHeaderName, httpCookie, useSourceIp,"
                  + " httpQueryParameterName)",
              "");
    }
    HashTable table = table(fields);
    fields.done();
    return new ConsistentHash(keys.isEmpty() ? new HashKey.SourceIp() : keys.get(0), table);
  }

  private static HashTable table(Fields fields) {
    int least = fields.integer("minimumRingSize", 1, MOST_RING, DEFAULT_RING);
    Optional<Fields> ring = fields.object("ringHash");
    if (ring.isPresent()) {
      least = ring.get().integer("minimumRingSize", 1, MOST_RING, least);
      ring.get().done();
    }
    Optional<Fields> maglev = fields.object("maglev");
    if (maglev.isEmpty()) {
      return new HashTable.Ring(least);
    }
    int size = maglev.get().integer("tableSize", 2, MOST_MAGLEV, DEFAULT_MAGLEV);
    if (!prime(size)) {
      maglev.get().error(Codes.OUT_OF_RANGE, "tableSize", size + " (expected: a prime)", "65537");
    }
    maglev.get().done();
    return new HashTable.Maglev(size);
  }

  private static boolean prime(int number) {
    for (int divisor = 2; (long) divisor * divisor <= number; divisor++) {
      if (number % divisor == 0) {
        return false;
      }
    }
    return true;
  }

  private static HashKey cookie(Fields fields) {
    HashKey cookie =
        new HashKey.Cookie(
            fields.required("name", "a cookie's name"),
            fields.text("path", ""),
            fields.duration("ttl", Duration.ZERO));
    fields.notHonoured("attributes");
    fields.done();
    return cookie;
  }

  private static Warmup warmup(Fields fields) {
    Warmup warmup =
        new Warmup(
            fields.duration("duration", MILLISECOND).orElse(Duration.ofSeconds(1)),
            fields.number("minimumPercent", 0, 100).orElse(10),
            fields.number("aggression", 1, 100).orElse(1));
    if (!fields.has("duration")) {
      fields.error(Codes.MISSING_FIELD, "duration", "duration is missing", "");
    }
    fields.done();
    return warmup;
  }
}
