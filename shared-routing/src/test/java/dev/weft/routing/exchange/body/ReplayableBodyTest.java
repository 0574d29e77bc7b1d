package dev.weft.routing.exchange.body;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import io.vertx.core.streams.WriteStream;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** A body whose attempt fails to write what it took, after the caller said all. */
final class ReplayableBodyTest {

  private final Deque<Promise<Void>> writes = new ArrayDeque<>();
  private final Caller caller = new Caller();
  private final Attempt attempt = new Attempt();
  private final ReplayableBody body =
      new ReplayableBody(caller, OptionalLong.empty(), 1 << 10, () -> {}, () -> {});

  @Test
  void aWriteThatFailsAfterTheEndIsTold() {
    Future<Void> sent = body.sendTo(attempt);
    caller.says("some");
    caller.ends();

    writes.remove().fail(new IOException("the stream was reset"));

    assertThat(sent.failed()).isTrue();
    assertThat(sent.cause()).hasMessage("the stream was reset");
  }

  @Test
  void anAttemptThatTakesMoreAfterTheCallerBrokeOffIsNoFault() {
    Future<Void> sent = body.sendTo(attempt);
    attempt.full = true;
    caller.says("some");
    caller.breaks();

    attempt.drained.handle(null);

    assertThat(sent.failed()).isTrue();
  }

  /** As Vert.x' request of HTTP/2: whoever pauses or resumes one that ended is at fault. */
  private static final class Caller implements ReadStream<Buffer> {
    private Handler<Buffer> handler = buffer -> {};
    private Handler<Void> endHandler = end -> {};
    private Handler<Throwable> exceptionHandler = broken -> {};
    private boolean ended;

    void says(String text) {
      handler.handle(Buffer.buffer(text));
    }

    void ends() {
      ended = true;
      endHandler.handle(null);
    }

    void breaks() {
      ended = true;
      exceptionHandler.handle(new IOException("reset"));
    }

    private void check() {
      if (ended) {
        throw new IllegalStateException("Request has already been read");
      }
    }

    @Override
    public ReadStream<Buffer> exceptionHandler(Handler<Throwable> wanted) {
      exceptionHandler = wanted;
      return this;
    }

    @Override
    public ReadStream<Buffer> handler(Handler<Buffer> wanted) {
      handler = wanted;
      return this;
    }

    @Override
    public ReadStream<Buffer> pause() {
      check();
      return this;
    }

    @Override
    public ReadStream<Buffer> resume() {
      return fetch(Long.MAX_VALUE);
    }

    @Override
    public ReadStream<Buffer> fetch(long amount) {
      check();
      return this;
    }

    @Override
    public ReadStream<Buffer> endHandler(Handler<Void> wanted) {
      endHandler = wanted;
      return this;
    }
  }

  /** Takes what it is given, and does not say yet how that went. */
  private final class Attempt implements WriteStream<Buffer> {
    private Handler<Void> drained = again -> {};
    private boolean full;

    @Override
    public WriteStream<Buffer> exceptionHandler(Handler<Throwable> wanted) {
      return this;
    }

    @Override
    public Future<Void> write(Buffer data) {
      Promise<Void> written = Promise.promise();
      writes.add(written);
      return written.future();
    }

    @Override
    public Future<Void> end() {
      Promise<Void> written = Promise.promise();
      writes.add(written);
      return written.future();
    }

    @Override
    public WriteStream<Buffer> setWriteQueueMaxSize(int size) {
      return this;
    }

    @Override
    public boolean writeQueueFull() {
      return full;
    }

    @Override
    public WriteStream<Buffer> drainHandler(Handler<Void> wanted) {
      drained = wanted;
      return this;
    }
  }
}
