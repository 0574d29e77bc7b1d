package dev.weft.routing.transport.http2;

import io.netty.channel.Channel;
import io.vertx.core.http.HttpConnection;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How much of HTTP/2 may wait to be read (RFC 9113 section 5.2), in bytes: of a connection a
 * sixteenth of the heap, up to 16 MiB, and of all connections together an eighth of it. Each takes
 * a part of what is left, so that many that nobody reads do not end a process, and at least what
 * HTTP/2 begins with. Any thread may enter.
 */
public final class Windows {

  private static final long MOST = 1L << 24;
  private static final long LEAST = 1L << 20;
  private static final int FIRST = 65_535; // which no setting changes
  private static final int PEER = 2;
  private static final int CALLER = 8; // there are many of them
  private static final Windows PROCESS = new Windows(Runtime.getRuntime().maxMemory());

  private final int most;
  private final AtomicLong left;

  Windows(long heap) {
    most = (int) Math.max(LEAST, Math.min(MOST, heap >> 4));
    left = new AtomicLong(heap >> 3);
  }

  /** Of a stream whose connection is of one workload, or goes to one service over TLS. */
  public static int stream() {
    return PROCESS.most >> 4;
  }

  /** Of a stream of a gateway's caller: sixteen, all unread, leave its others room. */
  public static int caller() {
    return PROCESS.most >> 6;
  }

  /** A hundred of them, all unread, leave room in a connection's: nobody else waits for those. */
  public static int shared() {
    return PROCESS.most >> 7;
  }

  /** Opens the window of a connection with a workload or another proxy, until it is closed. */
  public static void ofPeer(HttpConnection connection, Channel channel) {
    PROCESS.open(connection, channel, PEER);
  }

  /** Opens the window of a connection of a gateway's caller, until it is closed. */
  public static void ofCaller(HttpConnection connection, Channel channel) {
    PROCESS.open(connection, channel, CALLER);
  }

  private void open(HttpConnection connection, Channel channel, int among) {
    int size = take(among);
    connection.setWindowSize(size);
    channel.closeFuture().addListener(closed -> give(size));
  }

  int take(int among) {
    long free = left.get();
    int size = share(free, among);
    while (!left.compareAndSet(free, free - size)) {
      free = left.get();
      size = share(free, among);
    }
    return size;
  }

  private int share(long free, int among) {
    return (int) Math.max(FIRST, Math.min(most, free / among));
  }

  void give(int size) {
    left.addAndGet(size);
  }
}
