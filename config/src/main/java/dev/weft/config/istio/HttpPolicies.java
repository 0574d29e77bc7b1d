package dev.weft.config.istio;

import dev.weft.config.logging.GrpcStatuses;
import dev.weft.config.model.HttpRoute.Abort;
import dev.weft.config.model.HttpRoute.CorsPolicy;
import dev.weft.config.model.HttpRoute.Delay;
import dev.weft.config.model.HttpRoute.Fault;
import dev.weft.config.model.HttpRoute.RegexRewrite;
import dev.weft.config.model.HttpRoute.Retries;
import dev.weft.config.model.HttpRoute.Rewrite;
import dev.weft.config.model.StringMatch;
import dev.weft.config.problem.Codes;
import dev.weft.config.yaml.Fields;
import dev.weft.config.yaml.HttpText;
import dev.weft.config.yaml.Regexes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** Reads rewrite, retries, fault and corsPolicy of a rule. */
final class HttpPolicies {

  private static final Duration MILLISECOND = Duration.ofMillis(1);
  private static final Duration DEFAULT_BACKOFF = Duration.ofMillis(25);
  private static final int MOST_ATTEMPTS = 100;
  private static final int MILLION = 1_000_000;
  private static final List<String> CONDITIONS =
      List.of(
          "5xx",
          "gateway-error",
          "reset",
          "reset-before-request",
          "connect-failure",
          "retriable-4xx",
          "refused-stream",
          "retriable-status-codes",
          "retriable-headers",
          "envoy-ratelimited",
          "http3-post-connect-failure",
          "cancelled",
          "deadline-exceeded",
          "internal",
          "resource-exhausted",
          "unavailable");
  private static final Set<String> NEVER =
      Set.of("retriable-headers", "http3-post-connect-failure");

  private HttpPolicies() {}

  static Optional<Rewrite> rewrite(Fields route) {
    return route.object("rewrite").map(HttpPolicies::rewriteOf);
  }

  private static Rewrite rewriteOf(Fields fields) {
    Optional<RegexRewrite> regex = fields.object("uriRegexRewrite").map(HttpPolicies::regexRewrite);
    Rewrite rewrite =
        new Rewrite(HttpText.part(fields, "uri"), regex, HttpText.part(fields, "authority"));
    if (rewrite.uri().isPresent() && regex.isPresent()) {
      fields.error(Codes.CONFLICT, "uri", "uri beside uriRegexRewrite (expected: one)", "");
    }
    if (rewrite.uri().isEmpty() && regex.isEmpty() && rewrite.authority().isEmpty()) {
      fields
          .problems()
          .error(
              Codes.MISSING_FIELD,
              fields.place(),
              fields.path(),
              "rewrite says nothing (expected: uri, uriRegexRewrite or authority)",
              "");
    }
    fields.done();
    return rewrite;
  }

  private static RegexRewrite regexRewrite(Fields fields) {
    String match = fields.required("match", "an RE2 expression");
    RegexRewrite rewrite = new RegexRewrite(match, HttpText.part(fields, "rewrite").orElse(""));
    if (Regexes.check(fields, "match", match)) {
      Regexes.checkReplacement(fields, "rewrite", rewrite.rewrite(), match);
    }
    if (!fields.has("rewrite")) {
      fields.error(Codes.MISSING_FIELD, "rewrite", "rewrite is missing (expected: a text)", "");
    }
    fields.done();
    return rewrite;
  }

  static Optional<Retries> retries(Fields route) {
    return route.object("retries").map(HttpPolicies::retriesOf);
  }

