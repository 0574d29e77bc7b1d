package dev.weft.routing.stage.external;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;

/**
 * Writes messages of Protocol Buffers, field by field: the few kinds of fields that a check has. By
 * hand, so that the smallest of jars has no library for one message.
 *
 * <p>Source: protobuf.dev, "Encoding". Fields with their default are left out, as proto3 has it.
 */
final class ProtoWriter {

  private static final int VARINT = 0;
  private static final int LENGTH = 2;

  private final Buffer out = Buffer.buffer();

  /**
   * @param value from 0; 0 is left out
   */
  ProtoWriter number(int field, long value) {
    if (value != 0) {
      tag(field, VARINT);
      varint(value);
    }
    return this;
  }

  ProtoWriter text(int field, String value) {
    return value.isEmpty() ? this : bytes(field, value.getBytes(StandardCharsets.UTF_8));
  }

  ProtoWriter bytes(int field, byte[] value) {
    tag(field, LENGTH);
    varint(value.length);
    out.appendBytes(value);
    return this;
  }

  /** A message within; an empty one is there too. */
  ProtoWriter message(int field, ProtoWriter inner) {
    tag(field, LENGTH);
    varint(inner.out.length());
    out.appendBuffer(inner.out);
    return this;
  }

  /** One entry of a map of texts. */
  ProtoWriter entry(int field, String key, String value) {
    return message(field, new ProtoWriter().text(1, key).text(2, value));
  }

  private void tag(int field, int type) {
    varint(((long) field << 3) | type);
  }

  private void varint(long value) {
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      out.appendByte((byte) ((rest & 0x7F) | 0x80));
      rest >>>= 7;
    }
    out.appendByte((byte) rest);
  }

  Buffer written() {
    return out;
  }
}
