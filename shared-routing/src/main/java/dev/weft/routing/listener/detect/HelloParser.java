package dev.weft.routing.listener.detect;

import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

/**
 * Finds the server name in a TLS handshake without taking part in it, in records of whatever sizes.
 * Each byte is looked at once, however they come. One for each connection.
 *
 * <p>Source: RFC 8446 sections 4.1.2 and 5.1, RFC 6066 section 3.
 */
final class HelloParser {

  static final int LARGEST = 24 << 10; // bytes; they are held twice, which is 64 KiB at most

  private static final int MORE = 0;
  private static final int NONE = -1;
  private static final int RECORD_HEAD = 5;
  private static final int MESSAGE_HEAD = 4;
  private static final int HANDSHAKE = 22;
  private static final int CLIENT_HELLO = 1;
  private static final int MAJOR = 3;
  private static final int LARGEST_RECORD = (1 << 14) + (1 << 11);
  private static final int RANDOM_BYTES = 32;
  private static final int SERVER_NAME = 0;
  private static final int PROTOCOLS = 16;
  private static final int HOST_NAME = 0;
  private static final int LONGEST_NAME = 253;

  private final ByteArrayOutputStream message = new ByteArrayOutputStream(0);
  private int next; // where the next record begins
  private int wanted; // bytes of the message; 0 before its length is known

  /**
   * @param all that came so far; always from the first byte on
   * @return empty where more is needed
   */
  Optional<ClientHello> read(ByteBuf all) {
    Optional<ClientHello> told = Optional.empty();
    int length = record(all);
    while (length > 0) {
      byte[] piece = new byte[length];
      all.getBytes(all.readerIndex() + next + RECORD_HEAD, piece);
      message.write(piece, 0, length);
      next += RECORD_HEAD + length;
      told = message.size() < MESSAGE_HEAD ? Optional.empty() : whole();
      length = told.isPresent() ? 0 : record(all);
    }
    return length == NONE ? Optional.of(ClientHello.NONE) : told;
  }

  /**
   * How long the next record is; {@link #MORE} before it is there, {@link #NONE} where it is none.
   */
  private int record(ByteBuf all) {
    int at = all.readerIndex() + next;
    int here = all.writerIndex() - at;
    if (!handshake(all, at, here)) {
      return NONE;
    }
    if (here < RECORD_HEAD) {
      return MORE;
    }
    int length = all.getUnsignedShort(at + RECORD_HEAD - 2);
    if (length == 0 || length > LARGEST_RECORD || next + length > LARGEST) {
      return NONE;
    }
    return here < RECORD_HEAD + length ? MORE : length;
  }

  private static boolean handshake(ByteBuf all, int at, int here) {
    return (here < 1 || all.getUnsignedByte(at) == HANDSHAKE)
        && (here < 2 || all.getUnsignedByte(at + 1) == MAJOR);
  }

  private Optional<ClientHello> whole() {
    if (wanted == 0) {
      byte[] head = message.toByteArray();
      int length = (head[1] & 0xff) << 16 | (head[2] & 0xff) << 8 | (head[3] & 0xff);
      if (head[0] != CLIENT_HELLO || length > LARGEST) {
        return Optional.of(ClientHello.NONE);
      }
      wanted = MESSAGE_HEAD + length;
    }
    if (message.size() < wanted) {
      return Optional.empty();
    }
    try {
      ByteBuffer hello =
          ByteBuffer.wrap(message.toByteArray(), MESSAGE_HEAD, wanted - MESSAGE_HEAD).slice();
      return Optional.of(new ClientHello(true, name(hello)));
    } catch (BufferUnderflowException | IllegalArgumentException e) {
      return Optional.of(ClientHello.NONE); // it ends before it says what it announced
    }
  }

  /**
   * Whether a handshake offers a protocol by ALPN (RFC 7301 section 3.1).
   *
   * @param hello its first message, from the version on
   */
  static boolean offers(ByteBuf hello, String protocol) {
    byte[] all = new byte[hello.readableBytes()];
    hello.getBytes(hello.readerIndex(), all);
    byte[] wanted = protocol.getBytes(StandardCharsets.US_ASCII);
    try {
      Optional<ByteBuffer> extension = extension(ByteBuffer.wrap(all), PROTOCOLS);
      if (extension.isPresent()) {
        ByteBuffer names = part(extension.get(), extension.get().getShort() & 0xffff);
        while (names.hasRemaining()) {
          if (part(names, names.get() & 0xff).equals(ByteBuffer.wrap(wanted))) {
            return true;
          }
        }
      }
      return false;
    } catch (BufferUnderflowException | IllegalArgumentException e) {
      return false; // it ends before it says what it announced
    }
  }

  private static String name(ByteBuffer hello) {
    return extension(hello, SERVER_NAME)
        .map(names -> hostName(part(names, names.getShort() & 0xffff)))
        .orElse("");
  }

  /** One of a first message's extensions, without its length. */
  private static Optional<ByteBuffer> extension(ByteBuffer hello, int wanted) {
    skip(hello, 2 + RANDOM_BYTES);
    skip(hello, hello.get() & 0xff); // session
    skip(hello, hello.getShort() & 0xffff); // cipher suites
    skip(hello, hello.get() & 0xff); // compression
    if (!hello.hasRemaining()) {
      return Optional.empty();
    }
    ByteBuffer extensions = part(hello, hello.getShort() & 0xffff);
    while (extensions.hasRemaining()) {
      int type = extensions.getShort() & 0xffff;
      ByteBuffer extension = part(extensions, extensions.getShort() & 0xffff);
      if (type == wanted) {
        return Optional.of(extension);
      }
    }
    return Optional.empty();
  }

  private static String hostName(ByteBuffer names) {
    while (names.hasRemaining()) {
      int type = names.get();
      ByteBuffer name = part(names, names.getShort() & 0xffff);
      if (type == HOST_NAME) {
        return text(StandardCharsets.ISO_8859_1.decode(name).toString());
      }
    }
    return "";
  }

  /** What is no name of a host is none. */
  private static String text(String told) {
    String name = told.endsWith(".") ? told.substring(0, told.length() - 1) : told;
    boolean good =
        name.length() <= LONGEST_NAME
            && name.chars()
                .allMatch(c -> (c < 128 && Character.isLetterOrDigit(c)) || "-._".indexOf(c) >= 0);
    return good ? name.toLowerCase(Locale.ROOT) : "";
  }

  private static void skip(ByteBuffer bytes, int count) {
    bytes.position(bytes.position() + count); // fails where there are fewer
  }

  private static ByteBuffer part(ByteBuffer bytes, int length) {
    int begin = bytes.position();
    skip(bytes, length);
    return bytes.slice(begin, length);
  }
}
