package dev.weft.routing.authorization;

import dev.weft.config.model.security.AuthorizationPolicy.Operation;
import dev.weft.config.model.security.AuthorizationPolicy.Rule;
import dev.weft.config.model.security.AuthorizationPolicy.Values;
import java.io.ByteArrayOutputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * All ways in which servers may read a path. They differ in whether {@code %2F}, {@code %5C} and
 * what else is encoded stands for itself (and how often it is decoded), whether {@code \} is a
 * slash, whether {@code ;x} belongs to a segment, whether several slashes are one, and in what they
 * make of overlong bytes; dot segments are then removed. Every order of these steps counts.
 *
 * <p>A path without such characters has one reading and costs one walk over it.
 */
final class PathReadings {

  /** Readings of one path that are looked at; nobody who means well needs more. */
  static final int MOST = 64;

  private static final int MOST_CHARACTERS = 1 << 16; // of all of them
  private static final int FEW = 8; // however long
  private static final int[] SMALLEST = {0, 0, 0x80, 0x800, 0x10000}; // by bytes in UTF-8
  private static final HexFormat HEX = HexFormat.of().withUpperCase();
  private static final String STRUCTURE = "/\\.%;?#"; // what a decoded path would be cut at
  private static final List<UnaryOperator<String>> STEPS =
      List.of(
          PathReadings::withoutOverlong,
          PathReadings::decoded,
          PathReadings::decodedButSlashes,
          PathReadings::withoutParameters,
          path -> path.replace('\\', '/'),
          PathReadings::merged,
          PathReadings::withoutDots,
          PathReadings::beforeQuery);

  private PathReadings() {}

