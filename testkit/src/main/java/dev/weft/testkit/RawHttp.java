package dev.weft.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;

/** A client that sends exactly the bytes that it is told to, one character each. */
public final class RawHttp implements AutoCloseable {

  private static final int PATIENCE_MILLIS = 15_000;

  private final Socket socket;

  public RawHttp(int port) throws IOException {
    this(port, 0);
  }

  /**
   * A client for which the kernel keeps little.
   *
   * @param receiveBuffer bytes, as a hint to the kernel; 0 leaves it alone
   */
  public RawHttp(int port, int receiveBuffer) throws IOException {
    socket = new Socket();
    if (receiveBuffer > 0) {
      socket.setReceiveBufferSize(receiveBuffer); // before the window is told
    }
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), PATIENCE_MILLIS);
    socket.setSoTimeout(PATIENCE_MILLIS);
  }

  /** Sends {@code bytes} and takes what comes until the other side closes. */
  public static String exchange(int port, String bytes) throws IOException {
    try (RawHttp client = new RawHttp(port)) {
      client.send(bytes);
      return client.rest();
    }
  }

  public static String lines(String... lines) {
    return String.join("\r\n", lines) + "\r\n";
  }

  public Socket socket() {
    return socket;
  }

  public void send(String bytes) throws IOException {
    socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
    socket.getOutputStream().flush();
  }

  /** To the empty line, or to the end. */
  public String head() throws IOException {
    StringBuilder text = new StringBuilder();
    InputStream in = socket.getInputStream();
    while (text.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      if (next < 0) {
        break;
      }
      text.append((char) next);
    }
    return text.toString();
  }

  /** So many bytes. */
  public String next(int length) throws IOException {
    return new String(socket.getInputStream().readNBytes(length), StandardCharsets.ISO_8859_1);
  }

  /** To the end; a reset is an end too. */
  public String rest() throws IOException {
    StringBuilder text = new StringBuilder();
    try {
      InputStream in = socket.getInputStream();
      for (int next = in.read(); next >= 0; next = in.read()) {
        text.append((char) next);
      }
    } catch (SocketException reset) {
      text.append("");
    }
    return text.toString();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
