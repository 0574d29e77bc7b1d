package dev.weft.routing.exchange;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.vertx.core.MultiMap;

/**
 * What a caller sent before the body, as routing sees it.
 *
 * @param method e.g. {@code GET}
 * @param scheme {@code http} or {@code https}, as the listener took it
 * @param authority {@code Host} or {@code :authority} as sent, with its port where it has one
 * @param path normalised (RFC 3986 section 5.2.4 dot segments), begins with {@code /}, without the
 *     query
 * @param query what follows the {@code ?}, without it; empty where there is none
 * @param headers by name without regard to case; not to be changed
 */
public record RequestHead(
    String method, String scheme, String authority, String path, String query, MultiMap headers) {

  /** Why a request with {@link #severalCredentials()} is refused. */
  public static final String SEVERAL_CREDENTIALS = "several Authorization headers";

  /** The same with another query and other headers. */
  public RequestHead with(String otherQuery, MultiMap others) {
    return new RequestHead(method, scheme, authority, path, otherQuery, others);
  }

  /**
   * Whether it shows credentials in more lines than the one that there may be (RFC 9110 section
   * 11.6.2): each who reads it might go by another of them. Costs a look-up where there is none.
   */
  public boolean severalCredentials() {
    return headers.contains(HttpHeaderNames.AUTHORIZATION)
        && headers.getAll(HttpHeaderNames.AUTHORIZATION).size() > 1;
  }

  /** Path and query as they go on the wire. */
  public String target() {
    return query.isEmpty() ? path : path + "?" + query;
  }
}
