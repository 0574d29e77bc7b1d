package dev.weft.config.yaml;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.weft.config.problem.Codes;
import java.util.Optional;

/** Regular expressions are RE2's, of a length that Istio takes; what is none is a problem. */
public final class Regexes {

  private static final int LONGEST = 1024;

  private Regexes() {}

  /** Whether {@code pattern} is one. */
  public static boolean check(Fields fields, String name, String pattern) {
    return compiled(fields, name, pattern).isPresent();
  }

  /**
   * Whether {@code replacement} names groups of {@code pattern} only: {@code \0} to {@code \9}.
   *
   * @param name of the replacement's field
   */
  public static void checkReplacement(
      Fields fields, String name, String replacement, String pattern) {
    int groups;
    try {
      groups = Pattern.compile(pattern).groupCount();
    } catch (PatternSyntaxException e) {
      return; // told where it stands
    }
    for (int i = replacement.indexOf('\\'); i >= 0; i = replacement.indexOf('\\', i + 2)) {
      char next = i + 1 < replacement.length() ? replacement.charAt(i + 1) : ' ';
      boolean group = next >= '0' && next <= '9';
      if (group && next - '0' > groups) {
        String shown = "group \\" + next + " of an expression that has " + groups;
        fields.error(Codes.OUT_OF_RANGE, name, shown, "groups are counted from \\1");
      } else if (!group && next != '\\') {
        String shown = "'\\" + (next == ' ' ? "" : next) + "' (expected: \\0 to \\9, or \\\\)";
        fields.error(Codes.REGEX, name, shown, "");
      }
    }
  }

  private static Optional<Pattern> compiled(Fields fields, String name, String pattern) {
    if (pattern.length() > LONGEST) {
      String length = pattern.length() + " characters";
      fields.error(Codes.REGEX, name, length + " (expected: at most " + LONGEST + ")", "");
      return Optional.empty();
    }
    try {
      return Optional.of(Pattern.compile(pattern));
    } catch (PatternSyntaxException e) {
      String shown = "regex '" + Fields.shortened(pattern) + "': " + e.getDescription();
      String hint =
          pattern.contains("(?=") || pattern.contains("(?!") || pattern.contains("(?<")
              ? "RE2 has no look-around; write another match, or withoutHeaders"
              : "the syntax is RE2's";
      fields.error(Codes.REGEX, name, shown + " (expected: RE2)", hint);
      return Optional.empty();
    }
  }
}
