package dev.weft.routing.stage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.exchange.body.BufferBody;
import dev.weft.routing.exchange.body.ReplayableBody;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

final class BodyLimitStageTest extends StageFixture {

  private final BodyLimitStage stage = new BodyLimitStage(4);
  private final List<ProxyFailure> cancelled = new ArrayList<>();

  @Test
  void aLengthWithinTheLimitPasses() {
    Exchange exchange = exchange("POST", new BufferBody(Buffer.buffer("four")));

    assertThat(stage.apply(exchange, backend).succeeded()).isTrue();
    assertThat(served).containsExactly(exchange);
  }

  @Test
  void aLengthBeyondItIsRefusedUnseen() {
    Exchange exchange = exchange("POST", new BufferBody(Buffer.buffer("five!")));

    Future<Response> answer = stage.apply(exchange, backend);

    assertThat(failure(answer).reason()).isEqualTo(Cause.BODY_TOO_LARGE);
    assertThat(failure(answer)).hasMessage("5 bytes of body (expected: at most 4)");
    assertThat(served).isEmpty();
  }

  @Test
  void aBodyThatPassesTheLimitEndsItsExchange() {
    Source source = new Source();
    ReplayableBody body = new ReplayableBody(source, OptionalLong.empty(), 100, () -> {}, () -> {});
    Exchange exchange = exchange("POST", body);
    exchange.onCancel(cancelled::add);
    stage.apply(exchange, backend);
    List<Buffer> taken = new ArrayList<>();
    Future<Void> sent = body.sendTo(new Taking(taken));

    source.push("four");
    assertThat(cancelled).isEmpty();
    source.push("!");

    assertThat(cancelled).extracting(ProxyFailure::reason).containsExactly(Cause.BODY_TOO_LARGE);
    assertThat(sent.cause()).isInstanceOf(ProxyFailure.class);
    assertThat(taken).containsExactly(Buffer.buffer("four"));
  }

  /** Pushes what a test wants. */
  private static final class Source implements ReadStream<Buffer> {
    private Handler<Buffer> handler = bytes -> {};

    void push(String text) {
      handler.handle(Buffer.buffer(text));
    }

    @Override
    public ReadStream<Buffer> exceptionHandler(Handler<Throwable> told) {
      return this;
    }

    @Override
    public ReadStream<Buffer> handler(Handler<Buffer> taker) {
      handler = taker;
      return this;
    }

    @Override
    public ReadStream<Buffer> pause() {
      return this;
    }

    @Override
    public ReadStream<Buffer> resume() {
      return this;
    }

    @Override
    public ReadStream<Buffer> fetch(long amount) {
      return this;
    }

    @Override
    public ReadStream<Buffer> endHandler(Handler<Void> end) {
      return this;
    }
  }

  /** Takes all. */
  private record Taking(List<Buffer> taken) implements io.vertx.core.streams.WriteStream<Buffer> {
    @Override
    public Taking exceptionHandler(Handler<Throwable> told) {
      return this;
    }

    @Override
    public Future<Void> write(Buffer data) {
      taken.add(data);
      return Future.succeededFuture();
    }

    @Override
    public Future<Void> end() {
      return Future.succeededFuture();
    }

    @Override
    public Taking setWriteQueueMaxSize(int size) {
      return this;
    }

    @Override
    public boolean writeQueueFull() {
      return false;
    }

    @Override
    public Taking drainHandler(Handler<Void> drained) {
      return this;
    }
  }
}
