package dev.weft.routing.identity.der;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * Writes values of ASN.1 as DER does. Each method gives a whole value: its tag, its length, its
 * content.
 *
 * <p>Source: ITU-T X.690, sections 8 and 10.
 */
final class Der {

  static final int INTEGER = 0x02;
  static final int OCTET_STRING = 0x04;
  static final int SEQUENCE = 0x30;

  /** Constructed, context-specific, number 0: {@code [0]}. */
  static final int FIRST = 0xA0;

  /** From here on a length says first in how many bytes it stands. */
  static final int LONG_LENGTH = 0x80;

  private static final int BIT_STRING = 0x03;
  private static final int UTF8_STRING = 0x0C;
  private static final int SET = 0x31;
  private static final int UTC_TIME = 0x17;
  private static final byte[] NO_UNUSED_BITS = {0};

  private Der() {}

  static byte[] sequence(byte[]... values) {
    return value(SEQUENCE, values);
  }

  static byte[] octets(byte[] content) {
    return value(OCTET_STRING, content);
  }

  /** Whole bytes as a string of bits. */
  static byte[] bits(byte[] content) {
    return value(BIT_STRING, NO_UNUSED_BITS, content);
  }

  /** A set that is tagged {@code [0]} and holds nothing. */
  static byte[] noAttributes() {
    return value(FIRST);
  }

  /** Values that are tagged {@code [number]}, one within the other. */
  static byte[] tagged(int number, byte[]... values) {
    return value(FIRST | number, values);
  }

  /** A value whose own tag {@code [number]} stands in the place of. */
  static byte[] instead(int number, byte[] content) {
    return value(LONG_LENGTH | number, content);
  }

  static byte[] set(byte[]... values) {
    return value(SET, values);
  }

  static byte[] integer(BigInteger number) {
    return value(INTEGER, number.toByteArray());
  }

  /** A time of this century, {@code yyMMddHHmmssZ}. */
  static byte[] utcTime(String time) {
    return value(UTC_TIME, time.getBytes(StandardCharsets.US_ASCII));
  }

  static byte[] text(String utf8) {
    return value(UTF8_STRING, utf8.getBytes(StandardCharsets.UTF_8));
  }

  /** What a specification gives byte by byte, such as an object identifier. */
  static byte[] hex(String value) {
    return HexFormat.of().parseHex(value);
  }

  private static byte[] value(int tag, byte[]... contents) {
    int length = 0;
    for (byte[] content : contents) {
      length += content.length;
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream(length + 1 + Integer.BYTES);
    out.write(tag);
    writeLength(out, length);
    for (byte[] content : contents) {
      out.writeBytes(content);
    }
    return out.toByteArray();
  }

  /** In as few bytes as it takes. */
  private static void writeLength(ByteArrayOutputStream out, int length) {
    if (length < LONG_LENGTH) {
      out.write(length);
      return;
    }
    int bytes = (Integer.SIZE - Integer.numberOfLeadingZeros(length) + Byte.SIZE - 1) / Byte.SIZE;
    out.write(LONG_LENGTH | bytes);
    for (int shift = (bytes - 1) * Byte.SIZE; shift >= 0; shift -= Byte.SIZE) {
      out.write(length >>> shift);
    }
  }
}
