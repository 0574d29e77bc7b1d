package dev.weft.config.model.settings;

import dev.weft.config.model.settings.edge.EdgePolicy;
import dev.weft.config.problem.Place;
import java.util.Collection;
import java.util.Optional;

/**
 * What holds for the rules that match.
 *
 * @param sticky keeps a user on the version that he got
 * @param edge what a gateway asks of their callers
 * @param place of the entry
 */
public record RouteSettings(
    Match match,
    Optional<StickyKey> sticky,
    Optional<RateLimit> rateLimit,
    EdgePolicy edge,
    Place place) {

  /** Which rules. */
  public sealed interface Match {

    /**
     * Whether it is for a rule.
     *
     * @param rule its name; empty for what leads to a service without one
     * @param hosts of the services that it leads to
     */
    boolean holds(String rule, Collection<String> hosts);

    /** A rule of this name, as {@code weft explain} tells it: {@code prod/search#0}. */
    record Route(String name) implements Match {
      @Override
      public boolean holds(String rule, Collection<String> hosts) {
        return name.equals(rule);
      }
    }

    /**
     * Rules that lead to this service.
     *
     * @param host its full name
     */
    record Host(String host) implements Match {
      @Override
      public boolean holds(String rule, Collection<String> hosts) {
        return hosts.contains(host);
      }
    }
  }
}
