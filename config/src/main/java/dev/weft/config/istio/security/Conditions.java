package dev.weft.config.istio.security;

import dev.weft.config.model.Meta;
import dev.weft.config.model.security.AuthorizationPolicy.Values;
import dev.weft.config.model.security.AuthorizationPolicy.When;
import dev.weft.config.problem.Codes;
import dev.weft.config.yaml.Fields;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Reads an entry of {@code when}: an attribute and what its value must be. */
final class Conditions {

  private static final Map<String, Words.Kind> KEYS =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("source.ip", Words.Kind.ADDRESS),
              Map.entry("remote.ip", Words.Kind.ADDRESS),
              Map.entry("source.namespace", Words.Kind.TEXT),
              Map.entry("source.serviceAccount", Words.Kind.ACCOUNT),
              Map.entry("source.principal", Words.Kind.PRINCIPAL),
              Map.entry("source.trustDomain", Words.Kind.TEXT),
              Map.entry("request.auth.principal", Words.Kind.TEXT),
              Map.entry("request.auth.audiences", Words.Kind.TEXT),
              Map.entry("request.auth.presenter", Words.Kind.TEXT),
              Map.entry("destination.ip", Words.Kind.ADDRESS),
              Map.entry("destination.port", Words.Kind.PORT),
              Map.entry("connection.sni", Words.Kind.TEXT)));
  private static final Pattern HEADER =
      Pattern.compile(
          "request\\.headers\\[(:authority|:method|:scheme|[!#$%&'*+.^_`|~0-9A-Za-z-]+)]");
  private static final Pattern CLAIM = Pattern.compile("request\\.auth\\.claims(\\[[^\\[\\]]+])+");

  private Conditions() {}

  static Optional<When> read(Meta meta, Fields fields) {
    String key = fields.required("key", "e.g. request.headers[x-role]");
    Optional<Words.Kind> kind = kind(key);
    if (kind.isEmpty() && !key.isEmpty()) {
      unknown(fields, key);
    }
    Words words = new Words(fields, meta);
    Values values = words.read("values", "notValues", kind.orElse(Words.Kind.TEXT));
    if (!fields.has("values") && !fields.has("notValues")) {
      fields.error(
          Codes.MISSING_FIELD,
          "values",
          "neither values nor notValues (expected: one of them)",
          "");
    }
    fields.done();
    return kind.map(known -> new When(key, values));
  }

  private static Optional<Words.Kind> kind(String key) {
    boolean byName = HEADER.matcher(key).matches() || CLAIM.matcher(key).matches();
    return byName ? Optional.of(Words.Kind.TEXT) : Optional.ofNullable(KEYS.get(key));
  }

  private static void unknown(Fields fields, String key) {
    if (key.equals("request.headers[:path]")) {
      fields.error(
          Codes.SECURITY_NOT_HONOURED,
          "key",
          "key ':path' is not honoured: it would compare one reading of a path with its query",
          "write paths in an operation");
      return;
    }
    if (key.startsWith("experimental.envoy.filters.")) {
      fields.error(
          Codes.SECURITY_NOT_HONOURED,
          "key",
          "key '" + Fields.shortened(key) + "' is Envoy's own and not honoured",
          "");
      return;
    }
    List<String> words = new ArrayList<>(KEYS.keySet());
    words.add("request.headers[NAME]");
    words.add("request.auth.claims[NAME]");
    fields.unknownValue("key", key, words);
  }
}
