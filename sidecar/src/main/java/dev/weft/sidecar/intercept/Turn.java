package dev.weft.sidecar.intercept;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * One command at a time reads and writes the rules of a network namespace. Two at once would each
 * write over what it had read before the other wrote.
 *
 * <p>Whose turn it is has a name of that namespace's own ("abstract", unix(7)): whoever shares the
 * namespace shares the name, whatever files it sees, and the kernel gives it back at a process's
 * end, however that comes.
 */
final class Turn {

  private static final DomainSocketAddress NAME = new DomainSocketAddress("\0weft-intercept");
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration PAUSE = Duration.ofMillis(20);

  private Turn() {}

  /** What is done in a turn. */
  interface Work {
    void run() throws IOException;
  }

  /** Does it once nobody else is at it. */
  static void take(Work work) throws IOException {
    if (!Epoll.isAvailable()) {
      throw new IOException("this machine has no epoll, which a sidecar needs to intercept");
    }
    Socket held = held();
    try {
      work.run();
    } finally {
      held.close();
    }
  }

  private static Socket held() throws IOException {
    for (long tries = PATIENCE.dividedBy(PAUSE); tries > 0; tries--) {
      Socket socket = Socket.newSocketDomain();
      try {
        socket.bind(NAME);
        return socket;
      } catch (IOException taken) {
        socket.close();
        LockSupport.parkNanos(PAUSE.toNanos());
      }
    }
    throw new IOException(
        "another weft intercept has been at the rules of this network namespace for "
            + PATIENCE.toSeconds()
            + " s");
  }
}
