package dev.weft.config.logging;

import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.Locale;
import java.util.Map;

/**
 * Times as {@code strftime} writes them.
 *
 * <p>Source: Envoy's {@code START_TIME}, whose further specifiers are {@code %s} (seconds since
 * 1970), {@code %f} (nine digits of the second) and {@code %1f} to {@code %9f}.
 */
public final class TimeFormat {

  /** What a local time is written as where nothing is said, as Envoy writes it. */
  public static final String LOCAL = "%Y-%m-%dT%H:%M:%S.%3f%z";

  private static final Map<Character, String> PATTERNS =
      Map.ofEntries(
          Map.entry('Y', "uuuu"),
          Map.entry('y', "uu"),
          Map.entry('m', "MM"),
          Map.entry('d', "dd"),
          Map.entry('e', "ppd"),
          Map.entry('j', "DDD"),
          Map.entry('H', "HH"),
          Map.entry('I', "hh"),
          Map.entry('M', "mm"),
          Map.entry('S', "ss"),
          Map.entry('p', "a"),
          Map.entry('a', "EEE"),
          Map.entry('A', "EEEE"),
          Map.entry('b', "MMM"),
          Map.entry('h', "MMM"),
          Map.entry('B', "MMMM"),
          Map.entry('F', "uuuu-MM-dd"),
          Map.entry('D', "MM/dd/uu"),
          Map.entry('T', "HH:mm:ss"),
          Map.entry('R', "HH:mm"),
          Map.entry('z', "xx"),
          Map.entry('Z', "zzz"));
  private static final ZoneId UTC = ZoneId.of("UTC"); // as %Z has it
  private static final int DIGITS = 9; // of a second

  private TimeFormat() {}

  /**
   * Reads one.
   *
   * @param text such as {@code %Y-%m-%dT%H:%M:%S.%3fZ}, in printable ASCII
   * @param at where it stands, for what is told of a fault
   * @param zone that times are told in
   */
  public static DateTimeFormatter of(String text, int at, ZoneId zone) throws Unreadable {
    DateTimeFormatterBuilder format = new DateTimeFormatterBuilder();
    int next = 0;
    while (next < text.length()) {
      char c = text.charAt(next++);
      if (c != '%') {
        format.appendLiteral(LineFormat.printable(c, at));
        continue;
      }
      char asked = next < text.length() ? text.charAt(next++) : ' ';
      int digits = asked >= '1' && asked <= '9' ? asked - '0' : DIGITS;
      if (digits == asked - '0') {
        asked = next < text.length() && text.charAt(next++) == 'f' ? 'f' : ' ';
      }
      append(format, asked, digits, at);
    }
    return format.toFormatter(Locale.ENGLISH).withZone(zone.equals(ZoneOffset.UTC) ? UTC : zone);
  }

  private static void append(DateTimeFormatterBuilder format, char asked, int digits, int at)
      throws Unreadable {
    String pattern = PATTERNS.get(asked);
    if (pattern != null) {
      format.appendPattern(pattern);
      return;
    }
    switch (asked) {
      case '%' -> format.appendLiteral('%');
      case 's' -> format.appendValue(ChronoField.INSTANT_SECONDS);
      case 'f' -> format.appendFraction(ChronoField.NANO_OF_SECOND, digits, digits, false);
      default ->
          throw new Unreadable(
              at,
              "START_TIME with a specifier that strftime does not have, or Weft",
              "there are %Y %m %d %H %M %S %F %T %s %f %1f to %9f %y %e %j %I %p %a %A %b %B %D %R"
                  + " %z %Z %%");
    }
  }
}
