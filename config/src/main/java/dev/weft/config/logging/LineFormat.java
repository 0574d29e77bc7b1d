package dev.weft.config.logging;

import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A format of lines: text with operators in it, e.g. {@code %REQ(X-FORWARDED-FOR?:AUTHORITY):40%}.
 *
 * <p>Source: Envoy's format strings; the default is Istio's.
 */
public record LineFormat(List<Part> parts) {

  /** What Istio writes where nothing is said. */
  public static final String ISTIO =
      "[%START_TIME%] \"%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%\""
          + " %RESPONSE_CODE% %RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS%"
          + " %CONNECTION_TERMINATION_DETAILS% \"%UPSTREAM_TRANSPORT_FAILURE_REASON%\""
          + " %BYTES_RECEIVED% %BYTES_SENT% %DURATION% %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)%"
          + " \"%REQ(X-FORWARDED-FOR)%\" \"%REQ(USER-AGENT)%\" \"%REQ(X-REQUEST-ID)%\""
          + " \"%REQ(:AUTHORITY)%\" \"%UPSTREAM_HOST%\" %UPSTREAM_CLUSTER_RAW%"
          + " %UPSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_REMOTE_ADDRESS%"
          + " %REQUESTED_SERVER_NAME% %ROUTE_NAME%";

  private static final int LONGEST = 8192;
  private static final int MOST_PARTS = 200;
  private static final Pattern COMMAND =
      Pattern.compile("([A-Z_]+)(?:\\(([^()]*)\\))?(?::([0-9]{1,5}))?");
  private static final Pattern NAME = Pattern.compile(":?[!#$&'*+.^_`|~0-9A-Za-z-]+");

  public LineFormat {
    parts = List.copyOf(parts);
  }

  /** A piece of a line. */
  public sealed interface Part {}

  /** What stands there as it is, in printable ASCII. */
  public record Literal(String text) implements Part {}

  /**
   * What is asked for.
   *
   * @param name in lower case for headers, a format of times; empty where there is none
   * @param otherwise the name that counts where that one is absent; may be empty
   * @param most characters that are written, from 1
   * @param quoted whether it stands between double quotes
   */
  public record Field(Operator operator, String name, String otherwise, int most, boolean quoted)
      implements Part {}

  /** Reads a format. One line break at its end, as Envoy needs it, is left out. */
  public static LineFormat of(String text) throws Unreadable {
    String line = text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
    if (line.length() > LONGEST) {
      throw new Unreadable(LONGEST, "longer than " + LONGEST + " characters", "");
    }
    List<Part> parts = new ArrayList<>();
    StringBuilder literal = new StringBuilder();
    boolean quoted = false;
    int at = 0;
    while (at < line.length()) {
      char c = line.charAt(at);
      if (c != '%') {
        quoted ^= c == '"';
        literal.append(printable(c, at));
        at++;
        continue;
      }
      int end = end(line, at + 1);
      if (end < 0) {
        throw new Unreadable(at, "a % without its end", "write %% for the sign itself");
      }
      if (end == at + 1) {
        literal.append('%');
      } else {
        flush(literal, parts);
        parts.add(field(line.substring(at + 1, end), at, quoted));
      }
      at = end + 1;
    }
    flush(literal, parts);
    if (parts.size() > MOST_PARTS) {
      throw new Unreadable(0, "more than " + MOST_PARTS + " pieces", "");
    }
    return new LineFormat(parts);
  }

  /** Where a command ends; what stands in its parentheses may have signs of its own. */
  private static int end(String line, int from) {
    int open = from;
    while (open < line.length()
        && (Character.isUpperCase(line.charAt(open)) || line.charAt(open) == '_')) {
      open++;
    }
    boolean argument = open > from && open < line.length() && line.charAt(open) == '(';
    int close = argument ? line.indexOf(')', open) : -1;
    return line.indexOf('%', Math.max(from, close));
  }

  static char printable(char c, int at) throws Unreadable {
    if (c < ' ' || c > '~') {
      throw new Unreadable(
          at,
          "character 0x" + Integer.toHexString(c) + " (expected: printable ASCII)",
          "each request is one line");
    }
    return c;
  }

  private static void flush(StringBuilder literal, List<Part> parts) {
    if (!literal.isEmpty()) {
      parts.add(new Literal(literal.toString()));
      literal.setLength(0);
    }
  }

  private static Field field(String command, int at, boolean quoted) throws Unreadable {
    Matcher read = COMMAND.matcher(command);
    Optional<Operator> known = read.matches() ? Operator.of(read.group(1)) : Optional.empty();
    if (known.isEmpty()) {
      throw new Unreadable(at, "no operator '" + command + "'", "there are " + Operator.all());
    }
    Operator operator = known.get();
    int most = read.group(3) == null ? Integer.MAX_VALUE : Integer.parseInt(read.group(3));
    if (most == 0) {
      throw new Unreadable(at, "a length of 0 (expected: 1 to 99999)", "");
    }
    List<String> names = arguments(operator, Optional.ofNullable(read.group(2)), at);
    return new Field(operator, names.get(0), names.size() == 1 ? "" : names.get(1), most, quoted);
  }

  private static List<String> arguments(Operator operator, Optional<String> argument, int at)
      throws Unreadable {
    String text = argument.orElse("");
    return switch (operator.takes()) {
      case NOTHING -> {
        if (argument.isPresent()) {
          throw misplaced(operator, " with '" + text + "'", at);
        }
        yield List.of("");
      }
      case TIME -> {
        TimeFormat.of(text, at, ZoneOffset.UTC); // read once, to be told of
        yield List.of(text);
      }
      case GRPC_FORM -> {
        if (argument.isPresent() && !GrpcStatuses.FORMS.contains(text)) {
          throw misplaced(operator, " with '" + text + "'", at);
        }
        yield List.of(argument.orElse(GrpcStatuses.CAMEL));
      }
      case HEADER, VARIABLE -> names(operator, named(operator, argument, at), at);
      case KEY -> List.of(Untold.key(operator, named(operator, argument, at), at));
    };
  }

  private static String named(Operator operator, Optional<String> argument, int at)
      throws Unreadable {
    if (argument.isEmpty()) {
      throw misplaced(operator, " without a name", at);
    }
    return argument.get();
  }

  private static Unreadable misplaced(Operator operator, String what, int at) {
    return new Unreadable(at, operator + what, operator.takes().hint(operator));
  }

  /** One name, or two; of headers in lower case. */
  private static List<String> names(Operator operator, String argument, int at) throws Unreadable {
    List<String> names = new ArrayList<>();
    for (String name : argument.split("\\?", 2)) {
      if (!NAME.matcher(name).matches()) {
        throw new Unreadable(at, "'" + name + "' (expected: a name)", "");
      }
      names.add(operator == Operator.ENVIRONMENT ? name : name.toLowerCase(Locale.ROOT));
    }
    return names;
  }
}
