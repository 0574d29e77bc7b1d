package dev.weft.config.settings;

import dev.weft.config.model.security.ExternalAuthorizer;
import dev.weft.config.model.security.ExternalAuthorizer.BodyInCheck;
import dev.weft.config.model.security.ExternalAuthorizer.HttpCheck;
import dev.weft.config.model.security.ExternalAuthorizer.KeptBack;
import dev.weft.config.model.telemetry.TraceProvider;
import dev.weft.config.problem.Codes;
import dev.weft.config.yaml.Fields;
import dev.weft.config.yaml.HttpText;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** Reads {@code extensionProviders} of a {@code ProxySettings}: external authorizers. */
final class AuthorizersReader {

  private static final String HTTP = "envoyExtAuthzHttp";
  private static final String GRPC = "envoyExtAuthzGrpc";
  private static final List<String> KINDS =
      Stream.concat(Stream.of(HTTP, GRPC), TracingReader.KINDS.stream()).toList();
  private static final int MOST_PORT = 65_535;
  private static final int LEAST_STATUS = 400;
  private static final int MOST_STATUS = 599;
  private static final Duration MILLISECOND = Duration.ofMillis(1);
  private static final Duration LONGEST = Duration.ofMinutes(10);
  private static final int MOST_HEADERS = 100;

  private AuthorizersReader() {}

  /**
   * @param fullName of a host as it is written
   */
  static Providers read(Fields spec, UnaryOperator<String> fullName) {
    Providers all = new Providers(new ArrayList<>(), new ArrayList<>());
    Set<String> names = new HashSet<>();
    for (Fields one : spec.objects("extensionProviders")) {
      String name = one.required("name", "what policies write as provider.name");
      if (!name.isEmpty() && !names.add(name)) {
        one.error(Codes.DUPLICATE_NAME, "name", "'" + name + "' a second time", "");
      }
      List<String> kinds = KINDS.stream().filter(one::has).toList();
      if (kinds.size() != 1) {
        one.error(
            kinds.isEmpty() ? Codes.MISSING_FIELD : Codes.CONFLICT,
            kinds.isEmpty() ? HTTP : kinds.get(1),
            (kinds.isEmpty() ? "no kind" : "several kinds")
                + " of provider (expected: one of "
                + String.join(", ", KINDS)
                + ")",
            "other providers of Istio are not honoured here");
      }
      Optional<Fields> http = one.object(HTTP);
      Optional<Fields> grpc = one.object(GRPC);
      TracingReader.provider(name, one, fullName).ifPresent(all.collectors::add);
      one.done();
      http.map(fields -> authorizer(name, fields, true, fullName)).ifPresent(all.authorizers::add);
      grpc.map(fields -> authorizer(name, fields, false, fullName)).ifPresent(all.authorizers::add);
    }
    return all;
  }

  /** Those whom policies and Telemetry may name. */
  record Providers(List<ExternalAuthorizer> authorizers, List<TraceProvider> collectors) {}

  private static ExternalAuthorizer authorizer(
      String name, Fields fields, boolean http, UnaryOperator<String> fullName) {
    ExternalAuthorizer authorizer =
        new ExternalAuthorizer(
            name,
            host(fields, fullName),
            port(fields),
            timeout(fields),
            fields.flag("failOpen", false),
            fields.integer(
                "statusOnError", LEAST_STATUS, MOST_STATUS, ExternalAuthorizer.FORBIDDEN),
            fields.object("includeRequestBodyInCheck").map(AuthorizersReader::body),
            new KeptBack(
                headers(fields, "excludeRequestHeadersInCheck"),
                parameters(fields, "excludeQueryParametersInCheck")),
            http ? Optional.of(check(fields)) : Optional.empty(),
            fields.place());
    if (authorizer.failOpen()) {
      fields.warning(
          Codes.TRAP,
          "failOpen",
          "failOpen: whoever keeps the authorizer from answering is let in",
          "leave it out to refuse what nobody answers for");
    }
    fields.notHonoured("clearRouteCache");
    fields.done();
    return authorizer;
  }

