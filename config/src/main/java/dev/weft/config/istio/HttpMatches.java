package dev.weft.config.istio;

import dev.weft.config.istio.route.GatewayNames;
import dev.weft.config.model.HttpMatch;
import dev.weft.config.problem.Codes;
import dev.weft.config.yaml.Fields;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

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

  private static void claims(Fields fields, HttpMatch match) {
    boolean claim =
        match.headers().keySet().stream().anyMatch(name -> name.startsWith("@request.auth"))
            || match.withoutHeaders().keySet().stream()
                .anyMatch(name -> name.startsWith("@request.auth"));
    if (claim) {
      fields.error(
          Codes.SECURITY_NOT_HONOURED,
          "headers",
          "a match of a JWT claim is not honoured by this version",
          "match on a header that your service sets");
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
