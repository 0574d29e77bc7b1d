package dev.weft.routing.listener;

import dev.weft.routing.exchange.RequestHead;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.HostAndPort;
import java.util.Optional;

/**
 * The head of a request as routing sees it.
 *
 * <p>Source: RFC 9112 section 3.2 (one {@code Host}; the authority of an absolute target wins), RFC
 * 9113 section 8.3.1 ({@code :authority}).
 */
final class RequestHeads {

  private RequestHeads() {}

  /** Empty where path or host cannot be meant. */
  static Optional<RequestHead> of(HttpServerRequest incoming) {
    String uri = incoming.uri();
    int scheme = uri.startsWith("/") ? -1 : uri.indexOf("://");
    if (scheme < 0) {
      return of(incoming, authority(incoming), uri);
    }
    int slash = uri.indexOf('/', scheme + 3);
    String authority = uri.substring(scheme + 3, slash < 0 ? uri.length() : slash);
    return of(incoming, authority, slash < 0 ? "/" : uri.substring(slash));
  }

  private static Optional<RequestHead> of(
      HttpServerRequest incoming, String authority, String uri) {
    if (authority.isEmpty() || manyHosts(incoming)) {
      return Optional.empty();
    }
    int question = uri.indexOf('?');
    String path = question < 0 ? uri : uri.substring(0, question);
    String query = question < 0 ? "" : uri.substring(question + 1);
    return path(incoming, path)
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

  private static Optional<String> path(HttpServerRequest incoming, String path) {
    if (path.equals("*") && incoming.method().equals(HttpMethod.OPTIONS)) {
      return Optional.of(path);
    }
    return path.startsWith("/") ? Paths.normalised(path) : Optional.empty();
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