  /** {@code [NAMESPACE/]HOST}. */
  static String host(Fields fields, UnaryOperator<String> fullName) {
    String written = Fields.lower(fields.required("service", "[NAMESPACE/]HOST"));
    int slash = written.indexOf('/');
    String name = written.substring(slash + 1);
    boolean good =
        written.isEmpty()
            || (name.matches("[a-z0-9_]([a-z0-9_.-]{0,251}[a-z0-9])?")
                && (slash < 0 || written.substring(0, slash).matches("[a-z0-9-]{1,63}")));
    if (!good) {
      fields.error(
          Codes.HOST,
          "service",
          "'" + Fields.shortened(written) + "' (expected: HOST or NAMESPACE/HOST)",
          "e.g. ext-authz.auth.svc.cluster.local");
      return "";
    }
    boolean bare = name.indexOf('.') < 0 && slash > 0;
    return bare
        ? name + "." + written.substring(0, slash) + ".svc.cluster.local"
        : fullName.apply(name);
  }

  static int port(Fields fields) {
    if (!fields.has("port")) {
      fields.error(
          Codes.MISSING_FIELD, "port", "port is missing (expected: 1 to " + MOST_PORT + ")", "");
    }
    return fields.integer("port", 1, MOST_PORT, 1);
  }

  private static Duration timeout(Fields fields) {
    return timeout(fields, ExternalAuthorizer.TIMEOUT);
  }

  /** Of what no request waits for. */
  static Duration longTimeout(Fields fields) {
    return timeout(fields, TraceProvider.TIMEOUT);
  }

  private static Duration timeout(Fields fields, Duration absent) {
    Duration timeout = fields.duration("timeout", MILLISECOND).orElse(absent);
    if (timeout.compareTo(LONGEST) > 0) {
      String shown = "timeout " + fields.text("timeout", "") + " (expected: 1ms to 600s)";
      fields.error(Codes.OUT_OF_RANGE, "timeout", shown, "requests wait for it");
      return absent;
    }
    return timeout;
  }

  private static BodyInCheck body(Fields fields) {
    if (!fields.has("maxRequestBytes")) {
      fields.error(
          Codes.MISSING_FIELD,
          "maxRequestBytes",
          "maxRequestBytes is missing (expected: 1 to " + BodyInCheck.MOST + ")",
          "each request under way may hold as much");
    }
    BodyInCheck body =
        new BodyInCheck(
            fields.integer("maxRequestBytes", 1, BodyInCheck.MOST, 1),
            fields.flag("allowPartialMessage", false),
            fields.flag("packAsBytes", false));
    fields.done();
    return body;
  }

  private static HttpCheck check(Fields fields) {
    String prefix = HttpText.part(fields, "pathPrefix").orElse("");
    if (!prefix.isEmpty() && (!prefix.startsWith("/") || prefix.matches(".*[?#].*"))) {
      fields.error(
          Codes.UNKNOWN_VALUE,
          "pathPrefix",
          "'" + Fields.shortened(prefix) + "' (expected: a path that begins with /)",
          "");
    }
    Map<String, String> add = fields.map("includeAdditionalHeadersInCheck", Fields::lower);
    add.forEach(
        (name, value) -> {
          HttpText.name(fields, name);
          HttpText.value(fields, "includeAdditionalHeadersInCheck", value);
        });
    return new HttpCheck(
        prefix,
        headers(fields, "includeRequestHeadersInCheck"),
        add,
        headers(fields, "headersToUpstreamOnAllow"),
        headers(fields, "headersToDownstreamOnDeny"),
        headers(fields, "headersToDownstreamOnAllow"));
  }

  private static List<String> parameters(Fields fields, String name) {
    List<String> all = fields.texts(name);
    bounded(fields, name, all, " parameters");
    return all;
  }

  private static void bounded(Fields fields, String name, List<String> all, String what) {
    if (all.size() > MOST_HEADERS) {
      fields.error(
          Codes.OUT_OF_RANGE,
          name,
          all.size() + what + " (expected: at most " + MOST_HEADERS + ")",
          "");
    }
  }

  private static List<String> headers(Fields fields, String name) {
    List<String> all = fields.texts(name).stream().map(Fields::lower).toList();
    bounded(fields, name, all, " headers");
    for (String one : all) {
      if (!one.matches("\\*|\\*?[!#$%&'+.^_`|~0-9a-z-]+|[!#$%&'+.^_`|~0-9a-z-]+\\*")) {
        fields.error(
            Codes.UNKNOWN_VALUE,
            name,
            "'" + Fields.shortened(one) + "' (expected: a header's name, PREFIX* or *SUFFIX)",
            "");
      }
    }
    return all;
  }
}
