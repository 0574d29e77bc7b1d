package dev.weft.control.access;

import dev.weft.control.issue.JsonErrors;
import dev.weft.routing.admin.history.Asker;
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
 * other pages cannot have sent. Wrong tokens are bounded by address. Who may look alone changes
 * nothing, whatever the page. Behind it {@link Asker#of} tells who it is.
 *
 * <p>Belongs to the event loop of its port.
 */
final class Admission {

  private static final Logger LOG = LoggerFactory.getLogger(Admission.class);
  private static final String COOKIE = "__Host-weft";
  private static final String TOKEN = "token ";
  private static final String BEARER = "Bearer ";
  private static final String LOGOUT = "/logout";
  private static final String PAGES = "/dashboard/";
  private static final long LARGEST_FORM = 8_192;

  private final Supplier<List<TokenFile>> tokens;
  private final AccessSettings settings;
  private final Sessions sessions;
  private final Tries tries;
  private final Ticker ticker;
  private final LoginPage page = new LoginPage();

  /**
   * @param tokens that are good now; empty where none lets anybody in
   */
  Admission(Supplier<List<TokenFile>> tokens, AccessSettings settings, Ticker ticker) {
    this.tokens = tokens;
    this.settings = settings;
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
        .post(LOGOUT)
        .handler(
            context -> {
              cookie(context).ifPresent(sessions::end);
              context.response().removeCookie(COOKIE, true);
              to(context, "/login");
            });
  }

  private void login(RoutingContext context) {
    String address = context.request().remoteAddress().hostAddress();
    Optional<TokenFile> good = known(told(context));
    if (!sameOrigin(context.request())) {
      page.show(context, 403, "This form was sent by another page.");
    } else if (!tries.may(address)) {
      late(context, address);
      page.show(context, 429, "Too many wrong tokens; try again later.");
    } else if (good.isEmpty()) {
      wrong(context, address);
      page.show(context, 403, "That is not the token.");
    } else {
      LOG.info("dashboard: {} logged in from {}", of(good.get()), address);
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

  /** Each is compared, whichever it is. */
  private Optional<TokenFile> known(String told) {
    List<TokenFile> same = tokens.get().stream().filter(one -> one.is(told)).toList();
    return same.stream().findFirst();
  }

  private void admit(RoutingContext context) {
    String address = context.request().remoteAddress().hostAddress();
    List<TokenFile> good = tokens.get();
    Optional<String> proved =
        certified(context.request())
            .or(
                () ->
                    cookie(context).flatMap(name -> sessions.token(name, good)).map(Admission::of));
    String shown = context.request().getHeader(HttpHeaders.AUTHORIZATION);
    if (proved.isPresent()) {
      admit(context, proved.get());
    } else if (shown == null || !shown.startsWith(BEARER) || good.isEmpty()) {
      refuse(context, !good.isEmpty());
    } else if (!tries.may(address)) {
      late(context, address);
      JsonErrors.end(context, 429, "too many wrong tokens");
    } else {
      known(shown.substring(BEARER.length()).strip())
          .ifPresentOrElse(
              one -> admit(context, of(one)),
              () -> {
                wrong(context, address);
                refuse(context, true);
              });
    }
  }

  private static String of(TokenFile token) {
    return TOKEN + token.name();
  }

  /** Lets somebody in whose name was proved. */
  private void admit(RoutingContext context, String name) {
    HttpServerRequest request = context.request();
    String plain = name.startsWith(TOKEN) ? name.substring(TOKEN.length()) : name;
    boolean changes = settings.editors().isEmpty() || settings.editors().contains(plain);
    Asker asker = new Asker(Optional.of(name), request.remoteAddress().hostAddress(), changes);
    boolean reads =
        request.method().equals(HttpMethod.GET) || request.method().equals(HttpMethod.HEAD);
    if (reads || changes || request.path().equals(LOGOUT)) {
      asker.admit(context);
      context.next();
    } else {
      LOG.warn("dashboard: {} {} refused, asked for {}", request.method(), request.path(), asker);
      JsonErrors.end(
          context,
          403,
          asker.name().orElse("") + " may look, and change nothing (--dashboard-editor)");
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

  /** The subject of a client's certificate that the handshake verified and that is good still. */
  private Optional<String> certified(HttpServerRequest request) {
    if (settings.clients().isEmpty() || !request.isSSL()) {
      return Optional.empty();
    }
    try {
      List<Certificate> chain = request.connection().peerCertificates();
      if (chain == null || chain.isEmpty() || !(chain.get(0) instanceof X509Certificate leaf)) {
        return Optional.empty();
      }
      leaf.checkValidity(Date.from(Instant.ofEpochMilli(ticker.epochMillis())));
      return Optional.of(subject(leaf));
    } catch (SSLPeerUnverifiedException | CertificateException e) {
      return Optional.empty();
    }
  }

  /** Some have names elsewhere alone; a number is theirs with their issuer's. */
  private static String subject(X509Certificate leaf) {
    String name = leaf.getSubjectX500Principal().getName();
    return name.isEmpty()
        ? "certificate " + leaf.getSerialNumber() + " of " + leaf.getIssuerX500Principal().getName()
        : name;
  }
}
