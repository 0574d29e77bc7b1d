package dev.weft.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A client of HTTP/2 that sends exactly the frames that it is told to. */
final class RawHttp2 implements AutoCloseable {

  static final int DATA = 0;
  static final int HEADERS = 1;
  static final int RESET = 3;
  static final int SETTINGS = 4;
  static final int GO_AWAY = 7;
  static final int CONTINUATION = 9;
  static final int LAST = 1;
  private static final int END_HEADERS = 4;
  private static final int PRIORITY = 32;

  private final Socket socket;
  private final DataInputStream in;
  private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(false);

  /** What came: {@code text} is a head, a body's part or an error code. */
  record Frame(int type, int stream, String text, boolean last) {}

  RawHttp2(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(GatewayFixture.PATIENCE_SECONDS * 1000);
    in = new DataInputStream(socket.getInputStream());
    ByteArrayOutputStream preface = new ByteArrayOutputStream();
    preface.writeBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    frame(preface, SETTINGS, 0, 0, new byte[0]);
    socket.getOutputStream().write(preface.toByteArray());
  }

  /** Names and values in turn. */
  void headers(int stream, boolean last, String... headers) throws IOException {
    write(HEADERS, END_HEADERS | (last ? LAST : 0), stream, block(headers));
  }

  /** A head whose end does not come with it: {@link #continued} goes on. */
  void begun(int stream, String... headers) throws IOException {
    write(HEADERS, LAST, stream, block(headers));
  }

  void continued(int stream, boolean last, byte[] block) throws IOException {
    write(CONTINUATION, last ? END_HEADERS : 0, stream, block);
  }

  /** Names and values as they are: without Huffman, without an index. */
  static byte[] block(String... headers) {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    for (int i = 0; i < headers.length; i += 2) {
      block.write(0);
      put(block, headers[i]);
      put(block, headers[i + 1]);
    }
    return block.toByteArray();
  }

  void data(int stream, boolean last, String text) throws IOException {
    write(DATA, last ? LAST : 0, stream, text.getBytes(StandardCharsets.ISO_8859_1));
  }

  private void write(int type, int flags, int stream, byte[] payload) throws IOException {
    send(bytes(type, flags, stream, payload));
  }

  /** Bytes as they are. */
  void send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
  }

  /** What {@link #next} reads. */
  InputStream in() {
    return in;
  }

  static byte[] bytes(int type, int flags, int stream, byte... payload) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    frame(out, type, flags, stream, payload);
    return out.toByteArray();
  }

  /** The next head, body, reset or farewell; a {@code GO_AWAY} where the connection ends. */
  Frame next() throws IOException, Http2Exception {
    for (int others = 0; others < 10_000; others++) {
      int head = in.read();
      if (head < 0) {
        return new Frame(GO_AWAY, 0, "closed", true);
      }
      byte[] payload = new byte[head << 16 | in.readUnsignedShort()];
      int type = in.readUnsignedByte();
      int flags = in.readUnsignedByte();
      int stream = in.readInt();
      in.readFully(payload);
      ByteBuf content = Unpooled.wrappedBuffer(payload);
      boolean last = (flags & LAST) != 0;
      if (type == DATA) {
        return new Frame(type, stream, content.toString(StandardCharsets.ISO_8859_1), last);
      }
      if (type == HEADERS) {
        ByteBuf block = (flags & PRIORITY) == 0 ? content : content.skipBytes(5);
        return new Frame(type, stream, decoder.decodeHeaders(stream, block).toString(), last);
      }
      if (type == RESET || type == GO_AWAY) {
        int code = content.getInt(type == RESET ? 0 : 4);
        return new Frame(type, stream, Integer.toString(code), true);
      }
    }
    throw new IOException("only frames that do not matter");
  }

  private static void put(ByteArrayOutputStream out, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    out.write(bytes.length); // below 127
    out.writeBytes(bytes);
  }

  private static void frame(
      ByteArrayOutputStream out, int type, int flags, int stream, byte[] payload) {
    ByteBuf head = Unpooled.buffer(9);
    head.writeMedium(payload.length).writeByte(type).writeByte(flags).writeInt(stream);
    out.writeBytes(head.array());
    out.writeBytes(payload);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