  private static Retries retriesOf(Fields fields) {
    int attempts = fields.integer("attempts", 0, MOST_ATTEMPTS, 2);
    Optional<Duration> perTry = fields.duration("perTryTimeout", MILLISECOND);
    List<String> conditions = new ArrayList<>();
    List<Integer> codes = new ArrayList<>();
    for (String word : fields.text("retryOn", "").split(",", -1)) {
      condition(fields, word.strip(), conditions, codes);
    }
    Duration backoff = fields.duration("backoff", MILLISECOND).orElse(DEFAULT_BACKOFF);
    boolean avoid = fields.flag("retryIgnorePreviousHosts", true);
    fields.notHonoured("retryRemoteLocalities");
    boolean more = perTry.isPresent() || fields.has("retryOn") || fields.has("backoff");
    without(fields, conditions, codes);
    if (attempts == 0 && fields.has("attempts") && more) {
      fields.error(
          Codes.CONFLICT,
          "attempts",
          "attempts 0 switches retries off (expected: no other field beside it)",
          "remove the others, or set attempts");
    }
    fields.done();
    return new Retries(attempts, perTry, conditions, codes, backoff, avoid);
  }

  /** Conditions that mean nothing as they stand. */
  private static void without(Fields fields, List<String> conditions, List<Integer> codes) {
    for (String word : conditions) {
      boolean never = NEVER.contains(word);
      if (never || (word.equals("retriable-status-codes") && codes.isEmpty())) {
        fields.warning(
            Codes.NOT_HONOURED,
            "retryOn",
            never ? word + " is not honoured by this version" : word + " without a status code",
            never ? "it has no effect" : "write the codes beside it, e.g. 503");
      }
    }
  }

  private static void condition(
      Fields fields, String word, List<String> conditions, List<Integer> codes) {
    if (word.isEmpty()) {
      return;
    }
    if (word.matches("[1-5]\\d\\d")) {
      codes.add(Integer.parseInt(word));
    } else if (CONDITIONS.contains(word)) {
      conditions.add(word);
    } else {
      fields.unknownValue("retryOn", word, CONDITIONS);
    }
  }

  static Optional<Fault> fault(Fields route) {
    return route.object("fault").map(HttpPolicies::faultOf);
  }

  private static Fault faultOf(Fields fields) {
    Optional<Delay> delay = fields.object("delay").map(HttpPolicies::delay);
    Optional<Abort> abort = fields.object("abort").map(HttpPolicies::abort);
    if (delay.isEmpty() && abort.isEmpty()) {
      fields
          .problems()
          .error(
              Codes.MISSING_FIELD,
              fields.place(),
              fields.path(),
              "fault says nothing (expected: delay or abort)",
              "");
    }
    fields.done();
    return new Fault(delay, abort);
  }

  private static Delay delay(Fields fields) {
    Duration fixed = fields.duration("fixedDelay", MILLISECOND).orElse(Duration.ZERO);
    if (!fields.has("fixedDelay")) {
      fields.error(
          Codes.MISSING_FIELD, "fixedDelay", "fixedDelay is missing (expected: a duration)", "");
    }
    if (fields.has("exponentialDelay")) {
      fields.error(
          Codes.UNKNOWN_VALUE, "exponentialDelay", "exponentialDelay (expected: fixedDelay)", "");
    }
    int share = share(fields, "delayed", fields.has("percent"));
    if (fields.has("percent")) {
      fields.warning(Codes.DEPRECATED, "percent", "percent is deprecated", "write percentage");
      share = fields.integer("percent", 0, 100, 0) * (MILLION / 100);
    }
    fields.done();
    return new Delay(fixed, share);
  }

  private static Abort abort(Fields fields) {
    OptionalInt http = fields.integer("httpStatus", 200, 599);
    OptionalInt grpc = OptionalInt.empty();
    Optional<String> name = fields.text("grpcStatus");
    if (name.isPresent()) {
      int code = GrpcStatuses.SNAKES.indexOf(name.get().toUpperCase(Locale.ROOT));
      if (code < 0) {
        fields.unknownValue("grpcStatus", name.get(), GrpcStatuses.SNAKES);
      } else {
        grpc = OptionalInt.of(code);
      }
    }
    if (fields.has("http2Error")) {
      fields.error(
          Codes.UNKNOWN_VALUE, "http2Error", "http2Error (expected: httpStatus or grpcStatus)", "");
    }
    if (fields.has("httpStatus") == fields.has("grpcStatus")) {
      fields
          .problems()
          .error(
              Codes.CONFLICT,
              fields.place(),
              fields.path(),
              "abort needs one of httpStatus and grpcStatus",
              "");
    }
    int share = share(fields, "refused", false);
    fields.done();
    return new Abort(http, grpc, share);
  }

