package dev.weft.routing.listener;

import dev.weft.config.model.settings.PathHandling.Normalize;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.Optional;

/**
 * One path for routing, authorization and upstream, as {@code ProxySettings.path.normalize} says:
 * dot segments removed (RFC 3986 section 5.2.4), and of several slashes one; everything else as it
 * came. A path with neither costs one walk over its characters.
 */
public final class Paths {

  private static final HexFormat HEX = HexFormat.of().withUpperCase();

  private Paths() {}

  /**
   * A request's target as it may be written (RFC 3986 section 2): bytes beyond ASCII, which callers
   * send as they are, percent-encoded; empty where there is what no encoding saves: control
   * characters, spaces, a fragment.
   *
   * @param target its bytes as characters 0 to 255
   */
  static String written(String target) {
    boolean wide = false;
    for (int i = 0; i < target.length(); i++) {
      char c = target.charAt(i);
      if (c <= ' ' || c == 127 || c == '#') {
        return "";
      }
      wide |= c > 127;
    }
    return wide ? encoded(target) : target;
  }

  private static String encoded(String target) {
    StringBuilder text = new StringBuilder(target.length() + 16);
    for (int i = 0; i < target.length(); i++) {
      char c = target.charAt(i);
      if (c > 127) {
        text.append('%').append(HEX.toHexDigits((byte) c));
      } else {
        text.append(c);
      }
    }
    return text.toString();
  }

  /** Empty where the path cannot be meant: control characters, or a broken percent-encoding. */
  public static Optional<String> normalised(String path, Normalize how) {
    boolean special = false;
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      if (c <= ' ' || c == 127 || (c == '%' && !encoded(path, i))) {
        return Optional.empty();
      }
      special |= c == '%' ? dot(path, i) : (c == '.' || c == '/') && begins(path, i);
    }
    return Optional.of(special ? normal(path, how) : path);
  }

  private static boolean begins(String path, int at) {
    return at > 0 && path.charAt(at - 1) == '/';
  }

  private static String normal(String path, Normalize how) {
    return switch (how) {
      case NONE -> path;
      case BASE -> withoutDots(path);
      case MERGE_SLASHES -> merged(withoutDots(path));
    };
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

  private static boolean encoded(String path, int at) {
    if (at + 2 >= path.length()) {
      return false;
    }
    int high = Character.digit(path.charAt(at + 1), 16);
    int low = Character.digit(path.charAt(at + 2), 16);
    return high >= 0 && low >= 0 && high + low > 0; // %00 is no path
  }

  private static boolean dot(String path, int at) {
    return path.charAt(at + 1) == '2' && (path.charAt(at + 2) | 0x20) == 'e';
  }

  private static String withoutDots(String path) {
    Deque<String> kept = new ArrayDeque<>();
    String[] segments = path.substring(1).split("/", -1);
    for (int i = 0; i < segments.length; i++) {
      String plain = segments[i].replace("%2e", ".").replace("%2E", ".");
      boolean last = i == segments.length - 1;
      if (plain.equals("..")) {
        kept.pollLast();
      } else if (!plain.equals(".")) {
        kept.addLast(segments[i]);
        continue;
      }
      if (last) {
        kept.addLast("");
      }
    }
    StringBuilder text = new StringBuilder(path.length());
    for (Iterator<String> each = kept.iterator(); each.hasNext(); ) {
      text.append('/').append(each.next());
    }
    return text.isEmpty() ? "/" : text.toString();
  }
}
