package dev.weft.control.access;

import dev.weft.control.issue.JsonErrors;
import dev.weft.routing.clock.Ticker;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.CookieSameSite;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets in who shows a client's certificate that the handshake verified, or the token: as {@code
 * Authorization: Bearer}, or in a form, for which there is a cookie that scripts cannot read and
 * other pages cannot have sent. Wrong tokens are bounded by address.
 *
 * <p>Belongs to the event loop of its port.
 */
final class Admission {

  private static final Logger LOG = LoggerFactory.getLogger(Admission.class);
  private static final String COOKIE = "__Host-weft";
  private static final String BEARER = "Bearer ";
  private static final String PAGES = "/dashboard/";
  private static final long LARGEST_FORM = 8_192;

  private final Supplier<Optional<TokenFile>> token;
  private final boolean certificates;
  private final Sessions sessions;
  private final Tries tries;
  private final Ticker ticker;
  private final LoginPage page = new LoginPage();

  /**
   * @param token that is good now; empty where none lets anybody in
   * @param certificates whether a client's certificate does
   */
  Admission(Supplier<Optional<TokenFile>> token, boolean certificates, Ticker ticker) {
    this.token = token;
    this.certificates = certificates;
    this.sessions = new Sessions(ticker);
    this.tries = new Tries(ticker);
    this.ticker = ticker;
  }

  /** In front of all other routes; who is not let in gets no further. */
  void mount(Router router) {
    router.get("/login").handler(context -> page.show(context, 200, ""));
    router
        .post("/login")
        .handler(BodyHandler.create(false).setBodyLimit(LARGEST_FORM))
        .handler(this::login);
    router.route().handler(this::admit);
    router
        .post("/logout")
        .handler(
            context -> {
              cookie(context).ifPresent(sessions::end);
              context.response().removeCookie(COOKIE, true);
              to(context, "/login");
            });
  }

  private void login(RoutingContext context) {
    String address = context.request().remoteAddress().hostAddress();
    Optional<TokenFile> good = token.get();
    if (!sameOrigin(context.request())) {
      page.show(context, 403, "This form was sent by another page.");
    } else if (!tries.may(address)) {
      late(context, address);
      page.show(context, 429, "Too many wrong tokens; try again later.");
    } else if (good.filter(one -> one.is(told(context))).isEmpty()) {
      wrong(context, address);
      page.show(context, 403, "That is not the token.");
    } else {
      context
          .response()
          .addCookie(
              Cookie.cookie(COOKIE, sessions.begin(good.get()))
                  .setPath("/")
                  .setHttpOnly(true)
                  .setSecure(true)
                  .setSameSite(CookieSameSite.STRICT)
                  .setMaxAge(Sessions.LIFE.toSeconds()));
      to(context, PAGES);
    }
  }

  private static String told(RoutingContext context) {
    return Optional.ofNullable(context.request().getFormAttribute("token")).orElse("").strip();
  }

  private static boolean sameOrigin(HttpServerRequest request) {
    String origin = request.getHeader(HttpHeaders.ORIGIN);
    return origin == null
        || origin.equalsIgnoreCase(request.scheme() + "://" + request.authority());
  }

  private void admit(RoutingContext context) {
    String address = context.request().remoteAddress().hostAddress();
    Optional<TokenFile> good = token.get();
    if (certified(context.request())
        || good.filter(one -> cookie(context).filter(name -> sessions.good(name, one)).isPresent())
            .isPresent()) {
      context.next();
      return;
    }
    String shown = context.request().getHeader(HttpHeaders.AUTHORIZATION);
    if (shown == null || !shown.startsWith(BEARER) || good.isEmpty()) {
      refuse(context, good.isPresent());
    } else if (!tries.may(address)) {
      late(context, address);
      JsonErrors.end(context, 429, "too many wrong tokens");
    } else if (good.get().is(shown.substring(BEARER.length()).strip())) {
      context.next();
    } else {
      wrong(context, address);
      refuse(context, true);
    }
  }

  private static void refuse(RoutingContext context, boolean byToken) {
    String accepts = Optional.ofNullable(context.request().getHeader("accept")).orElse("");
    if (byToken
        && context.request().method().equals(HttpMethod.GET)
        && accepts.contains("text/html")) {
      to(context, "/login");
      return;
    }
    context.response().putHeader("www-authenticate", "Bearer realm=\"weft\"");
    JsonErrors.end(
        context, 401, byToken ? "the token is needed" : "a client's certificate is needed");
  }

  private void wrong(RoutingContext context, String address) {
    tries.wrong(address);
    LOG.warn("dashboard: a wrong token from {}", context.request().remoteAddress());
  }

  private void late(RoutingContext context, String address) {
    context.response().putHeader(HttpHeaders.RETRY_AFTER, Long.toString(tries.wait(address)));
  }

  private static void to(RoutingContext context, String path) {
    context
        .response()
        .setStatusCode(303)
        .putHeader(HttpHeaders.LOCATION, path)
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
        .end();
  }

  private static Optional<String> cookie(RoutingContext context) {
    return Optional.ofNullable(context.request().getCookie(COOKIE)).map(Cookie::getValue);
  }

  /** Whether the handshake verified a client's certificate that is good still. */
  private boolean certified(HttpServerRequest request) {
    if (!certificates || !request.isSSL()) {
      return false;
    }
    try {
      List<Certificate> chain = request.connection().peerCertificates();
      if (chain == null || chain.isEmpty() || !(chain.get(0) instanceof X509Certificate leaf)) {
        return false;
      }
      leaf.checkValidity(Date.from(Instant.ofEpochMilli(ticker.epochMillis())));
      return true;
    } catch (SSLPeerUnverifiedException | CertificateException e) {
      return false;
    }
  }
}
