package dev.weft.routing.process.lint.cover;

import dev.weft.routing.route.match.TextMatcher;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a rule asks of one part of a request.
 *
 * @param negated whether the part must not hold; one that is absent does not
 */
public record Demand(TextMatcher matcher, boolean negated) {

  /** Whether a value will do; null is none. */
  public boolean holds(@Nullable String value) {
    boolean matches = value != null && matcher.matches(value);
    return matches != negated;
  }

  /** Whether only trying values tells what it takes. */
  public boolean regex() {
    return matcher instanceof TextMatcher.Regex;
  }

  /** The one value that it takes; empty where there are others. */
  public Optional<String> only() {
    return !negated && matcher instanceof TextMatcher.Exact exact && !exact.ignoreCase()
        ? Optional.of(exact.value())
        : Optional.empty();
  }

  /** Equal expressions are one: their compiled patterns are not compared. */
  public boolean sameAs(Demand other) {
    return negated == other.negated && same(matcher, other.matcher);
  }

  private static boolean same(TextMatcher one, TextMatcher other) {
    return (one instanceof TextMatcher.Regex first && other instanceof TextMatcher.Regex second)
        ? first.text().equals(second.text())
        : one.equals(other);
  }
}
