package dev.weft.config.yaml;

import dev.weft.config.problem.Codes;
import java.util.Optional;

/** Texts that become part of a head of HTTP: whatever could end a line or a word is a problem. */
public final class HttpText {

  private static final int DELETE = 0x7F;

  private HttpText() {}

  /** A name of a header as RFC 9110 has it; a colon may stand in front of it. */
  public static void name(Fields fields, String name) {
    if (!name.matches(":?[!#$%&'*+.^_`|~0-9a-z-]+")) {
      fields
          .problems()
          .error(
              Codes.UNKNOWN_VALUE,
              fields.place(),
              fields.path(),
              "'" + Fields.shortened(name) + "' is no header name",
              "letters, digits and !#$%&'*+.^_`|~- (RFC 9110)");
    }
  }

  /** A value of a header. */
  public static void value(Fields fields, String name, String value) {
    boolean good = value.chars().allMatch(c -> c == '\t' || (c >= ' ' && c != DELETE));
    if (!good) {
      fields
          .problems()
          .error(
              Codes.UNKNOWN_VALUE,
              fields.place(),
              fields.path() + "." + name,
              "a value with a control character (expected: one line of text)",
              "a line break would begin another header");
    }
  }

  /** A part of a URL: a path or an authority; its field. */
  public static Optional<String> part(Fields fields, String name) {
    Optional<String> text = fields.text(name);
    if (text.isPresent() && text.get().chars().anyMatch(c -> c <= ' ' || c == DELETE)) {
      fields.error(
          Codes.UNKNOWN_VALUE,
          name,
          "'" + Fields.shortened(text.get()) + "' (expected: no spaces, no control characters)",
          "write a space in a path as %20");
    }
    return text;
  }
}
