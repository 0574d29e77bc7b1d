package dev.weft.routing.route.match;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Finds one parameter of a query without taking the query apart. */
public final class QueryText {

  /** What stands for a value that nobody is shown, as OpenTelemetry's conventions have it. */
  public static final String REDACTED = "REDACTED";

  private QueryText() {}

  /**
   * The first value of {@code name}, decoded; the empty text for {@code ?name}; null where it is
   * not there.
   */
  public static @Nullable String value(String query, String name) {
    int start = 0;
    while (start <= query.length()) {
      int end = query.indexOf('&', start);
      end = end < 0 ? query.length() : end;
      int equals = query.indexOf('=', start);
      int nameEnd = equals < 0 || equals > end ? end : equals;
      if (same(query, start, nameEnd, name)) {
        return nameEnd == end ? "" : decoded(query.substring(nameEnd + 1, end));
      }
      start = end + 1;
    }
    return null;
  }

  /** All values of {@code name}, as {@link #value} reads each. */
  public static List<String> values(String query, String name) {
    return pairs(query)
        .map(pair -> Optional.ofNullable(value(pair, name)))
        .flatMap(Optional::stream)
        .toList();
  }

  /** The query without {@code name}, all else as it stood. */
  public static String without(String query, String name) {
    return pairs(query).filter(pair -> value(pair, name) == null).collect(Collectors.joining("&"));
  }

  /**
   * The query as it may be shown: the values of {@code names} are {@value #REDACTED}.
   *
   * @param names in lower case
   */
  public static String shown(String query, Set<String> names) {
    return pairs(query)
        .map(
            pair -> {
              int equals = pair.indexOf('=');
              boolean secret =
                  equals >= 0
                      && names.contains(
                          decoded(pair.substring(0, equals)).toLowerCase(Locale.ROOT));
              return secret ? pair.substring(0, equals + 1) + REDACTED : pair;
            })
        .collect(Collectors.joining("&"));
  }

  private static Stream<String> pairs(String query) {
    return query.isEmpty() ? Stream.empty() : Stream.of(query.split("&", -1));
  }

  private static boolean same(String query, int start, int end, String name) {
    int length = end - start;
    return length == name.length()
        ? query.regionMatches(start, name, 0, length)
        : length > name.length() && decoded(query.substring(start, end)).equals(name);
  }

  private static String decoded(String text) {
    if (text.indexOf('%') < 0 && text.indexOf('+') < 0) {
      return text;
    }
    return encoded(text) ? URLDecoder.decode(text, StandardCharsets.UTF_8) : text;
  }

  /**
   * Whether two digits follow each percent sign: the decoder's exceptions would take their time.
   */
  private static boolean encoded(String text) {
    for (int at = text.indexOf('%'); at >= 0; at = text.indexOf('%', at + 1)) {
      if (at + 2 >= text.length() || !digit(text.charAt(at + 1)) || !digit(text.charAt(at + 2))) {
        return false;
      }
    }
    return true;
  }

  private static boolean digit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  }
}
