package dev.weft.routing.listener.intercept;

import java.net.SocketAddress;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The connections that relays of this process opened, by their own address. One that comes back as
 * an accepted connection is a loop: the rules do not know this proxy's user. Whichever side is
 * noted second sees the other. Any thread may enter.
 */
public final class OwnConnections {

  private final Set<SocketAddress> opened = ConcurrentHashMap.newKeySet();
  private final Set<SocketAddress> accepted = ConcurrentHashMap.newKeySet();

  /** Notes a connection from {@code peer}; {@code true} where this process opened it. */
  boolean accepted(SocketAddress peer) {
    accepted.add(peer);
    return opened.contains(peer);
  }

  /** Notes a connection that was opened from {@code local}; {@code true} where it came back. */
  boolean opened(SocketAddress local) {
    opened.add(local);
    return accepted.contains(local);
  }

  void closed(SocketAddress acceptedFrom) {
    accepted.remove(acceptedFrom);
  }

  void left(SocketAddress openedFrom) {
    opened.remove(openedFrom);
  }
}
