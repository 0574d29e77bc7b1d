package dev.weft.control.catalogue;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What may be asked of the relay: exactly the two requests that the importer makes, letter by
 * letter, by who has the token. There is nothing to decode, so there is nothing to decode wrongly.
 * Pure.
 */
final class Gate {

  /** In the place of a namespace: no namespace can be named so, and all are meant. */
  static final String ALL = "-";

  private static final int UNAUTHORIZED = 401;
  private static final int FORBIDDEN = 403;
  private static final int NOT_ALLOWED = 405;
  private static final String LIST = "/api/v1/namespaces/" + ALL + "/services";
  private static final Pattern WATCH =
      Pattern.compile(
          Pattern.quote(LIST + "?watch=true&allowWatchBookmarks=true&resourceVersion=")
              + "(\\d{1,18})");

  private final byte[] credentials;

  /**
   * @param token that is asked for
   */
  Gate(String token) {
    this.credentials = ("Bearer " + token).getBytes(StandardCharsets.UTF_8);
  }

  /**
   * The status that a request is refused with; empty for one that is good. Takes as long for a
   * token that is nearly right as for any other.
   *
   * @param target as it came, path and query
   */
  OptionalInt refusal(String method, String target, @Nullable String authorization) {
    byte[] shown = authorization == null ? new byte[0] : bytes(authorization);
    if (!MessageDigest.isEqual(credentials, shown)) {
      return OptionalInt.of(UNAUTHORIZED);
    }
    if (!method.equals("GET")) {
      return OptionalInt.of(NOT_ALLOWED);
    }
    return target.equals(LIST) || WATCH.matcher(target).matches()
        ? OptionalInt.empty()
        : OptionalInt.of(FORBIDDEN);
  }

  /** From which version on it watches; empty for one that lists. */
  static OptionalLong watchedFrom(String target) {
    Matcher watch = WATCH.matcher(target);
    return watch.matches() ? OptionalLong.of(Long.parseLong(watch.group(1))) : OptionalLong.empty();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
