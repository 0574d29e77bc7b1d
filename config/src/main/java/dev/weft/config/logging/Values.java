package dev.weft.config.logging;

import dev.weft.config.logging.Attribute.Kind;
import dev.weft.config.logging.Condition.Source;
import java.util.regex.Pattern;

/**
 * Reads an expression that gives a text: a part of CEL. There are texts, numbers, attributes,
 * {@code string(..)}, parentheses, and {@code CONDITION ? VALUE : VALUE} with the conditions of
 * {@link Filters}.
 *
 * <p>Source: Istio telemetry/v1 {@code MetricsOverrides.TagOverride.value}, the Common Expression
 * Language.
 */
public final class Values {

  private static final int DEEPEST = 32;
  private static final Pattern NUMBER = Pattern.compile("[0-9]+");
  private static final String HINT =
      "a value is 'text', an attribute, string(ATTRIBUTE), or CONDITION ? VALUE : VALUE; "
          + Filters.HINT;

  private final Tokens tokens;
  private final Filters conditions;
  private int depth;

  private Values(Tokens tokens) {
    this.tokens = tokens;
    this.conditions = new Filters(tokens);
  }

  /** Reads an expression. */
  public static Value of(String text) throws Unreadable {
    Tokens tokens = Tokens.of(text, HINT);
    Value read = new Values(tokens).value();
    if (!tokens.peek().is("")) {
      throw tokens.unexpected("the end");
    }
    return read;
  }

  private Value value() throws Unreadable {
    depth++;
    if (depth > DEEPEST) {
      throw new Unreadable(
          tokens.peek().at(), "more than " + DEEPEST + " values in one another", "");
    }
    Value value = chosen() ? choice() : plain();
    depth--;
    return value;
  }

  /** Whether what comes is a condition and a question mark. */
  private boolean chosen() {
    int mark = tokens.mark();
    try {
      conditions.whole();
      return tokens.peek().is("?");
    } catch (Unreadable none) {
      return false; // a value then: it tells what is wrong
    } finally {
      tokens.back(mark);
    }
  }

  private Value choice() throws Unreadable {
    Condition condition = conditions.whole();
    tokens.expect("?");
    Value then = value();
    tokens.expect(":");
    return new Value.Choice(condition, then, value());
  }

  private Value plain() throws Unreadable {
    boolean text = tokens.taken("string");
    if (text || tokens.peek().is("(")) {
      tokens.expect("(");
      Value inner = value();
      tokens.expect(")");
      return inner;
    }
    Tokens.Token token = tokens.peek();
    if (token.quoted() || NUMBER.matcher(token.text()).matches()) {
      return new Value.Fixed(tokens.take().text());
    }
    Source source = conditions.source(conditions.attribute());
    if (source.attribute().kind() == Kind.DURATION) {
      throw new Unreadable(
          token.at(),
          "'" + token.text() + "' (expected: what has few values)",
          "a histogram tells durations");
    }
    return new Value.Asked(source);
  }
}
