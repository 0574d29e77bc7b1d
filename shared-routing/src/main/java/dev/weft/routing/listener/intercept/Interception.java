package dev.weft.routing.listener.intercept;

import java.time.Duration;
import java.util.Set;

/**
 * What a listener does with connections that the kernel redirected to it.
 *
 * @param own ports of this proxy to which connections are redirected: a connection to them is a
 *     loop
 * @param passes whether what is not HTTP goes where it was meant to go; refused otherwise
 * @param patience for the first bytes; who says nothing for so long waits for the other to begin
 * @param opened connections of relays, of all event loops
 */
public record Interception(
    Set<Integer> own, boolean passes, Duration patience, OwnConnections opened) {

  public Interception {
    own = Set.copyOf(own);
  }
}
