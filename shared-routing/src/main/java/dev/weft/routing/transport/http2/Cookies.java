package dev.weft.routing.transport.http2;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.vertx.core.MultiMap;

/**
 * Which {@code Cookie} comes out of HTTP/2 as it went in. Several fields of it may be crumbs of one
 * there, so that Vert.x joins them where it reads them; user agents send one.
 *
 * <p>Source: RFC 9113 section 8.2.3, RFC 6265 section 5.4; Vert.x 5.0.12, {@code
 * Http2HeadersAdaptor}.
 */
public final class Cookies {

  private Cookies() {}

  public static boolean same(MultiMap headers) {
    return !headers.contains(HttpHeaderNames.COOKIE)
        || headers.getAll(HttpHeaderNames.COOKIE).size() == 1;
  }
}
