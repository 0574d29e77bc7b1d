package dev.weft.routing.stage.external;

import dev.weft.routing.exchange.RequestBody;
import dev.weft.routing.exchange.body.ReplayableBody;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import java.util.OptionalLong;

/** A body that comes when it is told to, and never ends. */
final class SlowBody implements ReadStream<Buffer> {

  private Handler<Buffer> pieces = piece -> {};

  RequestBody asRequested() {
    return new ReplayableBody(this, OptionalLong.empty(), 1 << 10, () -> {}, () -> {});
  }

  void comes(int bytes) {
    pieces.handle(Buffer.buffer(new byte[bytes]));
  }

  @Override
  public SlowBody handler(Handler<Buffer> handler) {
    pieces = handler;
    return this;
  }

  @Override
  public SlowBody exceptionHandler(Handler<Throwable> handler) {
    return this;
  }

  @Override
  public SlowBody endHandler(Handler<Void> handler) {
    return this;
  }

  @Override
  public SlowBody pause() {
    return this;
  }

  @Override
  public SlowBody resume() {
    return this;
  }

  @Override
  public SlowBody fetch(long amount) {
    return this;
  }
}
