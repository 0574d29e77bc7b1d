package dev.weft.testkit.fault;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;

/** A port on loopback whose connections never come about: its queue is full, so SYNs are lost. */
public final class Blackhole implements AutoCloseable {

  private static final int TRIES = 16;
  private static final int SILENCE_MILLIS = 300;

  private final ServerSocket listening;
  private final List<Socket> queue = new ArrayList<>();

  public Blackhole() throws IOException {
    listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    while (queue.size() < TRIES) {
      Socket socket = new Socket();
      queue.add(socket);
      try {
        socket.connect(
            new InetSocketAddress(listening.getInetAddress(), listening.getLocalPort()),
            SILENCE_MILLIS);
      } catch (SocketTimeoutException full) {
        return;
      }
    }
    throw new IOException("the queue did not fill up with " + TRIES + " connections");
  }

  public int port() {
    return listening.getLocalPort();
  }

  @Override
  public void close() throws IOException {
    for (Socket socket : queue) {
      socket.close();
    }
    listening.close();
  }
}
