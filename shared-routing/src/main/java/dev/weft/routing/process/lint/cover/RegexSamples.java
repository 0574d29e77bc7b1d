package dev.weft.routing.process.lint.cover;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A few texts that an RE2 expression takes, by writing it out: each alternative once, each
 * repetition as often as it must be and once more. What cannot be written out so has none; each
 * that is given was tried.
 */
final class RegexSamples {

  private static final int MOST = 12;
  private static final int MOST_TEXT = 200;
  private static final String LETTERS = "a1A/-_.xz09 ";

  private final String text;
  private int at;

  private RegexSamples(String text) {
    this.text = text;
  }

  static List<String> of(String expression) {
    if (expression.length() > MOST_TEXT) {
      return List.of();
    }
    try {
      Pattern pattern = Pattern.compile(expression);
      RegexSamples samples = new RegexSamples(expression);
      return samples.alternatives().stream().filter(pattern::matches).limit(MOST).toList();
    } catch (PatternSyntaxException | IllegalArgumentException | IndexOutOfBoundsException e) {
      return List.of(); // too much for this
    }
  }

  private List<String> alternatives() {
    Set<String> all = new LinkedHashSet<>(sequence());
    while (at < text.length() && text.charAt(at) == '|') {
      at++;
      all.addAll(sequence());
    }
    return few(all);
  }

  private List<String> sequence() {
    List<String> all = List.of("");
    while (at < text.length() && text.charAt(at) != '|' && text.charAt(at) != ')') {
      all = joined(all, repeated(atom()));
    }
    return all;
  }

  private static List<String> joined(List<String> first, List<String> second) {
    Set<String> all = new LinkedHashSet<>();
    for (String end : second) {
      first.forEach(start -> all.add(start + end));
    }
    return few(all);
  }

  private static List<String> few(Set<String> all) {
    return all.stream().limit(MOST).toList();
  }

  private List<String> atom() {
    char c = text.charAt(at++);
    return switch (c) {
      case '^', '$' -> List.of("");
      case '.' -> List.of("a");
      case '[' -> List.of(one(classed()));
      case '(' -> group();
      case '\\' -> List.of(escaped());
      default -> List.of(String.valueOf(c));
    };
  }

  private List<String> group() {
    if (text.startsWith("?:", at)) {
      at += 2;
    } else if (text.charAt(at) == '?') {
      throw new IllegalArgumentException("flags and names");
    }
    List<String> inner = alternatives();
    if (text.charAt(at++) != ')') {
      throw new IllegalArgumentException("a group without end");
    }
    return inner;
  }

  private String classed() {
    int end = at;
    while (text.charAt(end) != ']' || end == at || (text.charAt(at) == '^' && end == at + 1)) {
      end += text.charAt(end) == '\\' ? 2 : 1;
    }
    String found = "[" + text.substring(at, end + 1);
    at = end + 1;
    return found;
  }

  private String escaped() {
    char c = text.charAt(at++);
    boolean letter = Character.isLetterOrDigit(c);
    return letter ? (c == 'b' ? "" : one("\\" + c)) : String.valueOf(c);
  }

  private static String one(String single) {
    Pattern pattern = Pattern.compile(single);
    for (char c = '!'; c < 127; c++) {
      char tried = c - '!' < LETTERS.length() ? LETTERS.charAt(c - '!') : c;
      if (pattern.matches(String.valueOf(tried))) {
        return String.valueOf(tried);
      }
    }
    for (char c = '!'; c < 127; c++) {
      if (pattern.matches(String.valueOf(c))) {
        return String.valueOf(c);
      }
    }
    throw new IllegalArgumentException("nothing of " + single);
  }

  private List<String> repeated(List<String> atom) {
    if (at >= text.length() || "*+?{".indexOf(text.charAt(at)) < 0) {
      return atom;
    }
    char c = text.charAt(at++);
    Set<String> all = new LinkedHashSet<>();
    if (c == '{') {
      int end = text.indexOf('}', at);
      int least = Integer.parseInt(text.substring(at, end).split(",", -1)[0]);
      at = end + 1;
      atom.forEach(one -> all.add(one.repeat(Math.min(least, MOST_TEXT))));
    } else {
      all.addAll(atom);
      if (c != '+') {
        all.add("");
      }
    }
    if (at < text.length() && text.charAt(at) == '?') {
      at++; // not greedy
    }
    return few(all);
  }
}
