package dev.weft.routing.process.lint.cover;

import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.route.match.Authorities;
import java.net.URI;
import java.util.Map;
import java.util.Optional;

/**
 * A request that is tried, as the decision function takes it.
 *
 * @param at where it comes in
 * @param turned what becomes of it where no rule is asked, behind the request: {@code gets 421}
 */
public record Asked(RequestHead head, Caller caller, Vantage at, Optional<String> turned) {

  private static final int HTTP = 80;
  private static final int HTTPS = 443;

  /** As it is given to {@code weft explain}: {@code GET http://shop.test/a -H 'x: b' --gateway}. */
  public String told() {
    StringBuilder text = new StringBuilder(head.method()).append(' ');
    Optional<String> elsewhere = elsewhere();
    text.append(elsewhere.orElse(url()));
    elsewhere.ifPresent(any -> text.append(" -H 'host: ").append(head.authority()).append('\''));
    for (Map.Entry<String, String> header : head.headers().entries()) {
      String line = header.getKey() + ": " + header.getValue();
      text.append(" -H '").append(line.replace("'", "'\\''")).append('\'');
    }
    return text.append(at.flags()).toString();
  }

  /** The URL of the port that it comes to, where it names another one than that. */
  private Optional<String> elsewhere() {
    int standard = head.scheme().equals("https") ? HTTPS : HTTP;
    int named = Authorities.port(head.authority());
    return at.edge()
        .map(Vantage.Edge::port)
        .filter(port -> port != (named > 0 ? named : standard))
        .map(port -> Authorities.host(head.authority()) + ":" + port)
        .map(authority -> head.scheme() + "://" + authority + head.target());
  }

  /** Its URL. */
  public String url() {
    return head.scheme() + "://" + head.authority() + head.target();
  }

  /** Whether a client could send it as it is. */
  public boolean sendable() {
    try {
      URI uri = URI.create(url());
      return head.authority().equals(uri.getRawAuthority()) && head.path().equals(uri.getRawPath());
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
