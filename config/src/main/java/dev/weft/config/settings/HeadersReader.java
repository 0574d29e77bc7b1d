package dev.weft.config.settings;

import dev.weft.config.model.settings.edge.SecurityHeaders;
import dev.weft.config.problem.Codes;
import dev.weft.config.yaml.Fields;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads {@code securityHeaders}.
 *
 * <p>Source: RFC 6797 (HSTS), RFC 7034 (frame options), the Fetch standard (nosniff), Referrer
 * Policy, Content Security Policy, Permissions Policy, and the HTML standard (cross-origin).
 */
final class HeadersReader {

  private static final int LONGEST = 4096; // of one value: many proxies take no longer line
  private static final List<String> REFERRERS =
      List.of(
          "no-referrer",
          "no-referrer-when-downgrade",
          "origin",
          "origin-when-cross-origin",
          "same-origin",
          "strict-origin",
          "strict-origin-when-cross-origin",
          "unsafe-url");
  private static final List<String> OPENERS =
      List.of("unsafe-none", "same-origin-allow-popups", "same-origin", "noopener-allow-popups");
  private static final List<String> EMBEDDERS =
      List.of("unsafe-none", "require-corp", "credentialless");
  private static final List<String> RESOURCES = List.of("same-site", "same-origin", "cross-origin");
  private static final String AGE =
      "max-age=(\\d{1,10}|\"\\d{1,10}\")(\\s*;\\s*(includeSubDomains|preload))*\\s*";

  private HeadersReader() {}

  static SecurityHeaders read(Fields fields) {
    boolean enabled = fields.flag("enabled", true);
    Map<String, String> others = new LinkedHashMap<>();
    if (fields.flag("contentTypeOptions", false)) {
      others.put("x-content-type-options", "nosniff");
    }
    word(fields, "frameOptions", List.of("DENY", "SAMEORIGIN"))
        .ifPresent(value -> others.put("x-frame-options", value));
    word(fields, "referrerPolicy", REFERRERS)
        .ifPresent(value -> others.put("referrer-policy", value));
    word(fields, "crossOriginOpenerPolicy", OPENERS)
        .ifPresent(value -> others.put("cross-origin-opener-policy", value));
    word(fields, "crossOriginEmbedderPolicy", EMBEDDERS)
        .ifPresent(value -> others.put("cross-origin-embedder-policy", value));
    word(fields, "crossOriginResourcePolicy", RESOURCES)
        .ifPresent(value -> others.put("cross-origin-resource-policy", value));
    line(fields, "contentSecurityPolicy")
        .ifPresent(value -> others.put("content-security-policy", value));
    line(fields, "permissionsPolicy").ifPresent(value -> others.put("permissions-policy", value));
    SecurityHeaders headers =
        new SecurityHeaders(transport(fields), others, fields.flag("removeServer", false));
    fields.done();
    if (headers.equals(SecurityHeaders.NONE) == enabled) {
      fields
          .problems()
          .error(
              enabled ? Codes.MISSING_FIELD : Codes.CONFLICT,
              fields.place(),
              fields.path(),
              enabled
                  ? "securityHeaders says nothing (expected: e.g. contentTypeOptions: true)"
                  : "enabled: false beside headers (expected: nothing else)",
              "enabled: false alone tells nothing for these rules");
    }
    return headers;
  }

  private static Optional<String> transport(Fields fields) {
    Optional<String> value = line(fields, "strictTransportSecurity");
    if (value.isPresent() && !value.get().matches(AGE)) {
      fields.error(
          Codes.UNKNOWN_VALUE,
          "strictTransportSecurity",
          "'" + Fields.shortened(value.get()) + "' (expected: max-age=SECONDS)",
          "e.g. max-age=31536000; includeSubDomains (RFC 6797)");
    }
    return value;
  }

  private static Optional<String> word(Fields fields, String name, List<String> words) {
    Optional<String> value = fields.text(name);
    value
        .filter(text -> !words.contains(text))
        .ifPresent(text -> fields.unknownValue(name, text, words));
    return value;
  }

  /** A value that is sent as it stands: one line of visible ASCII. */
  private static Optional<String> line(Fields fields, String name) {
    Optional<String> value = fields.text(name);
    if (value.isEmpty()) {
      return value;
    }
    String text = value.get();
    if (text.isBlank() || text.length() > LONGEST) {
      fields.error(
          Codes.OUT_OF_RANGE,
          name,
          name + " of " + text.length() + " characters (expected: 1 to " + LONGEST + ")",
          "");
    }
    if (!text.chars().allMatch(c -> c >= ' ' && c <= '~')) {
      fields.error(
          Codes.UNKNOWN_VALUE,
          name,
          name + " with a control character, or one that is not ASCII (expected: one line)",
          "a line break would begin another header");
    }
    return value;
  }
}
