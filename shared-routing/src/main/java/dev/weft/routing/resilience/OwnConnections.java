package dev.weft.routing.resilience;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The connections that this process opened. One that comes back as an accepted connection is a
 * loop: the rules do not know this proxy's user. Whichever side is noted second sees the other. Any
 * thread may enter.
 */
public final class OwnConnections {

  private final Set<Way> opened = ConcurrentHashMap.newKeySet();
  private final Set<Way> accepted = ConcurrentHashMap.newKeySet();
  private final Set<Integer> ports = ConcurrentHashMap.newKeySet();
  private final boolean redirected;

  private OwnConnections(boolean redirected) {
    this.redirected = redirected;
  }

  /** Both addresses, since two connections to different places may come from the same one. */
  private record Way(@Nullable SocketAddress from, @Nullable SocketAddress to) {}

  /** Of connections that come back by the kernel's rules, with where they were going. */
  public static OwnConnections redirected() {
    return new OwnConnections(true);
  }

  /** Of connections that come back by what is in front, which may say that they go elsewhere. */
  public static OwnConnections byTheirOrigin() {
    return new OwnConnections(false);
  }

  /** Here connections are taken that the kernel redirects: who connects to it itself is a loop. */
  public void takenAt(int port) {
    ports.add(port);
  }

  private Way way(@Nullable SocketAddress from, @Nullable SocketAddress to) {
    return new Way(from, redirected ? to : null);
  }

  /**
   * Notes a connection that was accepted from {@code peer}; {@code true} where this process opened
   * it.
   */
  public boolean accepted(@Nullable SocketAddress peer, @Nullable SocketAddress meant) {
    Way way = way(peer, meant);
    accepted.add(way);
    return opened.contains(way);
  }

  /**
   * Notes a connection that was opened from {@code local}; {@code true} where it came back, or is
   * to a port of this process that takes what is redirected.
   */
  public boolean opened(@Nullable SocketAddress local, @Nullable SocketAddress remote) {
    Way way = way(local, remote);
    opened.add(way);
    return accepted.contains(way) || (!ports.isEmpty() && taken(local, remote));
  }

  private boolean taken(@Nullable SocketAddress local, @Nullable SocketAddress remote) {
    return local instanceof InetSocketAddress from
        && remote instanceof InetSocketAddress to
        && ports.contains(to.getPort())
        && to.getAddress().equals(from.getAddress());
  }

  /** One that was accepted is over. */
  public void closed(@Nullable SocketAddress peer, @Nullable SocketAddress meant) {
    accepted.remove(way(peer, meant));
  }

  /** One that was opened is over. */
  public void left(@Nullable SocketAddress local, @Nullable SocketAddress remote) {
    opened.remove(way(local, remote));
  }
}
