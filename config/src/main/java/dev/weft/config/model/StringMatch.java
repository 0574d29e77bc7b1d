package dev.weft.config.model;

/**
 * Istio's {@code StringMatch}: how a configured text is compared with what a request carries.
 *
 * <p>Source: Istio networking/v1 {@code StringMatch}; a regex is RE2 and must match the whole
 * value.
 */
public sealed interface StringMatch {

  /** The whole value, case-sensitive. */
  record Exact(String value) implements StringMatch {}

  /** The beginning of the value as plain text: {@code /foo} covers {@code /foobar}. */
  record Prefix(String value) implements StringMatch {}

  /**
   * An RE2 expression that must match the whole value.
   *
   * @param value at most 1024 characters; known to compile
   */
  record Regex(String value) implements StringMatch {}

  /** There is a value, whatever it is: {@code {}} or {@code regex: "*"} for a header or query. */
  record Present() implements StringMatch {}
}
