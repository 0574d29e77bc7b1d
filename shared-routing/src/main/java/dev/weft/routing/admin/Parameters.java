package dev.weft.routing.admin;

import io.vertx.ext.web.RoutingContext;
import java.util.Optional;

/** What a question's query says. */
public final class Parameters {

  private Parameters() {}

  /** The first of that name; empty where there is none, or an empty one. */
  public static Optional<String> text(RoutingContext context, String name) {
    return context.queryParam(name).stream().findFirst().filter(value -> !value.isEmpty());
  }
}
