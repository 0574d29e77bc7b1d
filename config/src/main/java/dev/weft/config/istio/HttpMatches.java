package dev.weft.config.istio;

import dev.weft.config.istio.route.GatewayNames;
import dev.weft.config.model.HttpMatch;
import dev.weft.config.model.HttpRoute;
import dev.weft.config.model.StringMatch;
import dev.weft.config.model.VirtualService;
import dev.weft.config.model.security.ClaimPath;
import dev.weft.config.problem.Codes;
import dev.weft.config.yaml.Fields;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Reads {@code http[].match}. */
final class HttpMatches {

  private static final int LAST_PORT = 65535;

  private HttpMatches() {}

  static List<HttpMatch> read(Fields route, String namespace) {
    List<HttpMatch> all = new ArrayList<>();
    for (Fields fields : route.objects("match")) {
      if (fields.empty()) {
        fields
            .problems()
            .warning(
                Codes.UNREACHABLE,
                fields.place(),
                fields.path(),
                "an empty match holds for every request",
                "leave match out where that is meant");
      }
      all.add(one(fields, namespace));
    }
    return all;
  }

  private static HttpMatch one(Fields fields, String namespace) {
    HttpMatch match =
        new HttpMatch(
            fields.text("name", ""),
            StringMatches.of(fields, "uri", true),
            StringMatches.of(fields, "scheme", false),
            StringMatches.of(fields, "method", false),
            StringMatches.of(fields, "authority", false),
            StringMatches.byName(fields, "headers", true),
            StringMatches.byName(fields, "withoutHeaders", true),
            StringMatches.byName(fields, "queryParams", false),
            fields.integer("port", 1, LAST_PORT),
            fields.textMap("sourceLabels"),
            fields.text("sourceNamespace", ""),
            GatewayNames.read(fields, namespace),
            fields.flag("ignoreUriCase", false),
            fields.place());
    claims(fields, match);
    ignored(fields, "headers", match.headers().keySet());
    ignored(fields, "withoutHeaders", match.withoutHeaders().keySet());
    fields.notHonoured("statPrefix");
    fields.done();
    return match;
  }

  /** What stands for a claim must be one. */
  private static void claims(Fields fields, HttpMatch match) {
    wrong(fields, "headers", match.headers());
    wrong(fields, "withoutHeaders", match.withoutHeaders());
  }

  private static void wrong(Fields fields, String field, Map<String, StringMatch> matches) {
    for (String name : matches.keySet()) {
      if (ClaimPath.meant(name) && ClaimPath.parse(name).isEmpty()) {
        fields.error(
            Codes.UNKNOWN_VALUE,
            field,
            "'"
                + Fields.shortened(name)
                + "' (expected: a header, or a claim as @request.auth.claims.NAME)",
            "a claim within one is @request.auth.claims[A][B]");
      }
    }
  }

  /**
   * Notes claims that rules of the mesh ask for: tokens are verified where a request comes in.
   *
   * @param gateways of the VirtualService
   */
  static void outsideOfGateways(Fields spec, List<String> gateways, List<HttpRoute> rules) {
    for (int i = 0; i < rules.size(); i++) {
      for (HttpMatch match : rules.get(i).matches()) {
        List<String> at = match.gateways().isEmpty() ? gateways : match.gateways();
        boolean claims =
            Stream.concat(
                    match.headers().keySet().stream(), match.withoutHeaders().keySet().stream())
                .anyMatch(ClaimPath::meant);
        if (claims && at.contains(VirtualService.MESH)) {
          spec.problems()
              .error(
                  Codes.OUT_OF_RANGE,
                  match.place(),
                  spec.path("http[" + i + "].match"),
                  "a match of a JWT claim for the mesh (expected: gateways alone)",
                  "name a gateway: inside the mesh the caller's proxy has verified no token");
        }
      }
    }
  }

  private static void ignored(Fields fields, String field, Set<String> names) {
    for (String name : names) {
      if (HttpMatch.NO_HEADERS.contains(name)) {
        fields.warning(
            Codes.NOT_HONOURED,
            field,
            "'" + name + "' among " + field + " is ignored",
            "write " + name + " beside " + field);
      }
    }
  }
}
