package dev.weft.config.settings;

import dev.weft.config.model.HttpRoute.CorsPolicy;
import dev.weft.config.model.Meta;
import dev.weft.config.model.TrafficPolicy.RetryBudget;
import dev.weft.config.model.settings.Blocks;
import dev.weft.config.model.settings.Breaker;
import dev.weft.config.model.settings.Explain;
import dev.weft.config.model.settings.Limits;
import dev.weft.config.model.settings.Overload;
import dev.weft.config.model.settings.PathHandling;
import dev.weft.config.model.settings.PathHandling.Ambiguous;
import dev.weft.config.model.settings.PathHandling.Normalize;
import dev.weft.config.model.settings.ProxySettings;
import dev.weft.config.model.settings.Settings;
import dev.weft.config.problem.Codes;
import dev.weft.config.yaml.Fields;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** Reads a {@code ProxySettings}: each block with its ranges, what is absent as its default. */
public final class SettingsReader {

  private static final int MOST = Integer.MAX_VALUE;
  private static final long MOST_BYTES = 1L << 50;
  private static final int LEAST_HEAD = 1024; // a request with a few headers
  private static final int LEAST_LINE = 256;
  private static final int MOST_HEAD = 16 << 20;
  private static final int MOST_HEADERS = 100_000;
  private static final int MOST_REPLAY = 64 << 20; // of each request that may be repeated
  private static final int MOST_ATTEMPTS = 1_000_000;
  private static final Duration MILLISECOND = Duration.ofMillis(1);
  private static final Duration LONGEST = Duration.ofDays(10);

  private SettingsReader() {}

  /**
   * @param fullName of a host as it is written
   * @param cors reads what Istio has a form for
   */
  public static ProxySettings read(
      Meta meta, Fields spec, UnaryOperator<String> fullName, Function<Fields, CorsPolicy> cors) {
    Map<String, String> selector = spec.matchLabels("selector");
    selected(meta, spec, selector);
    AuthorizersReader.Providers providers = AuthorizersReader.read(spec, fullName);
    Blocks blocks =
        new Blocks(
            spec.object("limits").map(SettingsReader::limits),
            spec.object("path").map(SettingsReader::path),
            spec.object("overload").map(SettingsReader::overload),
            spec.object("breaker").map(SettingsReader::breaker),
            spec.object("retryBudget").map(SettingsReader::budget),
            boxed(spec, "replayBytes"),
            spec.object("edge").map(fields -> EdgeReader.read(fields, cors)),
            spec.object("explain").map(SettingsReader::explain),
            spec.object("log").map(LogReader::read),
            RoutesReader.read(spec, fullName, cors),
            spec.object("redis").map(RedisReader::read),
            spec.object("acme").map(fields -> AcmeReader.read(meta, fields)),
            providers.authorizers(),
            spec.object("tracing").map(TracingReader::read),
            providers.collectors(),
            spec.lowerWord("lint", Switch.class).map(Switch.ON::equals));
    spec.done();
    return new ProxySettings(meta, selector, blocks);
  }

  private static void selected(Meta meta, Fields spec, Map<String, String> selector) {
    boolean all = meta.name().equals(ProxySettings.DEFAULT);
    if (all && spec.has("selector")) {
      spec.error(
          Codes.CONFLICT,
          "selector",
          "a selector in the ProxySettings named default (expected: none)",
          "that name holds for all workloads; give these another one");
    } else if (!all && selector.isEmpty()) {
      spec.error(
          Codes.MISSING_FIELD,
          "selector",
          "selector is missing (expected: matchLabels, or the name default)",
          "only the ProxySettings named default hold for all workloads");
    }
  }

  private static Optional<Integer> boxed(Fields spec, String name) {
    int absent = Settings.DEFAULT.replayBytes();
    return spec.has(name)
        ? Optional.of(spec.integer(name, 0, MOST_REPLAY, absent))
        : Optional.empty();
  }

  private static Limits limits(Fields fields) {
    Limits absent = Limits.DEFAULT;
    Limits limits =
        new Limits(
            time(fields, "headerTimeout", Duration.ZERO, absent.headerTimeout()),
            time(fields, "requestBodyIdle", Duration.ZERO, absent.requestBodyIdle()),
            time(fields, "idleTimeout", Duration.ZERO, absent.idleTimeout()),
            time(fields, "streamIdle", Duration.ZERO, absent.streamIdle()),
            fields.integer("headerBytes", LEAST_HEAD, MOST_HEAD, absent.headerBytes()),
            fields.integer("headers", 0, MOST_HEADERS, absent.headers()),
            fields.integer("urlBytes", LEAST_LINE, MOST_HEAD, absent.urlBytes()),
            fields.whole("bodyBytes", 0, MOST_BYTES).orElse(absent.bodyBytes()),
            fields.integer("connections", 0, MOST, absent.connections()),
            fields.integer("streamsPerConnection", 0, MOST, absent.streamsPerConnection()));
    fields.done();
    return limits;
  }

