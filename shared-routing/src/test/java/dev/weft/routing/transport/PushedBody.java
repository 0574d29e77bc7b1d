package dev.weft.routing.transport;

import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.RequestBody;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.WriteStream;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A request body that a test feeds, piece by piece, and only as fast as the sink takes it. */
final class PushedBody implements RequestBody {

  private final OptionalLong length;
  private final Promise<Void> sent = Promise.promise();
  private @Nullable WriteStream<Buffer> sink;

  PushedBody(OptionalLong length) {
    this.length = length;
  }

  @Override
  public boolean empty() {
    return false;
  }

  @Override
  public OptionalLong length() {
    return length;
  }

  @Override
  public long received() {
    return 0;
  }

  @Override
  public boolean awaited() {
    return false;
  }

  @Override
  public void limit(long most, Runnable beyond) {}

  @Override
  public void watch(Consumer<Buffer> watcher) {}

  @Override
  public boolean replayable() {
    return sink == null;
  }

  @Override
  public boolean untouched() {
    return sink == null;
  }

  @Override
  public Future<Void> sendTo(WriteStream<Buffer> to) {
    sink = to;
    return sent.future();
  }

  /** Whether an attempt asked for it. */
  boolean wanted() {
    return sink != null;
  }

  Future<Void> write(Buffer piece) {
    return to().write(piece);
  }

  /** Writes a piece again and again, as fast as it is taken, and ends. */
  void pour(Buffer piece, int times, Runnable each) {
    int left = times;
    while (left > 0 && !to().writeQueueFull()) {
      to().write(piece);
      each.run();
      left--;
    }
    int rest = left;
    if (rest > 0) {
      to().drainHandler(drained -> pour(piece, rest, each));
    } else {
      end();
    }
  }

  void end() {
    to().end().onComplete(sent);
  }

  /** The caller goes away in the middle of it. */
  void fail(ProxyFailure cause) {
    sent.fail(cause);
  }

  private WriteStream<Buffer> to() {
    WriteStream<Buffer> to = sink;
    if (to == null) {
      throw new IllegalStateException("nobody asked for the body yet");
    }
    return to;
  }

  @Override
  public Future<Beginning> beginning(int most) {
    return Future.failedFuture("nobody asks here");
  }

  @Override
  public Future<Buffer> captured() {
    return Future.failedFuture("not captured");
  }

  @Override
  public void forget() {}

  @Override
  public void discard() {
    // nobody sends it twice
  }
}
