package dev.weft.routing.listener;

import dev.weft.config.model.settings.PathHandling.Normalize;
import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.Request;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.listener.ListenerSettings.Role;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.util.AsciiString;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.HostAndPort;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The head of a request as routing sees it.
 *
 * <p>Source: RFC 9112 section 3.2 (one {@code Host}; the authority of an absolute target wins), RFC
 * 9113 section 8.3.1 ({@code :authority}).
 */
final class RequestHeads {

  private RequestHeads() {}

  /** Empty where path, host or the body's coding cannot be meant, or are not understood. */
  static Optional<RequestHead> of(HttpServerRequest incoming, Normalize how) {
    String uri = Paths.written(incoming.uri());
    if (uri.isEmpty() || coded(incoming)) {
      return Optional.empty();
    }
    boolean http2 = incoming.version() == HttpVersion.HTTP_2;
    int scheme = uri.startsWith("/") || http2 ? -1 : uri.indexOf("://");
    if (scheme < 0) {
      return of(incoming, authority(incoming), uri, how);
    }
    int slash = uri.indexOf('/', scheme + 3);
    String authority = uri.substring(scheme + 3, slash < 0 ? uri.length() : slash);
    return of(incoming, authority, slash < 0 ? "/" : uri.substring(slash), how);
  }

  /**
   * Fails with a {@link ProxyFailure} where the target is longer than {@code most} bytes. Of HTTP/1
   * the reader knows it before; HTTP/2 has no line whose length it could tell.
   */
  static void bounded(HttpServerRequest incoming, int most) {
    int length = incoming.uri().length();
    if (length > most) {
      throw new ProxyFailure(
          Cause.URL_TOO_LONG, "a target of " + length + " bytes (at most: " + most + ")");
    }
  }

  /** That which it came in, or of which a proxy of the mesh says that it carried it here. */
  static HttpVersion version(HttpServerRequest incoming, Caller caller, Role role) {
    boolean carried =
        role == Role.MESH_INBOUND
            && caller.principal().isPresent()
            && incoming.version() == HttpVersion.HTTP_2
            && incoming.headers().contains(Request.CAME_AS, Request.HTTP_1_1, false);
    return carried ? HttpVersion.HTTP_1_1 : incoming.version();
  }

  /** Whether a WebSocket is asked for as RFC 6455 section 4.1 says: without a body, above all. */
  static boolean upgrade(HttpServerRequest incoming) {
    MultiMap headers = incoming.headers();
    String wanted = headers.get(HttpHeaderNames.UPGRADE);
    return wanted != null
        && wanted.equalsIgnoreCase("websocket")
        && incoming.version() == HttpVersion.HTTP_1_1
        && incoming.method().equals(HttpMethod.GET)
        && upgrades(headers.get(HttpHeaderNames.CONNECTION))
        && !some(incoming, headers.get(HttpHeaderNames.CONTENT_LENGTH));
  }

  private static boolean upgrades(@Nullable String connection) {
    return connection != null
        && AsciiString.containsIgnoreCase(connection, HttpHeaderNames.UPGRADE);
  }

  /** Whether there is a body (RFC 9112 section 6.3, RFC 9113 section 8.1). */
  static boolean some(HttpServerRequest incoming, @Nullable String length) {
    if (incoming.version() == HttpVersion.HTTP_2) {
      return !"0".equals(length) && !HandedOverHttp.endedWithHead(incoming);
    }
    return length == null
        ? incoming.headers().contains(HttpHeaderNames.TRANSFER_ENCODING)
        : !length.equals("0");
  }

  private static Optional<RequestHead> of(
      HttpServerRequest incoming, String authority, String uri, Normalize how) {
    if (!named(authority) || manyHosts(incoming)) {
      return Optional.empty();
    }
    int question = uri.indexOf('?');
    String path = question < 0 ? uri : uri.substring(0, question);
    String query = question < 0 ? "" : uri.substring(question + 1);
    return path(incoming, path, how)
        .map(
            normalised ->
                new RequestHead(
                    incoming.method().name(),
                    incoming.isSSL() ? "https" : "http",
                    authority,
                    normalised,
                    query,
                    incoming.headers()));
  }

  private static Optional<String> path(HttpServerRequest incoming, String path, Normalize how) {
    if (path.equals("*") && incoming.method().equals(HttpMethod.OPTIONS)) {
      return Optional.of(path);
    }
    return path.startsWith("/") ? Paths.normalised(path, how) : Optional.empty();
  }

  /**
   * Whether the body has a coding beside chunked: to take it away unread would leave a body that
   * nobody can tell, and to understand it is not offered (RFC 9112 section 6.1).
   */
  private static boolean coded(HttpServerRequest incoming) {
    String coding = incoming.headers().get(HttpHeaderNames.TRANSFER_ENCODING);
    return coding != null && !HttpHeaderValues.CHUNKED.contentEqualsIgnoreCase(coding);
  }

  /** Whether it is a host and perhaps one port (RFC 9110 section 4.2.3: no user). */
  private static boolean named(String authority) {
    for (int i = 0; i < authority.length(); i++) {
      char c = authority.charAt(i);
      boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      if (!letter && "-.:_[]~%".indexOf(c) < 0) {
        return false;
      }
    }
    return !authority.isEmpty() && ports(authority) <= 1;
  }

  private static int ports(String authority) {
    int first = authority.indexOf(':', Math.max(0, authority.indexOf(']')));
    return first < 0 ? 0 : first == authority.lastIndexOf(':') ? 1 : 2;
  }

  private static boolean manyHosts(HttpServerRequest incoming) {
    return incoming.version() != HttpVersion.HTTP_2
        && incoming.headers().getAll(HttpHeaderNames.HOST).size() > 1;
  }

  private static String authority(HttpServerRequest incoming) {
    String host = incoming.headers().get(HttpHeaderNames.HOST);
    if (host != null && incoming.version() != HttpVersion.HTTP_2) {
      return host;
    }
    HostAndPort authority = incoming.authority();
    return authority == null ? "" : authority.toString();
  }
}
