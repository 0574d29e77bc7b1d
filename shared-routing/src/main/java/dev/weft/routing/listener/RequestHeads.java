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
import io.netty.util.NetUtil;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.HostAndPort;
import io.vertx.core.net.SocketAddress;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The head of a request as routing sees it.
 *
 * <p>Source: RFC 9112 section 3.2 (one {@code Host}; the authority of an absolute target wins), RFC
 * 9113 section 8.3.1 ({@code :authority}).
 */
final class RequestHeads {

  private static final int MOST_PORT = 65_535;
  private static final String NONE = "-";

  private RequestHeads() {}

  /** Empty where path, host or the body's coding cannot be meant, or are not understood. */
  static Optional<RequestHead> of(HttpServerRequest incoming, Normalize how) {
    String target = incoming.uri();
    String uri = target == null ? "" : Paths.written(target); // a CONNECT of HTTP/2 has none
    if (uri.isEmpty() || coded(incoming)) {
      return Optional.empty();
    }
    if (incoming.version() == HttpVersion.HTTP_2) {
      boolean served = !port(incoming.scheme()).isEmpty();
      return served ? of(incoming, authority(incoming), uri, how) : Optional.empty();
    }
    return uri.startsWith("/") || uri.indexOf("://") < 0
        ? of(incoming, authority(incoming), uri, how)
        : absolute(incoming, uri, how);
  }

  /** Of a target that is a URL. */
  private static Optional<RequestHead> absolute(
      HttpServerRequest incoming, String uri, Normalize how) {
    int scheme = uri.indexOf("://");
    int slash = uri.indexOf('/', scheme + 3);
    String authority = uri.substring(scheme + 3, slash < 0 ? uri.length() : slash);
    return agrees(incoming, uri.substring(0, scheme), authority)
        ? of(incoming, authority, slash < 0 ? "/" : uri.substring(slash), how)
        : Optional.empty();
  }

  /**
   * Whether a URL means the host that {@code Host} names. A server that looks at the other of the
   * two would serve another host than policies and routes were asked about; so they must agree,
   * where RFC 9112 section 3.2.2 has a proxy believe the URL.
   */
  private static boolean agrees(HttpServerRequest incoming, String scheme, String authority) {
    String port = port(scheme);
    if (port.isEmpty()) {
      return false;
    }
    String host = incoming.headers().get(HttpHeaderNames.HOST);
    return host == null
        ? incoming.version() == HttpVersion.HTTP_1_0 // RFC 9112 section 3.2: 1.1 has one
        : host.equalsIgnoreCase(authority)
            || host.equalsIgnoreCase(authority + port)
            || authority.equalsIgnoreCase(host + port);
  }

  /** That which a URL of this scheme need not tell; empty for schemes that are not served. */
  private static String port(String scheme) {
    return scheme.equalsIgnoreCase("https") ? ":443" : scheme.equalsIgnoreCase("http") ? ":80" : "";
  }

  /** TRACE would show callers what proxies add to their requests (RFC 9110 section 9.3.8). */
  static boolean offered(HttpMethod method, Role role) {
    return !method.equals(HttpMethod.CONNECT)
        && (role != Role.EDGE || !method.equals(HttpMethod.TRACE));
  }

  /** Vert.x sees {@code close} where nothing stands beside it. */
  static boolean closesAmongOthers(MultiMap headers) {
    String connection = headers.get(HttpHeaderNames.CONNECTION);
    return connection != null
        && connection.indexOf(',') >= 0
        && AsciiString.containsIgnoreCase(connection, HttpHeaderValues.CLOSE);
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

  /** Who sent a request on a connection of which nothing is known. */
  static Caller stranger(HttpServerRequest incoming) {
    SocketAddress from = incoming.remoteAddress();
    int port = incoming.localAddress().port();
    return Caller.anonymous(from.host(), from.port(), port, incoming.isSSL());
  }

  /** Of a request whose first line could be read, and no more could be made of it. */
  static RequestHead unmeant(HttpServerRequest incoming) {
    String target = incoming.uri() == null ? NONE : incoming.uri();
    String host = incoming.headers().get(HttpHeaderNames.HOST);
    return new RequestHead(
        incoming.method().name(),
        incoming.isSSL() ? "https" : "http",
        host == null ? NONE : host,
        target,
        "",
        incoming.headers());
  }

  /** Of one of which nothing could be read. */
  static RequestHead unread(HttpServerRequest incoming) {
    String scheme = incoming.isSSL() ? "https" : "http";
    return new RequestHead(NONE, scheme, NONE, NONE, "", HttpHeaders.headers());
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

  /** Whether it is a host and perhaps one port (RFC 3986 section 3.2, RFC 9110 section 4.2.4). */
  private static boolean named(String authority) {
    int bracket = authority.startsWith("[") ? authority.indexOf(']') : 0;
    if (bracket < 0) {
      return false;
    }
    int colon = authority.indexOf(':', bracket);
    int end = colon < 0 ? authority.length() : colon;
    boolean host =
        bracket == 0
            ? name(authority, end)
            : end == bracket + 1 && NetUtil.isValidIpV6Address(authority.substring(1, bracket));
    return host && port(authority, end);
  }

  private static boolean name(String authority, int end) {
    for (int i = 0; i < end; i++) {
      char c = authority.charAt(i);
      boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      if (!letter && "-._~%".indexOf(c) < 0) {
        return false;
      }
    }
    return end > 0;
  }

  /** Whether there is none from {@code colon} on, or one that a socket can have. */
  private static boolean port(String authority, int colon) {
    int port = 0;
    for (int i = colon + 1; i < authority.length(); i++) {
      int digit = authority.charAt(i) - '0';
      port = 10 * port + digit;
      if (digit < 0 || digit > 9 || port > MOST_PORT) {
        return false;
      }
    }
    return true;
  }

  private static boolean manyHosts(HttpServerRequest incoming) {
    return incoming.headers().getAll(HttpHeaderNames.HOST).size() > 1;
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
