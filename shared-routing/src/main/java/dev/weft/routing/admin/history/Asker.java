package dev.weft.routing.admin.history;

import dev.weft.routing.discovery.standing.PlainLine;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;

/**
 * Who asks for a change: told in the log, and in the history of what was changed.
 *
 * @param name that was proved, of a token or a certificate; empty where whoever reaches the port is
 *     let in
 * @param address that the request came from
 * @param changes whether it may change anything, and not look alone
 */
public record Asker(Optional<String> name, String address, boolean changes) {

  private static final String KEY = Asker.class.getName();
  private static final int LONGEST = 200;

  public Asker {
    name = name.map(told -> PlainLine.of(told, LONGEST));
  }

  /** Of a request: whom {@link #admit} told of it, or whoever is at its address. */
  public static Asker of(RoutingContext context) {
    Asker known = context.get(KEY);
    return known != null
        ? known
        : new Asker(Optional.empty(), context.request().remoteAddress().hostAddress(), true);
  }

  /** Whoever lets a request in knows that it is this one's. */
  public void admit(RoutingContext context) {
    context.put(KEY, this);
  }

  /** Such as {@code by token alice from 10.1.2.3}. */
  @Override
  public String toString() {
    return name.map(told -> "by " + told + " ").orElse("") + "from " + address;
  }
}