  /** Of a fault: no percentage is none at all. */
  private static int share(Fields fields, String what, boolean otherwise) {
    if (!fields.has("percentage") && !otherwise) {
      fields
          .problems()
          .warning(
              Codes.TRAP,
              fields.place(),
              fields.path(),
              "without percentage no request is " + what,
              "write percentage: {value: 100} for all of them");
    }
    return perMillion(fields, "percentage", 0);
  }

  /** A {@code Percent} as parts of a million. */
  static int perMillion(Fields parent, String name, int absent) {
    Optional<Fields> object = parent.object(name);
    if (object.isEmpty()) {
      return absent;
    }
    if (!object.get().has("value")) {
      parent.warning(Codes.TRAP, name, name + " without value is 0 %", "write value: 100 for all");
    }
    double percent = object.get().number("value", 0, 100).orElse(0);
    object.get().done();
    return (int) Math.round(percent * (MILLION / 100));
  }

  static Optional<CorsPolicy> cors(Fields route) {
    return route.object("corsPolicy").map(HttpPolicies::corsOf);
  }

  /** Of {@code corsPolicy}, wherever it stands. */
  static CorsPolicy corsOf(Fields fields) {
    List<StringMatch> origins = new ArrayList<>();
    for (Fields origin : fields.objects("allowOrigins")) {
      StringMatches.item(origin).ifPresent(origins::add);
    }
    if (fields.has("allowOrigin")) {
      fields.warning(Codes.DEPRECATED, "allowOrigin", "deprecated", "write allowOrigins");
      fields.texts("allowOrigin").forEach(text -> origins.add(new StringMatch.Exact(text)));
    }
    Optional<Duration> maxAge = fields.duration("maxAge", Duration.ZERO);
    if (maxAge.isPresent() && maxAge.get().toNanosPart() != 0) {
      fields.error(
          Codes.OUT_OF_RANGE,
          "maxAge",
          "maxAge " + fields.text("maxAge", "") + " (expected: whole seconds)",
          "");
    }
    boolean forward =
        !fields.word("unmatchedPreflights", Unmatched.class).equals(Optional.of(Unmatched.IGNORE));
    CorsPolicy cors =
        new CorsPolicy(
            origins,
            fields.texts("allowMethods"),
            fields.texts("allowHeaders"),
            fields.texts("exposeHeaders"),
            maxAge,
            fields.flag("allowCredentials", false),
            forward);
    words(fields, "allowMethods", cors.allowMethods());
    words(fields, "allowHeaders", cors.allowHeaders());
    words(fields, "exposeHeaders", cors.exposeHeaders());
    if (origins.isEmpty()) {
      fields
          .problems()
          .warning(
              Codes.TRAP,
              fields.place(),
              fields.path(),
              "without allowOrigins no origin is allowed",
              "name the origins that may");
    }
    fields.done();
    return cors;
  }

  private static void words(Fields fields, String name, List<String> words) {
    for (String word : words) {
      if (!word.matches("[!#$%&'*+.^_`|~0-9A-Za-z-]+")) {
        String shown = "'" + Fields.shortened(word) + "' (expected: one word each, or *)";
        fields.error(Codes.UNKNOWN_VALUE, name, shown, "");
      }
    }
  }

  private enum Unmatched {
    UNSPECIFIED,
    FORWARD,
    IGNORE
  }
}
