package dev.weft.config.settings;

import dev.weft.config.model.settings.edge.ApiKeys;
import dev.weft.config.problem.Codes;
import dev.weft.config.yaml.Fields;
import dev.weft.config.yaml.HttpText;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads {@code apiKeys}. */
final class KeysReader {

  private static final int MOST = 10_000;
  private static final String NAME = "[!-~]{1,100}";
  private static final String OF_NOTHING = // of the empty text
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  private static final List<String> RESERVED =
      List.of("authorization", "cookie", "host", "user-agent", "x-request-id");
  private static final String HINT =
      "make one by openssl rand -hex 32; its hash: printf %s KEY | sha256sum";

  private KeysReader() {}

  static ApiKeys read(Fields fields) {
    boolean enabled = fields.flag("enabled", true);
    Optional<String> header = fields.text("header").map(name -> header(fields, name));
    Optional<String> query = fields.text("query");
    query
        .filter(name -> !name.matches("[A-Za-z0-9._~-]{1,100}"))
        .ifPresent(
            name ->
                fields.error(
                    Codes.UNKNOWN_VALUE,
                    "query",
                    "'" + Fields.shortened(name) + "' (expected: the name of a parameter)",
                    "letters, digits and ._~-"));
    List<ApiKeys.Key> keys = keys(fields);
    fields.done();
    if (!enabled) {
      Switched.off(fields, header.isPresent() || query.isPresent() || fields.has("keys"));
      return ApiKeys.OFF;
    }
    if (header.isPresent() == query.isPresent()) {
      fields
          .problems()
          .error(
              header.isPresent() ? Codes.CONFLICT : Codes.MISSING_FIELD,
              fields.place(),
              fields.path(),
              "keys in "
                  + (header.isPresent() ? "two places" : "no place")
                  + " (expected: header or query)",
              "a header is in fewer logs");
    }
    if (keys.isEmpty() && fields.items("keys").isEmpty()) {
      fields.error(
          Codes.MISSING_FIELD, "keys", "no keys (expected: at least one, name and sha256)", HINT);
    }
    return new ApiKeys(header, query, keys);
  }

  private static String header(Fields fields, String name) {
    String lower = Fields.lower(name);
    HttpText.name(fields, lower);
    if (lower.startsWith(":") || RESERVED.contains(lower)) {
      fields.error(
          Codes.UNKNOWN_VALUE,
          "header",
          "'" + lower + "' (expected: a header of its own)",
          "e.g. x-api-key");
    }
    return lower;
  }

  private static List<ApiKeys.Key> keys(Fields fields) {
    List<ApiKeys.Key> all = new ArrayList<>();
    Set<String> names = new HashSet<>();
    Set<String> hashes = new HashSet<>();
    for (Fields one : fields.objects("keys")) {
      String name = one.required("name", "a name");
      String hash = Fields.lower(one.required("sha256", "64 hexadecimal digits"));
      one.done();
      boolean said = !name.isEmpty() && !hash.isEmpty();
      if (said && good(one, name, hash) && (!names.add(name) || !hashes.add(hash))) {
        one.error(
            Codes.DUPLICATE_NAME,
            "name",
            "'" + name + "' has the name or the key of another one",
            "");
      }
      all.add(new ApiKeys.Key(name, hash));
    }
    if (all.size() > MOST) {
      fields.error(
          Codes.TOO_LARGE, "keys", all.size() + " keys (expected: at most " + MOST + ")", "");
    }
    return all;
  }

  private static boolean good(Fields one, String name, String hash) {
    if (!name.matches(NAME)) {
      one.error(
          Codes.UNKNOWN_VALUE,
          "name",
          "'" + Fields.shortened(name) + "' (expected: up to 100 visible characters of ASCII)",
          "");
      return false;
    }
    if (!hash.matches("[0-9a-f]{64}")) { // not shown: it may be a key
      one.error(
          Codes.UNKNOWN_VALUE, "sha256", "no SHA-256 (expected: 64 hexadecimal digits)", HINT);
      return false;
    }
    if (hash.equals(OF_NOTHING)) {
      one.error(Codes.UNKNOWN_VALUE, "sha256", "the hash of an empty key", HINT);
      return false;
    }
    return true;
  }
}
