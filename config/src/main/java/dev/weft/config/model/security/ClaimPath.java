package dev.weft.config.model.security;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a match of {@code headers} asks of a verified token instead of a header: {@code
 * @request.auth.claims.a.b}, or {@code @request.auth.claims[a][b]} for names with dots.
 *
 * @param names from the outermost claim inwards
 */
public record ClaimPath(List<String> names) {

  private static final String START = "@request.auth.claims";
  private static final Pattern DOTS = Pattern.compile("(\\.[^.\\[\\]]+)+");
  private static final Pattern BRACKETS = Pattern.compile("(\\[[^\\[\\]]+])+");
  private static final Pattern NAME = Pattern.compile("[^.\\[\\]]+");
  private static final Pattern BRACKETED = Pattern.compile("[^\\[\\]]+");

  public ClaimPath {
    names = List.copyOf(names);
  }

  /** Whether a key is meant to be a claim, whether it is one or not. */
  public static boolean meant(String key) {
    return key.startsWith("@");
  }

  /** Empty where it is none. */
  public static Optional<ClaimPath> parse(String key) {
    if (!key.startsWith(START)) {
      return Optional.empty();
    }
    String rest = key.substring(START.length());
    if (DOTS.matcher(rest).matches()) {
      return Optional.of(new ClaimPath(words(NAME, rest)));
    }
    return BRACKETS.matcher(rest).matches()
        ? Optional.of(new ClaimPath(words(BRACKETED, rest)))
        : Optional.empty();
  }

  private static List<String> words(Pattern word, String text) {
    Matcher matcher = word.matcher(text);
    return Stream.iterate(matcher.find(), found -> found, found -> matcher.find())
        .map(found -> matcher.group())
        .toList();
  }
}
