package dev.weft.routing.route.match;

import com.google.re2j.Pattern;
import dev.weft.config.model.StringMatch;
import java.util.Locale;
import java.util.Optional;

/** Compares one text with a configured {@link StringMatch}. Immutable; any thread. */
public sealed interface TextMatcher {

  boolean matches(String value);

  /** As a person says it: {@code is "beta"}, {@code begins with "/v1"}. */
  String described();

  /**
   * @param ignoreCase concerns exact and prefix only, as in Istio
   */
  static TextMatcher of(StringMatch match, boolean ignoreCase) {
    if (match instanceof StringMatch.Exact exact) {
      return new Exact(ignoreCase ? lower(exact.value()) : exact.value(), ignoreCase);
    }
    if (match instanceof StringMatch.Prefix prefix) {
      return new Prefix(ignoreCase ? lower(prefix.value()) : prefix.value(), ignoreCase);
    }
    if (match instanceof StringMatch.Regex regex) {
      return regex(regex.value());
    }
    return new Any();
  }

  private static TextMatcher regex(String text) {
    if (text.equals(".*")) {
      return new Any();
    }
    int literal = literalPrefix(text);
    if (literal == text.length()) {
      return new Exact(text, false);
    }
    String rest = text.substring(literal);
    return rest.equals(".*")
        ? new Prefix(text.substring(0, literal), false)
        : new Regex(text, text.substring(0, literal), Pattern.compile(rest));
  }

  /** How many characters at the beginning stand for themselves, whatever follows. */
  private static int literalPrefix(String text) {
    if (text.indexOf('|') >= 0) {
      return 0;
    }
    int end = 0;
    while (end < text.length() && ".*+?()[]{}^$\\|".indexOf(text.charAt(end)) < 0) {
      end++;
    }
    boolean repeated = end < text.length() && "*+?{".indexOf(text.charAt(end)) >= 0;
    return repeated ? end - 1 : end;
  }

  private static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }

  /** The exact text of a condition that can be indexed; empty for any other. */
  default Optional<String> exact() {
    return Optional.empty();
  }

  /** The whole value. */
  record Exact(String value, boolean ignoreCase) implements TextMatcher {
    @Override
    public boolean matches(String text) {
      return ignoreCase ? value.equalsIgnoreCase(text) : value.equals(text);
    }

    @Override
    public Optional<String> exact() {
      return ignoreCase ? Optional.empty() : Optional.of(value);
    }

    @Override
    public String described() {
      return "\"" + value + "\"";
    }
  }

  /** The beginning. */
  record Prefix(String value, boolean ignoreCase) implements TextMatcher {
    @Override
    public boolean matches(String text) {
      return text.regionMatches(ignoreCase, 0, value, 0, value.length());
    }

    @Override
    public String described() {
      return "\"" + value + "...\"";
    }
  }

  /**
   * RE2 over the whole value; its literal beginning is compared first, since that is ten times
   * cheaper.
   */
  record Regex(String text, String literal, Pattern rest) implements TextMatcher {
    @Override
    public boolean matches(String value) {
      return value.startsWith(literal) && rest.matches(value.substring(literal.length()));
    }

    @Override
    public String described() {
      return "regex " + text;
    }
  }

  /** Whatever it is. */
  record Any() implements TextMatcher {
    @Override
    public boolean matches(String text) {
      return true;
    }

    @Override
    public String described() {
      return "anything";
    }
  }
}
