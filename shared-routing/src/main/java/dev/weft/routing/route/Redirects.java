package dev.weft.routing.route;

import dev.weft.config.model.HttpAction;
import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.Decision.Redirect;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.route.match.Authorities;

/**
 * The {@code Location} of a redirect.
 *
 * <p>Source: Istio {@code HTTPRedirect}: a port that is the scheme's own is left out.
 */
final class Redirects {

  private static final int HTTP = 80;
  private static final int HTTPS = 443;

  private Redirects() {}

  static Redirect answer(HttpAction.Redirect rule, RequestHead head, Caller caller, int prefix) {
    String scheme = rule.scheme().orElse(head.scheme());
    String authority = rule.authority().orElse(head.authority());
    String host = Authorities.host(authority);
    boolean moved = rule.authority().isPresent() || rule.scheme().isPresent();
    int port;
    if (rule.port().isPresent()) {
      port = rule.port().getAsInt();
    } else if (rule.portFromRequest()) {
      port = caller.localPort();
    } else {
      port = moved && rule.authority().isEmpty() ? 0 : Authorities.port(authority);
    }
    String path =
        rule.uri()
            .or(() -> rule.prefixRewrite().map(by -> Rewriter.replaced(head, prefix, by)))
            .orElse(head.path());
    String rooted = path.startsWith("/") ? path : "/" + path; // else it would lengthen the host
    boolean whole = head.query().isEmpty() || rooted.indexOf('?') >= 0; // the rule's own query wins
    String target = whole ? rooted : rooted + "?" + head.query();
    return new Redirect(rule.code(), scheme + "://" + host + shown(scheme, port) + target);
  }

  private static String shown(String scheme, int port) {
    boolean own = scheme.equals("https") ? port == HTTPS : port == HTTP;
    return port == 0 || own ? "" : ":" + port;
  }
}
