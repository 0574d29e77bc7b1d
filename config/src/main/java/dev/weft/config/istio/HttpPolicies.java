package dev.weft.config.istio;

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
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

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
  private static final List<String> GRPC_CODES =
      List.of(
          "OK",
          "CANCELLED",
          "UNKNOWN",
          "INVALID_ARGUMENT",
          "DEADLINE_EXCEEDED",
          "NOT_FOUND",
          "ALREADY_EXISTS",
          "PERMISSION_DENIED",
          "RESOURCE_EXHAUSTED",
          "FAILED_PRECONDITION",
          "ABORTED",
          "OUT_OF_RANGE",
          "UNIMPLEMENTED",
          "INTERNAL",
          "UNAVAILABLE",
          "DATA_LOSS",
          "UNAUTHENTICATED");

  private HttpPolicies() {}

  static Optional<Rewrite> rewrite(Fields route) {
    return route.object("rewrite").map(HttpPolicies::rewriteOf);
  }

  private static Rewrite rewriteOf(Fields fields) {
    Optional<RegexRewrite> regex = fields.object("uriRegexRewrite").map(HttpPolicies::regexRewrite);
    Rewrite rewrite = new Rewrite(fields.text("uri"), regex, fields.text("authority"));
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
    fields.regex("match", match);
    RegexRewrite rewrite = new RegexRewrite(match, fields.text("rewrite", ""));
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
    boolean more = perTry.isPresent() || !conditions.isEmpty() || !codes.isEmpty();
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

  private static void condition(
      Fields fields, String word, List<String> conditions, List<Integer> codes) {
    if (word.isEmpty()) {
      return;
    }
    if (word.matches("\\d{3}")) {
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
    int share = perMillion(fields, "percentage", 0);
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
      int code = GRPC_CODES.indexOf(name.get().toUpperCase(Locale.ROOT));
      if (code < 0) {
        fields.unknownValue("grpcStatus", name.get(), GRPC_CODES);
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
    int share = perMillion(fields, "percentage", 0);
    fields.done();
    return new Abort(http, grpc, share);
  }

  /** A {@code Percent} as parts of a million. */
  static int perMillion(Fields parent, String name, int absent) {
    Optional<Fields> object = parent.object(name);
    if (object.isEmpty()) {
      return absent;
    }
    double percent = object.get().number("value", 0, 100).orElse(0);
    object.get().done();
    return (int) Math.round(percent * (MILLION / 100));
  }

  static Optional<CorsPolicy> cors(Fields route) {
    return route.object("corsPolicy").map(HttpPolicies::corsOf);
  }

  private static CorsPolicy corsOf(Fields fields) {
    List<StringMatch> origins = new ArrayList<>();
    for (Fields origin : fields.objects("allowOrigins")) {
      StringMatches.read(origin).ifPresent(origins::add);
    }
    if (fields.has("allowOrigin")) {
      fields.warning(Codes.DEPRECATED, "allowOrigin", "deprecated", "write allowOrigins");
      fields.texts("allowOrigin").forEach(text -> origins.add(new StringMatch.Exact(text)));
    }
    Optional<Duration> maxAge = fields.duration("maxAge", Duration.ZERO);
    if (maxAge.isPresent() && maxAge.get().toNanosPart() != 0) {
      fields.error(Codes.OUT_OF_RANGE, "maxAge", "maxAge (expected: whole seconds)", "");
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
    fields.done();
    return cors;
  }

  private enum Unmatched {
    UNSPECIFIED,
    FORWARD,
    IGNORE
  }
}
