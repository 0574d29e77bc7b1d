package dev.weft.routing.admin.history;

import dev.weft.routing.discovery.standing.PlainLine;
import io.vertx.core.MultiMap;
import io.vertx.ext.web.RoutingContext;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
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

  /** Headers by which a control plane tells a proxy for whom it asks; nobody else is believed. */
  public static final List<String> HEADERS = List.of("x-weft-asked-by", "x-weft-asked-from");

  private static final String KEY = Asker.class.getName();
  private static final String THROUGH = " through the control plane";
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

  /** Says it in {@link #HEADERS}, in place of what they hold. */
  public void tell(MultiMap headers) {
    HEADERS.forEach(headers::remove);
    name.ifPresent(told -> headers.set(HEADERS.get(0), encoded(told)));
    headers.set(HEADERS.get(1), encoded(address));
  }

  /** What {@link #tell} said; empty where that is not there, or cannot be read. */
  public static Optional<Asker> told(MultiMap headers) {
    try {
      Optional<String> by = Optional.ofNullable(headers.get(HEADERS.get(0))).map(Asker::decoded);
      return Optional.ofNullable(headers.get(HEADERS.get(1)))
          .map(from -> new Asker(by, PlainLine.of(decoded(from), LONGEST) + THROUGH, true));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  /** Such as {@code by token alice from 10.1.2.3}. */
  @Override
  public String toString() {
    return name.map(told -> "by " + told + " ").orElse("") + "from " + address;
  }
}
