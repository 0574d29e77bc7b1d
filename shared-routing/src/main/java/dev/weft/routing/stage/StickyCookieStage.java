package dev.weft.routing.stage;

import dev.weft.config.model.settings.StickyKey;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.exchange.Service;
import dev.weft.routing.exchange.Stage;
import dev.weft.routing.route.match.CookieText;
import dev.weft.routing.route.sticky.Cohorts;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.vertx.core.Future;

/**
 * Gives a user the cookie by which his version was chosen, where he came without.
 *
 * <p>Source: {@code ProxySettings.routes[].sticky.cookie}; RFC 6265.
 */
public final class StickyCookieStage implements Stage {

  private final String name;
  private final String attributes;

  public StickyCookieStage(StickyKey.Cookie cookie) {
    this.name = cookie.name();
    String age = cookie.ttl().map(ttl -> "; Max-Age=" + ttl.toSeconds()).orElse("");
    this.attributes = "; Path=/" + age + "; HttpOnly";
  }

  @Override
  public Future<Response> apply(Exchange exchange, Service next) {
    if (CookieText.value(exchange.request().head().headers(), name) != null) {
      return next.serve(exchange);
    }
    String cookie = name + "=" + Cohorts.newcomer(exchange.seed()) + attributes;
    return next.serve(exchange).map(response -> given(response, cookie));
  }

  private static Response given(Response response, String cookie) {
    response.headers().add(HttpHeaderNames.SET_COOKIE, cookie);
    return response;
  }
}
