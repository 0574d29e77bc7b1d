package dev.weft.routing.telemetry.collect;

import io.vertx.core.buffer.Buffer;
import java.io.OutputStream;

/** Appends to a buffer what a library writes, without a copy between. One thread at a time. */
final class BufferOutput extends OutputStream {

  private final Buffer into;

  BufferOutput(Buffer into) {
    this.into = into;
  }

  @Override
  public void write(int one) {
    into.appendByte((byte) one);
  }

  @Override
  public void write(byte[] bytes, int from, int length) {
    into.appendBytes(bytes, from, length);
  }
}
