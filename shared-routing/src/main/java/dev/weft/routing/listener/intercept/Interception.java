package dev.weft.routing.listener.intercept;

import dev.weft.routing.discovery.Speech;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * What a listener does with connections that the kernel redirected to it.
 *
 * @param own ports of this proxy to which connections are redirected: a connection to them is a
 *     loop
 * @param relaying of what is not HTTP
 * @param speech what is known of a destination's protocol before anybody has spoken
 * @param names whether the name in a TLS handshake may say where it goes
 * @param patience for the first bytes; who says nothing for so long waits for the other to begin
 * @param arriving whether all of them were meant for this machine, whatever address they were
 *     handed over at
 */
public record Interception(
    Set<Integer> own,
    Relaying relaying,
    Function<InetSocketAddress, Speech> speech,
    BooleanSupplier names,
    Duration patience,
    boolean arriving) {

  public Interception {
    own = Set.copyOf(own);
  }

  /**
   * As {@link OriginalDestination#loops}. What arrives may have its address kept (TPROXY), or,
   * where it comes from here, exchanged for loopback's: its port tells.
   */
  public boolean loops(InetSocketAddress meant, InetSocketAddress local) {
    return arriving ? own.contains(meant.getPort()) : OriginalDestination.loops(meant, local, own);
  }
}
