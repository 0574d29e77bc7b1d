package dev.weft.routing.proto;

import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;

/**
 * Reads one message of Protocol Buffers, field by field; what is none fails. Fields that nobody
 * asks for are skipped. Not for several threads at once.
 *
 * <p>Source: protobuf.dev, "Encoding".
 */
public final class ProtoReader {

  private static final int MOST_SHIFT = 63; // ten bytes
  private static final int VARINT = 0;
  private static final int FIXED_64 = 1;
  private static final int LENGTH = 2;
  private static final int FIXED_32 = 5;

  private final Buffer from;
  private final Function<String, ? extends RuntimeException> unsound;
  private int at;
  private int type;

  /**
   * @param unsound makes what is thrown, of a few words about what is wrong, e.g. {@code a number
   *     without an end}
   */
  public ProtoReader(Buffer from, Function<String, ? extends RuntimeException> unsound) {
    this.from = from;
    this.unsound = unsound;
  }

  /** The number of the next field, which is then read or skipped; 0 at the end. */
  public int next() {
    if (at == from.length()) {
      return 0;
    }
    long tag = varint();
    type = (int) (tag & 7);
    long field = tag >>> 3;
    if (field < 1 || field >= 1 << 29) {
      throw unsound.apply("a field with the number " + field);
    }
    return (int) field;
  }

  /** A whole number, also one below 0. */
  public long number() {
    expect(VARINT);
    return varint();
  }

  /** A yes or no. */
  public boolean flag() {
    return number() != 0;
  }

  /** Bytes, not copied. */
  public Buffer bytes() {
    expect(LENGTH);
    return cut();
  }

  /** A message within. */
  public ProtoReader message() {
    return new ProtoReader(bytes(), unsound);
  }

  /** A text in UTF-8. */
  public String text() {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes().getBytes()))
          .toString();
    } catch (CharacterCodingException e) {
      throw unsound.apply("a text that is not UTF-8");
    }
  }

  /** Passes by the field. */
  public void skip() {
    switch (type) {
      case VARINT -> varint();
      case FIXED_64 -> past(8);
      case LENGTH -> cut();
      case FIXED_32 -> past(4);
      default -> throw unsound.apply("a field of an unknown kind");
    }
  }

  private void expect(int wanted) {
    if (type != wanted) {
      throw unsound.apply("a field of another kind");
    }
  }

  private Buffer cut() {
    long length = varint();
    if (length < 0 || length > from.length() - at) {
      throw unsound.apply("a field that ends after its message");
    }
    Buffer slice = from.slice(at, at + (int) length);
    at += (int) length;
    return slice;
  }

  private void past(int bytes) {
    if (bytes > from.length() - at) {
      throw unsound.apply("a field that ends after its message");
    }
    at += bytes;
  }

  private long varint() {
    long value = 0;
    for (int shift = 0; shift <= MOST_SHIFT && at < from.length(); shift += 7) {
      byte next = from.getByte(at);
      at++;
      value |= (long) (next & 0x7F) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw unsound.apply("a number without an end");
  }
}
