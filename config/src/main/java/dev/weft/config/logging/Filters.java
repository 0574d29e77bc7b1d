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

  private static final int LONGEST = 4096;
  private static final int DEEPEST = 32;
  private static final String HINT =
      "supported are || && ! ( ), == != < <= > >= in [..], startsWith endsWith contains, has(),"
          + " sampled(PERCENT), duration('1s') and: "
          + Attribute.all();
  private static final Map<String, Likeness> METHODS =
      Map.of(
          "startsWith", Likeness.BEGINS, "endsWith", Likeness.ENDS, "contains", Likeness.CONTAINS);
  private static final Map<String, Double> UNITS =
      Map.of("ms", 1.0, "s", 1e3, "m", 60e3, "h", 3600e3);
  private static final Set<String> SIGNS = Set.of("||", "&&", "==", "!=", ">=", "<=");
  private static final Pattern NUMBER = Pattern.compile("[0-9]+(?:\\.[0-9]+)?");

  private final List<Token> tokens;
  private int next;
  private int depth;

  private Filters(List<Token> tokens) {
    this.tokens = tokens;
  }

  /** A piece of the text: a word, a number, a sign, or a text without its quotes. */
  private record Token(String text, int at, boolean quoted) {
    boolean is(String sign) {
      return !quoted && text.equals(sign);
    }
  }

  /** Reads a filter; an empty one lets every line through. */
  public static Condition of(String text) throws Unreadable {
    if (text.isBlank()) {
      return ALL;
    }
    if (text.length() > LONGEST) {
      throw new Unreadable(LONGEST, "longer than " + LONGEST + " characters", "");
    }
    Filters reader = new Filters(tokens(text));
    Condition read = reader.some();
    if (!reader.peek().is("")) {
      throw reader.unexpected("the end, && or ||");
    }
    return read;
  }

  private Condition some() throws Unreadable {
    depth++;
    if (depth > DEEPEST) {
      throw new Unreadable(peek().at, "more than " + DEEPEST + " parentheses in one another", "");
    }
    List<Condition> all = new ArrayList<>(List.of(every()));
    while (taken("||")) {
      all.add(every());
    }
    depth--;
    return all.size() == 1 ? all.get(0) : new Condition.Some(all);
  }

  private Condition every() throws Unreadable {
    List<Condition> all = new ArrayList<>(List.of(one()));
    while (taken("&&")) {
      all.add(one());
    }
    return all.size() == 1 ? all.get(0) : new Condition.Every(all);
  }

  private Condition one() throws Unreadable {
    boolean not = false;
    while (taken("!")) {
      not = !not;
    }
    Condition one = positive();
    return not ? new Condition.Not(one) : one;
  }

  private Condition positive() throws Unreadable {
    if (taken("(")) {
      Condition inner = some();
      expect(")");
      return inner;
    }
    if (taken("has")) {
      expect("(");
      Condition there = new Condition.There(source(attribute()));
      expect(")");
      return there;
    }
    if (taken("sampled")) {
      expect("(");
      Token token = peek();
      double percent = number();
      if (percent > 100) {
        throw new Unreadable(token.at, token.text + " percent (expected: 0 to 100)", "");
      }
      expect(")");
      return new Condition.Sampled(percent);
    }
    return peek().quoted ? contained() : compared(attribute());
  }

  /** {@code 'name' in request.headers}. */
  private Condition contained() throws Unreadable {
    String name = take().text.toLowerCase(Locale.ROOT);
    expect("in");
    Token token = peek();
    Attribute in = attribute();
    if (in.kind() != Kind.HEADERS) {
      throw new Unreadable(token.at, "a name in " + in.word() + " (expected: headers)", HINT);
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
    if (taken("in")) {
      Set<Double> values = new HashSet<>();
      expect("[");
      do {
        values.add(value(attribute));
      } while (taken(","));
      expect("]");
      return new Condition.OneAmount(attribute, values);
    }
    Comparison comparison = comparison();
    return new Condition.Amount(attribute, comparison, value(attribute));
  }

  private double value(Attribute attribute) throws Unreadable {
    if (attribute.kind() == Kind.DURATION && taken("duration")) {
      expect("(");
      Token token = take();
      Optional<Double> millis = token.quoted ? millis(token.text) : Optional.empty();
      if (millis.isEmpty()) {
        throw new Unreadable(
            token.at, "'" + token.text + "' (expected: a duration, e.g. '1.5s')", "");
      }
      expect(")");
      return millis.get();
    }
    if (!NUMBER.matcher(peek().text).matches() || peek().quoted) {
      throw unexpected(attribute.kind().expected());
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
    boolean equal = peek().is("==");
    if (!equal && !peek().is("!=")) {
      return new Condition.Truth(attribute, true);
    }
    take();
    if (!peek().is("true") && !peek().is("false")) {
      throw unexpected(attribute.kind().expected());
    }
    return new Condition.Truth(attribute, take().is("true") == equal);
  }

  private Condition texts(Source source) throws Unreadable {
    if (taken(".")) {
      Likeness method = METHODS.get(peek().text);
      if (method == null) {
        throw unexpected("startsWith, endsWith or contains");
      }
      take();
      expect("(");
      String value = text();
      expect(")");
      return new Condition.Text(source, method, value);
    }
    if (taken("in")) {
      Set<String> values = new HashSet<>();
      expect("[");
      do {
        values.add(text());
      } while (taken(","));
      expect("]");
      return new Condition.OneText(source, values);
    }
    int at = peek().at;
    Comparison comparison = comparison();
    if (comparison != Comparison.EQUAL && comparison != Comparison.UNEQUAL) {
      throw new Unreadable(at, comparison.sign() + " of a text (expected: == or !=)", HINT);
    }
    boolean equal = comparison == Comparison.EQUAL;
    return new Condition.Text(source, equal ? Likeness.IS : Likeness.IS_NOT, text());
  }

  /** Headers have their name in brackets. */
  private Source source(Attribute attribute) throws Unreadable {
    if (attribute.kind() != Kind.HEADERS) {
      return new Source(attribute, "");
    }
    if (!taken("[")) {
      throw unexpected(attribute.kind().expected());
    }
    String name = text().toLowerCase(Locale.ROOT);
    expect("]");
    return new Source(attribute, name);
  }

  private Attribute attribute() throws Unreadable {
    Token token = peek();
    Optional<Attribute> known = token.quoted ? Optional.empty() : Attribute.of(token.text);
    if (known.isEmpty()) {
      throw unexpected("an attribute");
    }
    take();
    return known.get();
  }

  private Comparison comparison() throws Unreadable {
    Token token = peek();
    Optional<Comparison> known =
        Arrays.stream(Comparison.values()).filter(one -> token.is(one.sign())).findFirst();
    if (known.isEmpty()) {
      throw unexpected("a comparison");
    }
    take();
    return known.get();
  }

  private String text() throws Unreadable {
    if (!peek().quoted) {
      throw unexpected(Kind.TEXT.expected());
    }
    return take().text;
  }

  private double number() throws Unreadable {
    if (!NUMBER.matcher(peek().text).matches() || peek().quoted) {
      throw unexpected(Kind.NUMBER.expected());
    }
    return Double.parseDouble(take().text);
  }

  private Token peek() {
    return tokens.get(next);
  }

  private Token take() {
    Token token = tokens.get(next);
    next = Math.min(next + 1, tokens.size() - 1);
    return token;
  }

  private boolean taken(String sign) {
    if (!peek().is(sign)) {
      return false;
    }
    take();
    return true;
  }

  private void expect(String sign) throws Unreadable {
    if (!taken(sign)) {
      throw unexpected("'" + sign + "'");
    }
  }

  private Unreadable unexpected(String expected) {
    Token token = peek();
    String shown = token.is("") ? "the end" : "'" + token.text + "'";
    return new Unreadable(token.at, shown + " (expected: " + expected + ")", HINT);
  }

  private static List<Token> tokens(String text) throws Unreadable {
    List<Token> all = new ArrayList<>();
    int at = 0;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (Character.isWhitespace(c)) {
        at++;
      } else if (c == '\'' || c == '"') {
        at = quoted(text, at, all);
      } else {
        int end = end(text, at);
        all.add(new Token(text.substring(at, end), at, false));
        at = end;
      }
    }
    all.add(new Token("", text.length(), false));
    return all;
  }

  private static int quoted(String text, int at, List<Token> all) throws Unreadable {
    StringBuilder inside = new StringBuilder();
    int end = at + 1;
    while (end < text.length() && text.charAt(end) != text.charAt(at)) {
      if (text.charAt(end) == '\\') {
        end++;
        if (end == text.length() || "\\'\"".indexOf(text.charAt(end)) < 0) {
          throw new Unreadable(end - 1, "an escape other than \\\\, \\' and \\\"", "");
        }
      }
      inside.append(text.charAt(end));
      end++;
    }
    if (end >= text.length()) {
      throw new Unreadable(at, "a text without its end", "");
    }
    all.add(new Token(inside.toString(), at, true));
    return end + 1;
  }

  /** Where a word, a number or a sign ends. A method's point is a sign. */
  private static int end(String text, int from) {
    int end = from;
    while (text.charAt(from) != '.' && end < text.length() && word(text.charAt(end))) {
      end++;
    }
    if (end > from) {
      String word = text.substring(from, end);
      int point = word.lastIndexOf('.');
      return point > 0 && METHODS.containsKey(word.substring(point + 1)) ? from + point : end;
    }
    int two = Math.min(from + 2, text.length());
    return SIGNS.contains(text.substring(from, two)) ? two : from + 1;
  }

  private static boolean word(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '_'
        || c == '.';
  }
}
