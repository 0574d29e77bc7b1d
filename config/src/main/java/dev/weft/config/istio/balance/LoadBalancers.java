package dev.weft.config.istio.balance;

import dev.weft.config.model.TrafficPolicy.ConsistentHash;
import dev.weft.config.model.TrafficPolicy.CookieAttribute;
import dev.weft.config.model.TrafficPolicy.HashKey;
import dev.weft.config.model.TrafficPolicy.HashTable;
import dev.weft.config.model.TrafficPolicy.LoadBalancer;
import dev.weft.config.model.TrafficPolicy.LoadBalancer.Simple;
import dev.weft.config.model.TrafficPolicy.Warmup;
import dev.weft.config.model.balance.LocalityPolicy;
import dev.weft.config.problem.Codes;
import dev.weft.config.yaml.Fields;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads a {@code loadBalancer}. */
public final class LoadBalancers {

  private static final Duration MILLISECOND = Duration.ofMillis(1);
  private static final int DEFAULT_RING = 1024;
  private static final int MOST_RING = 8 << 20;
  private static final int DEFAULT_MAGLEV = 65_537;
  private static final int MOST_MAGLEV = 5_000_011;

  private static final String ATTRIBUTE = "[!-:<-~]*"; // printable, and no semicolon
  private static final List<String> ISTIO =
      List.of("LEAST_REQUEST", "ROUND_ROBIN", "RANDOM", "PASSTHROUGH");
  private static final Set<Simple> WARMED =
      Set.of(Simple.LEAST_REQUEST, Simple.ROUND_ROBIN, Simple.PEAK_EWMA);

  private LoadBalancers() {}

  /**
   * @param absent the simple balancer where none is named
   */
  public static LoadBalancer read(Fields fields, Simple absent) {
    Simple simple = simple(fields, absent);
    Optional<ConsistentHash> hash = fields.object("consistentHash").map(LoadBalancers::hash);
    if (hash.isPresent() && fields.has("simple")) {
      fields.error(Codes.CONFLICT, "consistentHash", "consistentHash beside simple", "keep one");
    }
    Optional<Warmup> warmup = warmup(fields);
    if (warmup.isPresent() && (hash.isPresent() || !WARMED.contains(simple))) {
      fields.warning(
          Codes.TRAP,
          fields.has("warmup") ? "warmup" : "warmupDurationSecs",
          "warmup has no effect with "
              + (hash.isPresent() ? "consistentHash" : simple)
              + " (expected: ROUND_ROBIN or LEAST_REQUEST)",
          "new endpoints get their whole share at once");
    }
    Optional<LocalityPolicy> locality =
        fields.object("localityLbSetting").map(LocalitySettings::read);
    fields.notHonoured("zoneAwareLbSetting");
    fields.done();
    return new LoadBalancer(simple, hash, warmup, locality);
  }

  private static Optional<Warmup> warmup(Fields fields) {
    if (!fields.has("warmupDurationSecs")) {
      return fields.object("warmup").map(LoadBalancers::warmupBlock);
    }
    fields.warning(Codes.DEPRECATED, "warmupDurationSecs", "deprecated", "write warmup.duration");
    return fields
        .duration("warmupDurationSecs", MILLISECOND)
        .map(duration -> new Warmup(duration, 10, 1));
  }

  private static Simple simple(Fields fields, Simple absent) {
    Optional<String> word = fields.text("simple");
    if (word.isEmpty() || word.get().equals("UNSPECIFIED")) {
      return absent;
    }
    if (word.get().equals("LEAST_CONN")) {
      fields.warning(Codes.DEPRECATED, "simple", "LEAST_CONN is deprecated", "write LEAST_REQUEST");
      return Simple.LEAST_REQUEST;
    }
    if (word.get().equals(Simple.PEAK_EWMA.name())) {
      fields.error(
          Codes.UNKNOWN_VALUE,
          "simple",
          "simple 'PEAK_EWMA' (expected: " + String.join(", ", ISTIO) + ")",
          "Istio has no word for it: write the annotation weft.dev/load-balancer: PEAK_EWMA");
      return Simple.PEAK_EWMA;
    }
    if (!ISTIO.contains(word.get())) {
      fields.unknownValue("simple", word.get(), ISTIO);
      return Simple.LEAST_REQUEST;
    }
    return Simple.valueOf(word.get());
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
            fields.duration("ttl", Duration.ZERO),
            attributes(fields));
    fields.done();
    return cookie;
  }

  private static List<CookieAttribute> attributes(Fields cookie) {
    List<CookieAttribute> all = new ArrayList<>();
    for (Fields fields : cookie.objects("attributes")) {
      String name = fields.required("name", "an attribute such as SameSite");
      String value = fields.text("value", "");
      if (!name.matches(ATTRIBUTE) || !value.matches(ATTRIBUTE)) {
        fields.error(
            Codes.UNKNOWN_VALUE,
            "name",
            "attribute '"
                + Fields.shortened(name + "=" + value)
                + "' (expected: no ; and no space)",
            "");
      }
      fields.done();
      all.add(new CookieAttribute(name, value));
    }
    return all;
  }

  private static Warmup warmupBlock(Fields fields) {
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
