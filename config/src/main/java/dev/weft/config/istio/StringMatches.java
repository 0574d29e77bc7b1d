package dev.weft.config.istio;

import dev.weft.config.model.StringMatch;
import dev.weft.config.model.security.ClaimPath;
import dev.weft.config.problem.Codes;
import dev.weft.config.yaml.Fields;
import dev.weft.config.yaml.Regexes;
import dev.weft.config.yaml.YamlNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Reads Istio's {@code StringMatch}: exactly one of exact, prefix and regex. */
final class StringMatches {

  private StringMatches() {}

  /** A match of a value that is always there: uri, scheme, method, authority. */
  static Optional<StringMatch> of(Fields parent, String name, boolean emptyPrefix) {
    Optional<Fields> object = parent.object(name);
    if (object.isEmpty()) {
      return Optional.empty();
    }
    Fields fields = object.get();
    Optional<StringMatch> match = read(fields, false);
    if (match.isEmpty() && fields.empty()) {
      parent.error(
          Codes.MISSING_FIELD, name, name + " says nothing (expected: exact, prefix or regex)", "");
    }
    if (!emptyPrefix && match.orElse(null) instanceof StringMatch.Prefix prefix) {
      if (prefix.value().isEmpty()) {
        fields.error(Codes.OUT_OF_RANGE, "prefix", "an empty prefix (expected: some text)", "");
      }
    }
    return match;
  }

  /** Matches by the names of headers or query parameters; one that says nothing is presence. */
  static Map<String, StringMatch> byName(Fields parent, String name, boolean lowerCase) {
    Map<String, StringMatch> all = new LinkedHashMap<>();
    Optional<Fields> object = parent.object(name);
    if (object.isEmpty()) {
      return all;
    }
    for (YamlNode.Entry entry : object.get().entries()) {
      String path = parent.path(name) + "." + entry.key();
      Fields fields = Fields.of(entry.value(), path, parent.problems());
      boolean nothing = fields.empty();
      Optional<StringMatch> match = read(fields, true);
      boolean lower = lowerCase && !ClaimPath.meant(entry.key());
      String key = lower ? Fields.lower(entry.key()) : entry.key();
      if (nothing || match.isPresent()) {
        all.put(key, match.orElse(new StringMatch.Present()));
      }
    }
    return all;
  }

  /** An entry of a list, e.g. {@code allowOrigins}. */
  static Optional<StringMatch> item(Fields fields) {
    Optional<StringMatch> match = read(fields, false);
    if (match.isEmpty() && fields.empty()) {
      fields
          .problems()
          .error(
              Codes.MISSING_FIELD,
              fields.place(),
              fields.path(),
              "it says nothing (expected: exact, prefix or regex)",
              "");
    }
    return match;
  }

  /**
   * @param presence whether {@code regex: "*"} means that there is a value
   */
  private static Optional<StringMatch> read(Fields fields, boolean presence) {
    Optional<StringMatch> match = Optional.empty();
    int given = 0;
    if (fields.has("exact")) {
      given++;
      match = Optional.of(new StringMatch.Exact(fields.text("exact", "")));
    }
    if (fields.has("prefix")) {
      given++;
      match = Optional.of(new StringMatch.Prefix(fields.text("prefix", "")));
    }
    if (fields.has("regex")) {
      given++;
      match = regex(fields, presence);
    }
    fields.done();
    if (given > 1) {
      fields
          .problems()
          .error(
              Codes.CONFLICT,
              fields.place(),
              fields.path(),
              "several of exact, prefix and regex (expected: one)",
              "write one match entry each");
      return Optional.empty();
    }
    return match;
  }

  private static Optional<StringMatch> regex(Fields fields, boolean presence) {
    String pattern = fields.text("regex", "");
    if (presence && pattern.equals("*")) {
      return Optional.of(new StringMatch.Present());
    }
    return Regexes.check(fields, "regex", pattern)
        ? Optional.of(new StringMatch.Regex(pattern))
        : Optional.empty();
  }
}
