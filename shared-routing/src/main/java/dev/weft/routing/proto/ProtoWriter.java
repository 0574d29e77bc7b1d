package dev.weft.routing.proto;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes messages of Protocol Buffers, field by field: the few kinds of fields that a check has. By
 * hand, so that the smallest of jars has no library for one message. Not for several threads at
 * once.
 *
 * <p>Source: protobuf.dev, "Encoding". Fields with their default are left out, as proto3 has it.
 */
public final class ProtoWriter {

  private static final int VARINT = 0;
  private static final int LENGTH = 2;

  private final List<Buffer> before = new ArrayList<>(); // what is done, not copied
  private Buffer out = Buffer.buffer(); // behind it
  private int doneBytes;

  /**
   * @param value from 0; 0 is left out
   */
  public ProtoWriter number(int field, long value) {
    if (value != 0) {
      tag(field, VARINT);
      varint(value);
    }
    return this;
  }

  /** An empty one is left out. */
  public ProtoWriter text(int field, String value) {
    return value.isEmpty() ? this : bytes(field, value.getBytes(StandardCharsets.UTF_8));
  }

  /** Empty ones are there too. */
  public ProtoWriter bytes(int field, byte[] value) {
    tag(field, LENGTH);
    varint(value.length);
    out.appendBytes(value);
    return this;
  }

  /**
   * @param value not to be changed any more: it is copied when all is written
   */
  public ProtoWriter bytes(int field, Buffer value) {
    tag(field, LENGTH);
    varint(value.length());
    behind(List.of(value), value.length());
    return this;
  }

  /** A message within; an empty one is there too. */
  public ProtoWriter message(int field, ProtoWriter inner) {
    tag(field, LENGTH);
    varint(inner.length());
    behind(inner.before, inner.doneBytes);
    out.appendBuffer(inner.out);
    return this;
  }

  /** One entry of a map of texts. */
  public ProtoWriter entry(int field, String key, String value) {
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

  private void behind(List<Buffer> pieces, int bytes) {
    if (!pieces.isEmpty()) {
      before.add(out);
      before.addAll(pieces);
      doneBytes += out.length() + bytes;
      out = Buffer.buffer();
    }
  }

  /** Bytes of all. */
  public int length() {
    return doneBytes + out.length();
  }

  /** Writes all of it behind what is there. */
  public Buffer to(Buffer there) {
    before.forEach(there::appendBuffer);
    return there.appendBuffer(out);
  }

  /** What was written so far. */
  public Buffer written() {
    return to(Buffer.buffer(length()));
  }
}
