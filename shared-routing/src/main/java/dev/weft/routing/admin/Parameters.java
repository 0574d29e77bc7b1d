package dev.weft.routing.admin;

import io.vertx.ext.web.RoutingContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a question's query says. */
public final class Parameters {

  private static final int MOST_HEADERS = 100;

  private Parameters() {}

  /** The first of that name; empty where there is none, or an empty one. */
  public static Optional<String> text(RoutingContext context, String name) {
    return context.queryParam(name).stream().findFirst().filter(value -> !value.isEmpty());
  }

  /**
   * Headers of a request that is asked about, each as {@code name:value}.
   *
   * @throws IllegalArgumentException where one is none, or there are too many
   */
  static List<Map.Entry<String, String>> headers(RoutingContext context) {
    List<Map.Entry<String, String>> headers = new ArrayList<>();
    for (String header : context.queryParam("header")) {
      int colon = header.indexOf(':');
      if (colon < 1 || headers.size() == MOST_HEADERS) {
        throw new IllegalArgumentException("header: each as name:value, at most " + MOST_HEADERS);
      }
      headers.add(Map.entry(header.substring(0, colon).trim(), header.substring(colon + 1).trim()));
    }
    return headers;
  }
}
