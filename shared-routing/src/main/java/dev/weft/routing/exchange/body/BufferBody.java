package dev.weft.routing.exchange.body;

import dev.weft.routing.exchange.RequestBody;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.WriteStream;
import java.util.OptionalLong;
import java.util.function.Consumer;

/** A request's body that is there whole: a mirror's copy. */
public final class BufferBody implements RequestBody {

  private final Buffer content;
  private boolean touched;

  public BufferBody(Buffer content) {
    this.content = content;
  }

  @Override
  public boolean empty() {
    return content.length() == 0;
  }

  @Override
  public OptionalLong length() {
    return OptionalLong.of(content.length());
  }

  @Override
  public long received() {
    return content.length();
  }

  @Override
  public boolean awaited() {
    return false;
  }

  @Override
  public void limit(long most, Runnable beyond) {} // it is here already

  @Override
  public void watch(Consumer<Buffer> watcher) {
    watcher.accept(content);
  }

  @Override
  public boolean replayable() {
    return true;
  }

  @Override
  public boolean untouched() {
    return !touched;
  }

  @Override
  public Future<Void> sendTo(WriteStream<Buffer> sink) {
    touched = true;
    return sink.end(content);
  }

  @Override
  public Future<Beginning> beginning(int most) {
    return Future.succeededFuture(new Beginning(content, true));
  }

  @Override
  public Future<Buffer> captured() {
    return Future.succeededFuture(content);
  }

  @Override
  public void forget() {} // it takes nothing to keep it

  @Override
  public void discard() {
    // it is whole already
  }
}
