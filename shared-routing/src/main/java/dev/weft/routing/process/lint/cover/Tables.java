package dev.weft.routing.process.lint.cover;

import dev.weft.routing.route.RouteTable;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Tables of rules, compiled when they are asked for. The last few are kept, so that what is looked
 * at from many places needs no more memory than from one. One thread.
 */
final class Tables {

  private static final int MOST = 3; // a gateway's ports, between which redirects lead

  private final Map<Supplier<RouteTable>, RouteTable> kept =
      new LinkedHashMap<>(MOST + 1, 1, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Supplier<RouteTable>, RouteTable> eldest) {
          return size() > MOST;
        }
      };

  /** What gives the table of {@code compile}. */
  Supplier<RouteTable> of(Supplier<RouteTable> compile) {
    return () -> kept.computeIfAbsent(compile, Supplier::get);
  }
}
