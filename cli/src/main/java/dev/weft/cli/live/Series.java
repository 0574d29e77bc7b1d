package dev.weft.cli.live;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One series of Prometheus' text format with its value.
 *
 * @param labels by name, unescaped
 */
record Series(String name, Map<String, String> labels, double value) {

  private static final Pattern LABEL =
      Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)=\"((?:[^\"\\\\]|\\\\.)*)\"");

  /** Those of {@code names} in a text; lines that are none are left out. */
  static List<Series> of(String text, Set<String> names) {
    return text.lines()
        .filter(line -> names.contains(name(line)))
        .filter(line -> line.indexOf(' ') > 0)
        .map(Series::read)
        .toList();
  }

  String label(String name) {
    return labels.getOrDefault(name, "");
  }

  private static String name(String line) {
    int end = 0;
    while (end < line.length() && line.charAt(end) != '{' && line.charAt(end) != ' ') {
      end++;
    }
    return line.substring(0, end);
  }

  private static Series read(String line) {
    String name = name(line);
    Map<String, String> labels = new HashMap<>();
    int end = name.length();
    Matcher label = LABEL.matcher(line);
    while (line.charAt(end) != ' ' && label.region(end + 1, line.length()).lookingAt()) {
      labels.put(label.group(1), plain(label.group(2)));
      end = label.end(); // a comma or the closing brace
    }
    int value = line.indexOf(' ', end) + 1;
    int after = line.indexOf(' ', value); // an exemplar, or a time
    String number = line.substring(value, after < 0 ? line.length() : after);
    return new Series(name, labels, number(number));
  }

  private static String plain(String escaped) {
    return escaped.indexOf('\\') < 0
        ? escaped
        : escaped.replace("\\n", "\n").replace("\\\"", "\"").replace("\\\\", "\\");
  }

  private static double number(String text) {
    return switch (text) {
      case "+Inf" -> Double.POSITIVE_INFINITY;
      case "-Inf" -> Double.NEGATIVE_INFINITY;
      case "NaN" -> Double.NaN;
      default -> Double.parseDouble(text);
    };
  }
}
