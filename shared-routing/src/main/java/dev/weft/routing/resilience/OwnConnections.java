package dev.weft.routing.resilience;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The connections that this process opened. One that comes back as an accepted connection is a
 * loop: the rules do not know this proxy's user. Whichever side is noted second sees the other. Any
 * thread may enter.
 */
public final class OwnConnections {

  private static final int SHARED_BY_CHANCE = 3; // with one of its own four times in a row: never

  private final Map<Way, Rounds> opened = new ConcurrentHashMap<>();
  private final Map<Way, Rounds> accepted = new ConcurrentHashMap<>();
  private final Set<Integer> ports = ConcurrentHashMap.newKeySet();
  private final boolean redirected;
  private final int tolerated;

  private OwnConnections(boolean redirected, int tolerated) {
    this.redirected = redirected;
    this.tolerated = tolerated;
  }

  /** Both addresses, since two connections to different places may come from the same one. */
  private record Way(@Nullable SocketAddress from, @Nullable SocketAddress to) {}

  /**
   * How often what a connection carries has been through this process: once for each connection
   * that it opened and that seems to have come back.
   */
  public static final class Rounds {

    private final AtomicInteger made = new AtomicInteger();

    private Rounds(int made) {
      this.made.set(made);
    }

    /** Of a connection of which nothing is known. */
    public static Rounds none() {
      return new Rounds(0);
    }

    private void atLeast(Rounds others) {
      made.accumulateAndGet(others.made.get(), Math::max);
    }
  }

  /** Of connections that come back by the kernel's rules, with where they were going. */
  public static OwnConnections redirected() {
    return new OwnConnections(true, 0);
  }

  /**
   * Of connections that come back by what is in front, which may say that they go elsewhere: all
   * that tells them is where they are from, which a caller on this machine may share with one of
   * this process's own for another destination. What is in front sends a loop around for ever,
   * chance does not.
   */
  public static OwnConnections byTheirOrigin() {
    return new OwnConnections(false, SHARED_BY_CHANCE);
  }

  /** Here connections are taken that the kernel redirects: who connects to it itself is a loop. */
  public void takenAt(int port) {
    ports.add(port);
  }

  private Way way(@Nullable SocketAddress from, @Nullable SocketAddress to) {
    return new Way(from, redirected ? to : null);
  }

  /** Notes a connection that was accepted from {@code peer}. */
  public Rounds accepted(@Nullable SocketAddress peer, @Nullable SocketAddress meant) {
    Way way = way(peer, meant);
    Rounds rounds = Rounds.none();
    accepted.put(way, rounds);
    Rounds before = opened.get(way);
    if (before != null) {
      rounds.atLeast(before);
    }
    return rounds;
  }

  /** Whether what this connection carries goes around in this process. */
  public boolean loops(Rounds rounds) {
    return rounds.made.get() > tolerated;
  }

  /**
   * Notes a connection that was opened from {@code local}; {@code true} where it came back, or is
   * to a port of this process that takes what is redirected.
   *
   * @param caller of the connection that this one is opened for
   */
  public boolean opened(
      @Nullable SocketAddress local, @Nullable SocketAddress remote, Rounds caller) {
    Way way = way(local, remote);
    Rounds rounds = new Rounds(caller.made.get() + 1);
    opened.put(way, rounds);
    Rounds back = accepted.get(way);
    if (back != null) {
      back.atLeast(rounds);
    }
    return (back != null && loops(rounds)) || (!ports.isEmpty() && taken(local, remote));
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