  /** Whether there is one reading only: the path as it is written. */
  static boolean plain(String path) {
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      if (c == '%' || c == ';' || c == '\\' || (c == '/' && special(path, i))) {
        return false;
      }
    }
    return true;
  }

  /** Whether a second slash or a segment of dots follows, where paths are not normalised. */
  private static boolean special(String path, int slash) {
    int at = slash + 1;
    if (at < path.length() && path.charAt(at) == '/') {
      return true;
    }
    while (at < path.length() && path.charAt(at) == '.') {
      at++;
    }
    boolean whole = at == path.length() || path.charAt(at) == '/';
    return whole && at > slash + 1 && at <= slash + 3;
  }

  /**
   * Each reading once, the canonical one first; empty where there are more than {@value #MOST}, or
   * of a long path more than would cost no time.
   */
  static Optional<List<String>> of(String path) {
    int most = Math.max(FEW, Math.min(MOST, MOST_CHARACTERS / Math.max(1, path.length())));
    Set<String> known = new LinkedHashSet<>();
    Deque<String> left = new ArrayDeque<>();
    known.add(canonical(path));
    left.add(canonical(path));
    while (!left.isEmpty()) {
      String reading = left.remove();
      for (UnaryOperator<String> step : STEPS) {
        String other = canonical(step.apply(reading));
        if (known.add(other)) {
          left.add(other);
        }
        if (known.size() > most) {
          return Optional.empty();
        }
      }
    }
    return Optional.of(List.copyOf(known));
  }

  /**
   * With all decoded that no server reads as structure, so that {@code %61} is {@code a}: what is
   * then equal is equal to every server. Also for the paths of policies.
   */
  static String canonical(String path) {
    return path.indexOf('%') < 0 ? path : decoded(path, STRUCTURE);
  }

  /** A rule with the paths that it names in that form. */
  static Rule canonical(Rule rule) {
    return new Rule(
        rule.place(),
        rule.from(),
        rule.to().stream()
            .map(
                one ->
                    new Operation(one.hosts(), one.ports(), one.methods(), canonical(one.paths())))
            .toList(),
        rule.when());
  }

  private static Values canonical(Values paths) {
    return new Values(
        paths.in().stream().map(PathReadings::canonical).toList(),
        paths.not().stream().map(PathReadings::canonical).toList());
  }

  private static String decoded(String path) {
    return path.indexOf('%') < 0 ? path : decoded(path, "");
  }

  private static String decodedButSlashes(String path) {
    return path.indexOf('%') < 0 ? path : decoded(path, "/\\");
  }

  /** Decodes UTF-8; bytes that are none, control characters and {@code kept} ones stay encoded. */
  private static String decoded(String path, String kept) {
    StringBuilder text = new StringBuilder(path.length());
    int at = 0;
    while (at < path.length()) {
      if (value(path, at) < 0) {
        text.append(path.charAt(at++));
        continue;
      }
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      for (; value(path, at) >= 0; at += 3) {
        bytes.write(value(path, at));
      }
      append(text, bytes.toByteArray(), kept);
    }
    return text.toString();
  }

  private static void append(StringBuilder text, byte[] bytes, String kept) {
    int at = 0;
    while (at < bytes.length) {
      int length = length(bytes[at]);
      int c = at + length <= bytes.length ? character(bytes, at, length) : 0;
      if (c < ' ' || c == 127 || kept.indexOf(c) >= 0) {
        text.append('%').append(HEX.toHexDigits(bytes[at]));
        at++;
      } else {
        text.appendCodePoint(c);
        at += length;
      }
    }
  }

  private static int length(byte first) {
    int value = first & 0xff;
    return value < 0xc0 ? 1 : value < 0xe0 ? 2 : value < 0xf0 ? 3 : 4;
  }

  /**
   * 0 where the bytes are no UTF-8 (RFC 3629 section 3). By hand, since a request may have
   * thousands of such bytes, and a decoder's exception for each would take its event loop's time.
   */
  private static int character(byte[] bytes, int at, int length) {
    int first = bytes[at] & 0xff;
    if (length == 1) {
      return first < 0x80 ? first : 0;
    }
    int code = first & (0xff >> (length + 1));
    for (int i = 1; i < length; i++) {
      int next = bytes[at + i] & 0xff;
      if ((next & 0xc0) != 0x80) {
        return 0;
      }
      code = (code << 6) | (next & 0x3f);
    }
    boolean surrogate = code >= 0xd800 && code <= 0xdfff;
    boolean wellFormed = first < 0xf5 && code >= SMALLEST[length] && code <= 0x10ffff;
    return wellFormed && !surrogate ? code : 0;
  }

  /** The byte that is encoded there, or -1. */
  private static int value(String path, int at) {
    if (at + 2 >= path.length() || path.charAt(at) != '%') {
      return -1;
    }
    int high = Character.digit(path.charAt(at + 1), 16);
    int low = Character.digit(path.charAt(at + 2), 16);
    return high < 0 || low < 0 ? -1 : (high << 4) | low;
  }

  /** ASCII that is written in more bytes than it has, as old decoders read it. */
  private static String withoutOverlong(String path) {
    StringBuilder text = new StringBuilder(path.length());
    int at = 0;
    while (at < path.length()) {
      int overlong = overlong(path, at);
      int bytes = overlong < 0 ? 0 : length((byte) value(path, at));
      if (bytes == 0) {
        text.append(path.charAt(at++));
      } else {
        text.append('%').append(HEX.toHexDigits((byte) overlong));
        at += 3 * bytes;
      }
    }
    return text.toString();
  }

  private static int overlong(String path, int at) {
    int first = value(path, at);
    if (first < 0xc0) {
      return -1;
    }
    int bytes = length((byte) first);
    int code = first & (0xff >> (bytes + 1));
    for (int i = 1; i < bytes; i++) {
      int next = value(path, at + 3 * i);
      if ((next & 0xc0) != 0x80) {
        return -1;
      }
      code = (code << 6) | (next & 0x3f);
    }
    return code > 0 && code < 128 ? code : -1;
  }

  private static String withoutParameters(String path) {
    if (path.indexOf(';') < 0) {
      return path;
    }
    StringBuilder text = new StringBuilder(path.length());
    boolean within = false;
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      within = c == ';' || (within && c != '/');
      if (!within) {
        text.append(c);
      }
    }
    return text.toString();
  }

  private static String merged(String path) {
    StringBuilder text = new StringBuilder(path.length());
    for (int i = 0; i < path.length(); i++) {
      if (path.charAt(i) != '/' || i == 0 || path.charAt(i - 1) != '/') {
        text.append(path.charAt(i));
      }
    }
    return text.toString();
  }

  /** Source: RFC 3986 section 5.2.4. */
  private static String withoutDots(String path) {
    if (path.indexOf("/.") < 0) {
      return path;
    }
    List<String> kept = new ArrayList<>();
    String[] segments = path.split("/", -1);
    for (int i = 1; i < segments.length; i++) {
      boolean up = segments[i].equals("..");
      if (up && !kept.isEmpty()) {
        kept.remove(kept.size() - 1);
      }
      if (!up && !segments[i].equals(".")) {
        kept.add(segments[i]);
      } else if (i == segments.length - 1) {
        kept.add("");
      }
    }
    return "/" + String.join("/", kept);
  }

  /** What was encoded, and decoded before the path was cut off there: a query, an end of text. */
  private static String beforeQuery(String path) {
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      if (c == '?' || c == '#' || (c == '%' && value(path, i) == 0)) {
        return path.substring(0, i);
      }
    }
    return path;
  }
}
