package dev.weft.routing.admin;

import io.netty.util.NetUtil;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.RoutingContext;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Keeps web pages away from the admin API: what a browser can be made to send from a foreign page
 * has a foreign {@code Host} (a name that was pointed at this address), a foreign {@code Origin} or
 * {@code Sec-Fetch-Site}, or lacks the header that only a script of the same origin or a program
 * can set.
 *
 * <p>A {@code Host} is our own when it is {@code localhost}, a loopback address, the address that
 * the connection came to, or one of the names given. Immutable.
 */
public final class AdminGuard implements Handler<RoutingContext> {

  /** What every request that changes something must carry, with any value. */
  public static final String CHANGE_HEADER = "x-weft-admin";

  private static final String LOCALHOST = "localhost";
  private static final String LOOPBACK_6 = "::1";

  private final Set<String> names;
  private final boolean anyHost;

  /**
   * @param names further hosts that are our own, in lower case, without a port
   */
  public AdminGuard(Set<String> names) {
    this(names, false);
  }

  private AdminGuard(Set<String> names, boolean anyHost) {
    this.names = Set.copyOf(names);
    this.anyHost = anyHost;
  }

  /**
   * For a port whose callers prove who they are, each time and by what a browser sends to one name
   * alone: a name that was pointed at it wins nothing.
   */
  public static AdminGuard anyHost() {
    return new AdminGuard(Set.of(), true);
  }

  @Override
  public void handle(RoutingContext context) {
    Optional<String> refusal = refusal(context.request());
    if (refusal.isPresent()) {
      Replies.error(context, 403, refusal.get());
    } else {
      context.next();
    }
  }

  private Optional<String> refusal(HttpServerRequest request) {
    HostAndPort authority = request.authority();
    if (authority == null || !(anyHost || ours(authority.host(), request.localAddress()))) {
      return Optional.of("host: not one of this proxy's own; use localhost or its address");
    }
    String origin = request.getHeader(HttpHeaders.ORIGIN);
    if (origin != null && !origin.equalsIgnoreCase(request.scheme() + "://" + authority)) {
      return Optional.of("origin: requests from other pages are refused");
    }
    if (foreign(request)) {
      return Optional.of("sec-fetch-site: requests from other pages are refused");
    }
    boolean reads =
        request.method().equals(HttpMethod.GET) || request.method().equals(HttpMethod.HEAD);
    if (!reads && request.getHeader(CHANGE_HEADER) == null) {
      return Optional.of("a change needs the header " + CHANGE_HEADER + ": 1");
    }
    return Optional.empty();
  }

  /**
   * Whether another page asks: for a picture or a script there is no {@code Origin}, but browsers
   * say so themselves. A link that somebody follows may lead here.
   *
   * <p>Source: W3C Fetch Metadata.
   */
  private static boolean foreign(HttpServerRequest request) {
    String site = request.getHeader("sec-fetch-site");
    return site != null
        && !site.equals("same-origin")
        && !site.equals("none")
        && !("navigate".equals(request.getHeader("sec-fetch-mode"))
            && "document".equals(request.getHeader("sec-fetch-dest")));
  }

  private boolean ours(String told, SocketAddress local) {
    String lower = told.toLowerCase(Locale.ROOT);
    String host = lower.startsWith("[") ? lower.substring(1, lower.length() - 1) : lower;
    return host.equals(LOCALHOST)
        || host.equals(LOOPBACK_6)
        || (host.startsWith("127.") && NetUtil.isValidIpV4Address(host))
        || host.equals(local.hostAddress())
        || names.contains(host);
  }
}
