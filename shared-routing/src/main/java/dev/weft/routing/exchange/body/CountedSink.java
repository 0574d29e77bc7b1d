package dev.weft.routing.exchange.body;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.WriteStream;
import org.jspecify.annotations.Nullable;

/** Counts what is written to another one. Of one event loop, as that is. */
public final class CountedSink implements WriteStream<Buffer> {

  private final WriteStream<Buffer> to;
  private long bytes;

  /** Nothing was written to {@code to} yet that is to be counted. */
  public CountedSink(WriteStream<Buffer> to) {
    this.to = to;
  }

  /** Bytes that were written so far. */
  public long bytes() {
    return bytes;
  }

  @Override
  public Future<Void> write(Buffer data) {
    bytes += data.length();
    return to.write(data);
  }

  @Override
  public Future<Void> end() {
    return to.end();
  }

  @Override
  public boolean writeQueueFull() {
    return to.writeQueueFull();
  }

  @Override
  public WriteStream<Buffer> setWriteQueueMaxSize(int maxSize) {
    to.setWriteQueueMaxSize(maxSize);
    return this;
  }

  @Override
  public WriteStream<Buffer> drainHandler(@Nullable Handler<Void> handler) {
    to.drainHandler(handler);
    return this;
  }

  @Override
  public WriteStream<Buffer> exceptionHandler(@Nullable Handler<Throwable> handler) {
    to.exceptionHandler(handler);
    return this;
  }
}
