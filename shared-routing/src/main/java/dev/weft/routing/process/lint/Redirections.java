package dev.weft.routing.process.lint;

import dev.weft.routing.exchange.Decision;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.process.lint.cover.Asked;
import dev.weft.routing.process.lint.cover.Vantages;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Follows redirects as a client would, with the same method and headers. */
final class Redirections {

  private static final int MOST_HOPS = 10;
  private static final int HTTP = 80;
  private static final int HTTPS = 443;

  private final Vantages vantages;

  Redirections(Vantages vantages) {
    this.vantages = vantages;
  }

  /**
   * The URLs that a client is sent to which never gets anywhere.
   *
   * @return the first one a second time at the end, where it is a circle; empty where it ends, or
   *     leaves what is known
   */
  Optional<List<String>> endless(Asked first) {
    List<String> seen = new ArrayList<>(List.of(first.url()));
    Optional<Asked> at = Optional.of(first);
    for (int hop = 0; hop < MOST_HOPS && at.isPresent(); hop++) {
      Decision decision = at.get().at().decide(at.get(), 0);
      if (!(decision.action() instanceof Decision.Redirect redirect)) {
        return Optional.empty();
      }
      at = next(at.get(), redirect.location());
      String url = at.map(Asked::url).orElse("");
      boolean circle = seen.contains(url);
      seen.add(url);
      if (circle) {
        return Optional.of(seen.subList(seen.indexOf(url), seen.size()));
      }
    }
    return at.map(any -> seen);
  }

  private Optional<Asked> next(Asked from, String location) {
    URI url;
    try {
      url = URI.create(location);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
    if (url.getRawAuthority() == null || url.getRawPath() == null) {
      return Optional.empty();
    }
    RequestHead head =
        new RequestHead(
            from.head().method(),
            url.getScheme(),
            url.getRawAuthority(),
            url.getRawPath().isEmpty() ? "/" : url.getRawPath(),
            url.getRawQuery() == null ? "" : url.getRawQuery(),
            from.head().headers());
    if (from.at().mesh()) {
      return url.getScheme().equals(from.head().scheme()) ? from.at().ask(head) : Optional.empty();
    }
    int port = url.getPort() > 0 ? url.getPort() : url.getScheme().equals("https") ? HTTPS : HTTP;
    return vantages.all().stream()
        .filter(one -> one.flags().equals(from.at().flags()))
        .filter(one -> one.edge().filter(edge -> edge.port() == port).isPresent())
        .flatMap(one -> one.ask(head).stream())
        .findFirst();
  }
}
