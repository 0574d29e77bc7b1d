package dev.weft.routing.exchange.body;

import dev.weft.routing.exchange.RequestBody;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.WriteStream;
import java.util.OptionalLong;
import java.util.function.Consumer;

/** The body of a request that has none. */
public final class NoBody implements RequestBody {

  @Override
  public boolean empty() {
    return true;
  }

  @Override
  public OptionalLong length() {
    return OptionalLong.empty();
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
  public void limit(long most, Runnable beyond) {} // it is here already

  @Override
  public void watch(Consumer<Buffer> watcher) {} // nothing comes

  @Override
  public boolean replayable() {
    return true;
  }

  @Override
  public boolean untouched() {
    return true;
  }

  @Override
  public Future<Void> sendTo(WriteStream<Buffer> sink) {
    return sink.end();
  }

  @Override
  public Future<Beginning> beginning(int most) {
    return Future.succeededFuture(new Beginning(Buffer.buffer(), true));
  }

  @Override
  public Future<Buffer> captured() {
    return Future.succeededFuture(Buffer.buffer());
  }

  @Override
  public void forget() {} // it takes nothing to keep it

  @Override
  public void discard() {
    // there is nothing to take
  }
}
