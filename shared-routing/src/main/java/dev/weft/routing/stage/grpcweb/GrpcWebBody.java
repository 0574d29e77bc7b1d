package dev.weft.routing.stage.grpcweb;

import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.RequestBody;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.WriteStream;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The messages of a call of gRPC-Web, which are those of gRPC, or their base64. */
final class GrpcWebBody implements RequestBody {

  private final RequestBody body;
  private final boolean text;
  private @Nullable Consumer<Buffer> watcher; // of what text says
  private long shown; // bytes of it

  GrpcWebBody(RequestBody body, boolean text) {
    this.body = body;
    this.text = text;
  }

  @Override
  public boolean empty() {
    return body.empty();
  }

  @Override
  public OptionalLong length() {
    return OptionalLong.empty();
  }

  @Override
  public long received() {
    return body.received();
  }

  @Override
  public boolean awaited() {
    return body.awaited();
  }

  @Override
  public void limit(long most, Runnable beyond) {
    body.limit(most, beyond);
  }

  @Override
  public void watch(Consumer<Buffer> who) {
    if (text) {
      watcher = who;
    } else {
      body.watch(who);
    }
  }

  /** A further attempt begins with what was shown before. */
  private void show(Buffer message, long before) {
    long after = before + message.length();
    if (watcher != null && after > shown) {
      watcher.accept(message.slice((int) Math.max(0, shown - before), message.length()));
      shown = after;
    }
  }

  @Override
  public boolean replayable() {
    return body.replayable();
  }

  @Override
  public boolean untouched() {
    return body.untouched();
  }

  @Override
  public Future<Void> sendTo(WriteStream<Buffer> sink) {
    return body.sendTo(text ? new Decoding(sink) : sink);
  }

  /** As it came: whoever looks at it here sees what its caller sent. */
  @Override
  public Future<Beginning> beginning(int most) {
    return body.beginning(most);
  }

  @Override
  public Future<Buffer> captured() {
    return text ? body.captured().map(whole -> new Base64Pieces().decoded(whole)) : body.captured();
  }

  @Override
  public void forget() {
    body.forget();
  }

  @Override
  public void discard() {
    body.discard();
  }

  /** Gives on what its base64 says. */
  private final class Decoding implements WriteStream<Buffer> {

    private final WriteStream<Buffer> sink;
    private final Base64Pieces pieces = new Base64Pieces();
    private long decoded; // bytes

    Decoding(WriteStream<Buffer> sink) {
      this.sink = sink;
    }

    @Override
    public Future<Void> write(Buffer piece) {
      Buffer message;
      try {
        message = pieces.decoded(piece);
      } catch (IllegalArgumentException e) {
        return refused("is not base64: " + e.getMessage());
      }
      show(message, decoded);
      decoded += message.length();
      return message.length() == 0 ? Future.succeededFuture() : sink.write(message);
    }

    @Override
    public Future<Void> end() {
      return pieces.whole() ? sink.end() : refused("ends within its base64");
    }

    private Future<Void> refused(String why) {
      return Future.failedFuture(
          new ProxyFailure(Cause.BAD_REQUEST, "the body of a call of gRPC-Web " + why));
    }

    @Override
    public WriteStream<Buffer> exceptionHandler(@Nullable Handler<Throwable> failed) {
      sink.exceptionHandler(failed);
      return this;
    }

    @Override
    public WriteStream<Buffer> setWriteQueueMaxSize(int most) {
      sink.setWriteQueueMaxSize(most);
      return this;
    }

    @Override
    public boolean writeQueueFull() {
      return sink.writeQueueFull();
    }

    @Override
    public WriteStream<Buffer> drainHandler(@Nullable Handler<Void> drained) {
      sink.drainHandler(drained);
      return this;
    }
  }
}
