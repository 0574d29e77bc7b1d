package dev.weft.routing.route.match;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.vertx.core.MultiMap;
import org.jspecify.annotations.Nullable;

/** Looks into cookies as they came. Source: RFC 6265 section 4.2. */
public final class CookieText {

  private CookieText() {}

  /** The value of the first cookie of a name; null where there is none. */
  public static @Nullable String value(MultiMap headers, String name) {
    for (String header : headers.getAll(HttpHeaderNames.COOKIE)) {
      for (String pair : header.split(";", -1)) {
        int equals = pair.indexOf('=');
        if (equals > 0 && pair.substring(0, equals).strip().equals(name)) {
          return pair.substring(equals + 1).strip();
        }
      }
    }
    return null;
  }
}
