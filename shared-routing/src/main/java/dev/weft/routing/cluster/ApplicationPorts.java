package dev.weft.routing.cluster;

import dev.weft.routing.clock.Ticker;
import io.netty.channel.ConnectTimeoutException;
import java.net.ConnectException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Where the own application listens: at the address that its callers mean, or on loopback alone.
 * One of the two is tried first, and the other one where nobody takes a connection there. Where
 * that was it, it is first for ten seconds, port by port.
 *
 * <p>First is where the caller meant, so that an application which listens there costs nothing.
 * From {@code ::1} it is loopback, where whoever listens at all addresses is as well: of a port at
 * which nobody listens the kernel says nothing to {@code ::1}, unless it is a port of {@code ::1}.
 *
 * <p>Ports of this process itself are not reached by loopback: callers would be at its admin API,
 * or go out with its identity.
 *
 * <p>Any thread may enter.
 */
public final class ApplicationPorts {

  private static final long KNOWN_NANOS = Duration.ofSeconds(10).toNanos();
  private static final InetAddress V4 = loopback(127, 0, 0, 1);
  private static final InetAddress V6 = loopback(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);

  private final Ticker ticker;
  private final Set<Integer> own = ConcurrentHashMap.newKeySet();
  private final Map<Port, Long> otherwise = new ConcurrentHashMap<>(); // since when; few, or none
  private final boolean transparent;

  /** A port is another one of each family. */
  private record Port(boolean v6, int number) {
    static Port of(InetSocketAddress at) {
      return new Port(at.getAddress() instanceof Inet6Address, at.getPort());
    }
  }

  /**
   * @param transparent whether connections to where callers meant come from their addresses
   */
  public ApplicationPorts(Ticker ticker, boolean transparent) {
    this.ticker = ticker;
    this.transparent = transparent;
  }

  private static InetAddress loopback(int... bytes) {
    byte[] address = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      address[i] = (byte) bytes[i];
    }
    try {
      return InetAddress.getByAddress(address);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address of " + bytes.length + " bytes", e);
    }
  }

  /** It is one of this process itself. */
  public void own(int port) {
    own.add(port);
  }

  /** Where to connect to first. */
  public InetSocketAddress first(InetSocketAddress meant) {
    @Nullable Long since = otherwise.isEmpty() ? null : otherwise.get(Port.of(meant));
    boolean known = since != null && ticker.nanos() - since <= KNOWN_NANOS;
    return usuallyByLoopback(meant) == known ? meant : byLoopback(meant);
  }

  /** Where else, as nobody took a connection at {@code tried}; empty where nowhere. */
  public Optional<InetSocketAddress> other(InetSocketAddress meant, InetSocketAddress tried) {
    if (!hasOther(meant)) {
      return Optional.empty();
    }
    boolean byLoopback = !tried.equals(meant);
    if (byLoopback != usuallyByLoopback(meant)) {
      otherwise.remove(Port.of(meant));
    }
    return Optional.of(byLoopback ? meant : byLoopback(meant));
  }

  /** A connection was taken {@code there}, after it was refused elsewhere. */
  public void taken(InetSocketAddress meant, InetSocketAddress there) {
    if (there.equals(meant) == usuallyByLoopback(meant)) {
      otherwise.put(Port.of(meant), ticker.nanos());
    }
  }

  private boolean usuallyByLoopback(InetSocketAddress meant) {
    return !transparent && meant.getAddress() instanceof Inet6Address && hasOther(meant);
  }

  private boolean hasOther(InetSocketAddress meant) {
    return !own.contains(meant.getPort()) && !meant.getAddress().isLoopbackAddress();
  }

  private static InetSocketAddress byLoopback(InetSocketAddress meant) {
    boolean v6 = meant.getAddress() instanceof Inet6Address;
    return new InetSocketAddress(v6 ? V6 : V4, meant.getPort());
  }

  /**
   * Whether nobody listens there: only then another place is tried. Whoever does not answer in time
   * may still do so.
   */
  public static boolean refused(Throwable failure) {
    return failure instanceof ConnectException && !(failure instanceof ConnectTimeoutException);
  }
}
