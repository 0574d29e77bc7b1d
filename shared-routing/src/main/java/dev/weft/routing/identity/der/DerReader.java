package dev.weft.routing.identity.der;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Reads values of DER one after the other. What it is given may be anything: it fails with an
 * {@link IOException} and nothing else, and allocates no more than it was given.
 *
 * <p>Source: ITU-T X.690, section 8.1.
 */
final class DerReader {

  private static final int LENGTH_BYTES = 0x7F;
  private static final int MOST_LENGTH_BYTES = 3;

  private final ByteBuffer rest;

  DerReader(byte[] values) {
    this.rest = ByteBuffer.wrap(values);
  }

  boolean hasMore() {
    return rest.hasRemaining();
  }

  /** Whether the next value has this tag; no, at the end. */
  boolean isNext(int tag) {
    return rest.hasRemaining() && octet(rest.get(rest.position())) == tag;
  }

  /**
   * The content of the next value.
   *
   * @throws IOException where it has another tag, or ends too early
   */
  byte[] content(int tag) throws IOException {
    if (!isNext(tag)) {
      throw new IOException("no value with the tag " + tag);
    }
    rest.get();
    int length = length();
    if (length > rest.remaining()) {
      throw new IOException("a value of " + length + " bytes in " + rest.remaining());
    }
    byte[] content = new byte[length];
    rest.get(content);
    return content;
  }

  private int length() throws IOException {
    int first = next();
    if (first < Der.LONG_LENGTH) {
      return first;
    }
    int bytes = first & LENGTH_BYTES;
    if (bytes == 0 || bytes > MOST_LENGTH_BYTES) {
      throw new IOException("a length of " + bytes + " bytes (expected: 1 to 3)");
    }
    int length = 0;
    for (int i = 0; i < bytes; i++) {
      length = length << Byte.SIZE | next();
    }
    return length;
  }

  private int next() throws IOException {
    if (!rest.hasRemaining()) {
      throw new IOException("a value that ends in its length");
    }
    return octet(rest.get());
  }

  private static int octet(byte signed) {
    return Byte.toUnsignedInt(signed);
  }
}
