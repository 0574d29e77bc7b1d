package dev.weft.config.logging;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The pieces of an expression, read one after the other. */
final class Tokens {

  private static final int LONGEST = 4096;
  private static final Set<String> SIGNS = Set.of("||", "&&", "==", "!=", ">=", "<=");
  private static final Set<String> METHODS = Set.of("startsWith", "endsWith", "contains");

  private final List<Token> tokens;
  private final String hint;
  private int next;

  private Tokens(List<Token> tokens, String hint) {
    this.tokens = tokens;
    this.hint = hint;
  }

  /** A piece of the text: a word, a number, a sign, or a text without its quotes. */
  record Token(String text, int at, boolean quoted) {
    boolean is(String sign) {
      return !quoted && text.equals(sign);
    }
  }

  /**
   * Of a text.
   *
   * @param hint what may be written instead of what cannot be
   */
  static Tokens of(String text, String hint) throws Unreadable {
    if (text.length() > LONGEST) {
      throw new Unreadable(LONGEST, "longer than " + LONGEST + " characters", "");
    }
    return new Tokens(tokens(text), hint);
  }

  /** What comes next; empty at the end. */
  Token peek() {
    return tokens.get(next);
  }

  /** What comes next, and goes past it. */
  Token take() {
    Token token = tokens.get(next);
    next = Math.min(next + 1, tokens.size() - 1);
    return token;
  }

  /** Whether a sign comes next; goes past it then. */
  boolean taken(String sign) {
    if (!peek().is(sign)) {
      return false;
    }
    take();
    return true;
  }

  /** Goes past a sign that must be there. */
  void expect(String sign) throws Unreadable {
    if (!taken(sign)) {
      throw unexpected("'" + sign + "'");
    }
  }

  /** What comes next cannot be. */
  Unreadable unexpected(String expected) {
    Token token = peek();
    String shown = token.is("") ? "the end" : "'" + token.text() + "'";
    return new Unreadable(token.at(), shown + " (expected: " + expected + ")", hint);
  }

  /** Where it is, for {@link #back}. */
  int mark() {
    return next;
  }

  /** Goes back to where it was. */
  void back(int mark) {
    next = mark;
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
      return point > 0 && METHODS.contains(word.substring(point + 1)) ? from + point : end;
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