  /** A time of at most ten days, so that it can be counted in milliseconds. */
  private static Duration time(Fields fields, String name, Duration least, Duration absent) {
    Duration time = fields.duration(name, least).orElse(absent);
    if (time.compareTo(LONGEST) > 0) {
      String shown = name + " " + fields.text(name, "") + " (expected: at most 240h)";
      fields.error(Codes.OUT_OF_RANGE, name, shown, least.isZero() ? "0 is no limit" : "");
      return absent;
    }
    if (time.compareTo(MILLISECOND) < 0 && !time.isZero()) {
      String shown = name + " " + fields.text(name, "") + " (expected: at least 1ms)";
      fields.error(Codes.OUT_OF_RANGE, name, shown, least.isZero() ? "0 is no limit" : "");
      return absent;
    }
    return time;
  }

  private static PathHandling path(Fields fields) {
    PathHandling absent = PathHandling.DEFAULT;
    PathHandling path =
        new PathHandling(
            fields.word("normalize", Normalize.class).orElse(absent.normalize()),
            fields.word("ambiguous", Ambiguous.class).orElse(absent.ambiguous()));
    fields.done();
    return path;
  }

  private static Overload overload(Fields fields) {
    Overload.Mode mode =
        fields.lowerWord("mode", Overload.Mode.class).orElse(Overload.DEFAULT.mode());
    Overload overload = new Overload(mode, fields.integer("maxInFlight", 0, MOST, 0));
    if (mode == Overload.Mode.STATIC && overload.maxInFlight() == 0) {
      fields.error(
          Codes.MISSING_FIELD,
          "maxInFlight",
          "mode static without maxInFlight (expected: 1 to " + MOST + ")",
          "mode off sheds nothing");
    } else if (mode == Overload.Mode.OFF && overload.maxInFlight() > 0) {
      fields.error(
          Codes.CONFLICT, "maxInFlight", "maxInFlight beside mode off (expected: none)", "");
    }
    fields.done();
    return overload;
  }

  private static Breaker breaker(Fields fields) {
    Breaker absent = Breaker.DEFAULT;
    Duration open = time(fields, "open", MILLISECOND, absent.open());
    Duration longest = absent.maxOpen().compareTo(open) < 0 ? open : absent.maxOpen();
    Breaker breaker =
        new Breaker(
            time(fields, "window", MILLISECOND, absent.window()),
            fields.integer("minimumRequests", 1, MOST_ATTEMPTS, absent.minimumRequests()),
            fields.integer("failurePercent", 1, 100, absent.failurePercent()),
            open,
            time(fields, "maxOpen", MILLISECOND, longest),
            fields.integer("probes", 1, MOST_ATTEMPTS, absent.probes()));
    if (breaker.maxOpen().compareTo(breaker.open()) < 0) {
      fields.error(
          Codes.CONFLICT,
          "maxOpen",
          "maxOpen " + fields.text("maxOpen", "") + " below open (expected: at least as long)",
          "");
    }
    fields.done();
    return breaker;
  }

  private static RetryBudget budget(Fields fields) {
    RetryBudget absent = Settings.DEFAULT.retryBudget();
    RetryBudget budget =
        new RetryBudget(
            fields.number("percent", 0, 100).orElse(absent.percent()),
            fields.integer("minimum", 0, MOST_ATTEMPTS, absent.minRetryConcurrency()));
    fields.done();
    return budget;
  }

  private static Explain explain(Fields fields) {
    boolean header = fields.lowerWord("header", Switch.class).filter(Switch.ON::equals).isPresent();
    Explain explain = new Explain(header, fields.texts("allow"));
    for (String identity : explain.allow()) {
      if (!identity.matches("spiffe://[a-z0-9._-]+(/[a-zA-Z0-9._-]+)+|\\*")) {
        fields.error(
            Codes.UNKNOWN_VALUE,
            "allow",
            "'" + Fields.shortened(identity) + "' (expected: an identity)",
            "e.g. spiffe://cluster.local/ns/prod/sa/gateway");
      }
    }
    fields.done();
    return explain;
  }

  /** Whether something is done. */
  private enum Switch {
    OFF,
    ON
  }
}
