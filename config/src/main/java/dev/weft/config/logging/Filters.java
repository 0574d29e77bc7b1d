package dev.weft.config.logging;

import dev.weft.config.logging.Attribute.Kind;
import dev.weft.config.logging.Condition.Comparison;
import dev.weft.config.logging.Condition.Likeness;
import dev.weft.config.logging.Condition.Source;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Reads a filter: a part of CEL, and {@code sampled(PERCENT)} of ours. There are {@code ||}, {@code
 * &&}, {@code !} and parentheses; an attribute compared with a constant by {@code == != < <= > >=}
 * or {@code in [..]}; {@code startsWith}, {@code endsWith} and {@code contains} of a text; and
 * {@code has(..)}.
 *
 * <p>Source: Istio telemetry/v1 {@code AccessLogging.Filter.expression}, the Common Expression
 * Language.
 */
public final class Filters {

  /** Every line. */
  public static final Condition ALL = new Condition.Every(List.of());

  private static final int DEEPEST = 32;
  static final String HINT =
      "supported are || && ! ( ), == != < <= > >= in [..], startsWith endsWith contains, has(),"
          + " sampled(PERCENT), duration('1s') and: "
          + Attribute.all();
  private static final Map<String, Likeness> METHODS =
      Map.of(
          "startsWith", Likeness.BEGINS, "endsWith", Likeness.ENDS, "contains", Likeness.CONTAINS);
  private static final Map<String, Double> UNITS =
      Map.of("ms", 1.0, "s", 1e3, "m", 60e3, "h", 3600e3);
  private static final Pattern NUMBER = Pattern.compile("[0-9]+(?:\\.[0-9]+)?");

  private final Tokens tokens;
  private int depth;

  /**
   * @param tokens that are read, by others too
   */
  Filters(Tokens tokens) {
    this.tokens = tokens;
  }

  /** Reads a filter; an empty one lets every line through. */
  public static Condition of(String text) throws Unreadable {
    if (text.isBlank()) {
      return ALL;
    }
    Tokens tokens = Tokens.of(text, HINT);
    Condition read = new Filters(tokens).whole();
    if (!tokens.peek().is("")) {
      throw tokens.unexpected("the end, && or ||");
    }
    return read;
  }

  /** A condition, as far as it goes. */
  Condition whole() throws Unreadable {
    depth = 0;
    return some();
  }

  private Condition some() throws Unreadable {
    depth++;
    if (depth > DEEPEST) {
      throw new Unreadable(
          tokens.peek().at(), "more than " + DEEPEST + " parentheses in one another", "");
    }
    List<Condition> all = new ArrayList<>(List.of(every()));
    while (tokens.taken("||")) {
      all.add(every());
    }
    depth--;
    return all.size() == 1 ? all.get(0) : new Condition.Some(all);
  }

  private Condition every() throws Unreadable {
    List<Condition> all = new ArrayList<>(List.of(one()));
    while (tokens.taken("&&")) {
      all.add(one());
    }
    return all.size() == 1 ? all.get(0) : new Condition.Every(all);
  }

  private Condition one() throws Unreadable {
    boolean not = false;
    while (tokens.taken("!")) {
      not = !not;
    }
    Condition one = positive();
    return not ? new Condition.Not(one) : one;
  }

  private Condition positive() throws Unreadable {
    if (tokens.taken("(")) {
      Condition inner = some();
      tokens.expect(")");
      return inner;
    }
    if (tokens.taken("has")) {
      tokens.expect("(");
      Condition there = new Condition.There(source(attribute()));
      tokens.expect(")");
      return there;
    }
    if (tokens.taken("sampled")) {
      tokens.expect("(");
      Tokens.Token token = tokens.peek();
      double percent = number();
      if (percent > 100) {
        throw new Unreadable(token.at(), token.text() + " percent (expected: 0 to 100)", "");
      }
      tokens.expect(")");
      return new Condition.Sampled(percent);
    }
    return tokens.peek().quoted() ? contained() : compared(attribute());
  }

  /** {@code 'name' in request.headers}. */
  private Condition contained() throws Unreadable {
    String name = tokens.take().text().toLowerCase(Locale.ROOT);
    tokens.expect("in");
    Tokens.Token token = tokens.peek();
    Attribute in = attribute();
    if (in.kind() != Kind.HEADERS) {
      throw new Unreadable(token.at(), "a name in " + in.word() + " (expected: headers)", HINT);
    }
    return new Condition.There(new Source(in, name));
  }

  private Condition compared(Attribute attribute) throws Unreadable {
    return switch (attribute.kind()) {
      case NUMBER, DURATION -> numbers(attribute);
      case TRUTH -> truth(attribute);
      case TEXT, HEADERS -> texts(source(attribute));
    };
  }

