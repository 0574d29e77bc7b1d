package dev.weft.routing.stage;

import dev.weft.config.model.TrafficPolicy.CookieAttribute;
import dev.weft.config.model.TrafficPolicy.HashKey;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.route.Draw;
import dev.weft.routing.route.match.CookieText;
import dev.weft.routing.route.match.QueryText;
import io.netty.handler.codec.http.HttpHeaderNames;
import java.util.OptionalLong;
import net.openhft.hashing.LongHashFunction;
import org.jspecify.annotations.Nullable;

/**
 * The hash of what a request carries, for balancers that send the same key to the same endpoint.
 *
 * <p>Source: Istio {@code ConsistentHashLB}.
 */
public final class HashKeys {

  private static final String HTTP_ONLY = "HttpOnly";

  private HashKeys() {}

  static OptionalLong of(HashKey key, Exchange exchange) {
    String value = value(key, exchange);
    if (value == null && key instanceof HashKey.Cookie cookie && cookie.ttl().isPresent()) {
      value = made(exchange);
    }
    return value == null ? OptionalLong.empty() : OptionalLong.of(hash(value));
  }

  private static long hash(String value) {
    return LongHashFunction.xx().hashChars(value);
  }

  /**
   * The hash of what is known of a connection that is not HTTP: a request's keys are none.
   *
   * @param address of its caller
   */
  public static OptionalLong of(HashKey key, String address) {
    return key instanceof HashKey.SourceIp ? OptionalLong.of(hash(address)) : OptionalLong.empty();
  }

  private static @Nullable String value(HashKey key, Exchange exchange) {
    if (key instanceof HashKey.Header header) {
      return exchange.request().headers().get(header.name());
    }
    if (key instanceof HashKey.QueryParameter query) {
      return QueryText.value(exchange.request().head().query(), query.name());
    }
    if (key instanceof HashKey.Cookie cookie) {
      return cookie(exchange, cookie.name());
    }
    return exchange.caller().address();
  }

  private static @Nullable String cookie(Exchange exchange, String name) {
    return CookieText.value(exchange.request().headers(), name);
  }

  /** The value of a cookie for a caller that has none. */
  private static String made(Exchange exchange) {
    return Long.toHexString(
        Draw.mix(exchange.seed(), Draw.Purpose.ENDPOINT, Integer.MAX_VALUE - 1));
  }

  /** Gives the caller the cookie that its endpoint was chosen by, where it came without. */
  static void remember(HashKey key, Exchange exchange, Response response) {
    if (key instanceof HashKey.Cookie cookie
        && cookie.ttl().isPresent()
        && cookie(exchange, cookie.name()) == null) {
      long seconds = cookie.ttl().get().toSeconds();
      String path = cookie.path().isEmpty() ? "/" : cookie.path();
      String age = seconds == 0 ? "" : "; Max-Age=" + seconds;
      StringBuilder text = new StringBuilder(cookie.name()).append('=').append(made(exchange));
      text.append("; Path=").append(path).append(age);
      boolean hidden = false;
      for (CookieAttribute attribute : cookie.attributes()) {
        text.append("; ").append(attribute.name());
        if (!attribute.value().isEmpty()) {
          text.append('=').append(attribute.value());
        }
        hidden |= attribute.name().equalsIgnoreCase(HTTP_ONLY);
      }
      if (!hidden) {
        text.append("; ").append(HTTP_ONLY);
      }
      response.headers().add(HttpHeaderNames.SET_COOKIE, text);
    }
  }
}
