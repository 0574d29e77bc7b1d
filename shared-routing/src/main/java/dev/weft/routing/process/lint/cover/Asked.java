package dev.weft.routing.process.lint.cover;

import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.RequestHead;
import java.net.URI;
import java.util.Map;

/**
 * A request that is tried, as the decision function takes it.
 *
 * @param at where it comes in
 */
public record Asked(RequestHead head, Caller caller, Vantage at) {

  /** As it is given to {@code weft explain}: {@code GET http://shop.test/a -H 'x: b' --gateway}. */
  public String told() {
    StringBuilder text = new StringBuilder(head.method()).append(' ').append(url());
    for (Map.Entry<String, String> header : head.headers().entries()) {
      String line = header.getKey() + ": " + header.getValue();
      text.append(" -H '").append(line.replace("'", "'\\''")).append('\'');
    }
    return text.append(at.flags()).toString();
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