  private Condition numbers(Attribute attribute) throws Unreadable {
    if (tokens.taken("in")) {
      Set<Double> values = new HashSet<>();
      tokens.expect("[");
      do {
        values.add(value(attribute));
      } while (tokens.taken(","));
      tokens.expect("]");
      return new Condition.OneAmount(attribute, values);
    }
    Comparison comparison = comparison();
    return new Condition.Amount(attribute, comparison, value(attribute));
  }

  private double value(Attribute attribute) throws Unreadable {
    if (attribute.kind() == Kind.DURATION && tokens.taken("duration")) {
      tokens.expect("(");
      Tokens.Token token = tokens.take();
      Optional<Double> millis = token.quoted() ? millis(token.text()) : Optional.empty();
      if (millis.isEmpty()) {
        throw new Unreadable(
            token.at(), "'" + token.text() + "' (expected: a duration, e.g. '1.5s')", "");
      }
      tokens.expect(")");
      return millis.get();
    }
    if (!NUMBER.matcher(tokens.peek().text()).matches() || tokens.peek().quoted()) {
      throw tokens.unexpected(attribute.kind().expected());
    }
    return number();
  }

  private static Optional<Double> millis(String text) {
    int unit = 0;
    while (unit < text.length() && !Character.isLetter(text.charAt(unit))) {
      unit++;
    }
    String amount = text.substring(0, unit);
    return NUMBER.matcher(amount).matches()
        ? Optional.ofNullable(UNITS.get(text.substring(unit)))
            .map(factor -> factor * Double.parseDouble(amount))
        : Optional.empty();
  }

  private Condition truth(Attribute attribute) throws Unreadable {
    boolean equal = tokens.peek().is("==");
    if (!equal && !tokens.peek().is("!=")) {
      return new Condition.Truth(attribute, true);
    }
    tokens.take();
    if (!tokens.peek().is("true") && !tokens.peek().is("false")) {
      throw tokens.unexpected(attribute.kind().expected());
    }
    return new Condition.Truth(attribute, tokens.take().is("true") == equal);
  }

  private Condition texts(Source source) throws Unreadable {
    if (tokens.taken(".")) {
      Likeness method = METHODS.get(tokens.peek().text());
      if (method == null) {
        throw tokens.unexpected("startsWith, endsWith or contains");
      }
      tokens.take();
      tokens.expect("(");
      String value = text();
      tokens.expect(")");
      return new Condition.Text(source, method, value);
    }
    if (tokens.taken("in")) {
      Set<String> values = new HashSet<>();
      tokens.expect("[");
      do {
        values.add(text());
      } while (tokens.taken(","));
      tokens.expect("]");
      return new Condition.OneText(source, values);
    }
    int at = tokens.peek().at();
    Comparison comparison = comparison();
    if (comparison != Comparison.EQUAL && comparison != Comparison.UNEQUAL) {
      throw new Unreadable(at, comparison.sign() + " of a text (expected: == or !=)", HINT);
    }
    boolean equal = comparison == Comparison.EQUAL;
    return new Condition.Text(source, equal ? Likeness.IS : Likeness.IS_NOT, text());
  }

  /** Headers have their name in brackets. */
  Source source(Attribute attribute) throws Unreadable {
    if (attribute.kind() != Kind.HEADERS) {
      return new Source(attribute, "");
    }
    if (!tokens.taken("[")) {
      throw tokens.unexpected(attribute.kind().expected());
    }
    String name = text().toLowerCase(Locale.ROOT);
    tokens.expect("]");
    return new Source(attribute, name);
  }

  /** An attribute that must be there. */
  Attribute attribute() throws Unreadable {
    Tokens.Token token = tokens.peek();
    Optional<Attribute> known = token.quoted() ? Optional.empty() : Attribute.of(token.text());
    if (known.isEmpty()) {
      throw tokens.unexpected("an attribute");
    }
    tokens.take();
    return known.get();
  }

  private Comparison comparison() throws Unreadable {
    Tokens.Token token = tokens.peek();
    Optional<Comparison> known =
        Arrays.stream(Comparison.values()).filter(one -> token.is(one.sign())).findFirst();
    if (known.isEmpty()) {
      throw tokens.unexpected("a comparison");
    }
    tokens.take();
    return known.get();
  }

  private String text() throws Unreadable {
    if (!tokens.peek().quoted()) {
      throw tokens.unexpected(Kind.TEXT.expected());
    }
    return tokens.take().text();
  }

  private double number() throws Unreadable {
    if (!NUMBER.matcher(tokens.peek().text()).matches() || tokens.peek().quoted()) {
      throw tokens.unexpected(Kind.NUMBER.expected());
    }
    return Double.parseDouble(tokens.take().text());
  }
}
