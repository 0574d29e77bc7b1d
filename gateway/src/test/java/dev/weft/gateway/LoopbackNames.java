package dev.weft.gateway;

import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;

/**
 * A name server over TCP for which every name is 127.0.0.1, and has nothing else. Source: RFC 1035.
 */
final class LoopbackNames implements AutoCloseable {

  private static final int HEAD = 12;
  private static final int TYPE_AND_CLASS = 4;
  private static final short ADDRESS = 1;
  private static final short ANSWERED = (short) 0x8180; // a response, without error
  private static final byte[] LOOPBACK = {
    (byte) 0xc0, HEAD, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4, 127, 0, 0, 1
  };

  private final ServerSocket server;

  private LoopbackNames(ServerSocket server) {
    this.server = server;
  }

  static LoopbackNames start() throws IOException {
    LoopbackNames names =
        new LoopbackNames(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
    run(names::accept);
    return names;
  }

  private static void run(Runnable task) {
    Thread thread = new Thread(task, "names");
    thread.setDaemon(true);
    thread.start();
  }

  int port() {
    return server.getLocalPort();
  }

  private void accept() {
    try {
      while (!server.isClosed()) {
        Socket one = server.accept();
        run(() -> serve(one));
      }
    } catch (IOException closed) {
      // that is its end
    }
  }

  private static void serve(Socket one) {
    try (one;
        DataInputStream in = new DataInputStream(one.getInputStream());
        DataOutputStream out =
            new DataOutputStream(new BufferedOutputStream(one.getOutputStream()))) {
      while (true) {
        byte[] asked = in.readNBytes(in.readUnsignedShort());
        byte[] answer = answer(asked);
        out.writeShort(answer.length);
        out.write(answer);
        out.flush();
      }
    } catch (IOException ended) {
      // it asks no more
    }
  }

  private static byte[] answer(byte[] message) {
    ByteBuffer asked = ByteBuffer.wrap(message);
    short id = asked.getShort();
    int end = HEAD;
    while (asked.get(end) != 0) {
      end += 1 + asked.get(end);
    }
    end += 1 + TYPE_AND_CLASS;
    boolean address = asked.getShort(end - TYPE_AND_CLASS) == ADDRESS;
    ByteBuffer answer = ByteBuffer.allocate(end + LOOPBACK.length);
    answer.putShort(id).putShort(ANSWERED).putShort((short) 1).putShort((short) (address ? 1 : 0));
    answer.putInt(0).put(message, HEAD, end - HEAD);
    if (address) {
      answer.put(LOOPBACK);
    }
    byte[] bytes = new byte[answer.position()];
    answer.flip().get(bytes);
    return bytes;
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      // it is gone anyway
    }
  }
}
