package dev.weft.routing.stage.external;

import dev.weft.config.model.security.ExternalAuthorizer.KeptBack;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.route.match.QueryText;
import java.util.List;

/** What of a request's head an authorizer is told: all but what is kept back. Immutable. */
final class Told {

  private final HeaderNames headers;
  private final List<String> parameters;

  Told(KeptBack kept) {
    this.headers = new HeaderNames(kept.headers());
    this.parameters = kept.parameters();
  }

  /**
   * @param name of a header, in lower case
   */
  boolean header(String name) {
    return !headers.match(name);
  }

  String query(RequestHead head) {
    String query = head.query();
    for (String parameter : parameters) {
      query = QueryText.without(query, parameter);
    }
    return query;
  }

  /** Path and query. */
  String target(RequestHead head) {
    return head.with(query(head), head.headers()).target();
  }
}
