package dev.weft.routing.listener;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.LocalResponse;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.testkit.RawHttp;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Callers that ask and then read nothing: their connections end all the same. */
final class SilentReadersIT extends ListenerFixture {

  private static final Duration SHORT = Duration.ofMillis(300);
  private static final String GET = "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n";
  private static final int LITTLE = 4096; // that the kernel keeps for a caller

  @Test
  void oneThatIsIdleIsClosed() throws Exception {
    Buffer large = Buffer.buffer(new byte[4 << 20]); // all of it is on its way at once
    int port =
        listening(
            new Times(SHORT, LONG, LONG, LONG),
            exchange -> Future.succeededFuture(new LocalResponse(200, large)));

    try (RawHttp client = new RawHttp(port, LITTLE)) {
      client.send(GET);

      assertThat(refused(client)).as("its socket is not open any more").isTrue();
    }
  }

  @Test
  void oneWhoseAnswerStandsStillIsClosed() throws Exception {
    int port =
        listening(
            new Times(LONG, LONG, LONG, SHORT),
            exchange -> Future.succeededFuture(new Endless(exchange)));

    try (RawHttp client = new RawHttp(port, LITTLE)) {
      client.send(GET);

      assertThat(refused(client)).as("its socket is not open any more").isTrue();
    }
  }

  /** Whether what a caller says is answered by a reset at last; it means nothing. */
  private boolean refused(RawHttp client) throws Exception {
    for (int i = 0; i < 400; i++) {
      try {
        client.send("\r\n");
      } catch (IOException reset) {
        return true;
      }
      await(vertx.timer(25, TimeUnit.MILLISECONDS));
    }
    return false;
  }

  /** Gives as much as is taken, until its exchange is cancelled. */
  private static final class Endless extends PlayedResponse implements ReadStream<Buffer> {

    private static final Buffer PIECE = Buffer.buffer(new byte[1 << 14]);

    private Handler<Buffer> handler = buffer -> {};
    private Handler<Throwable> failed = cause -> {};
    private boolean flowing;

    Endless(Exchange exchange) {
      super(200);
      exchange.onCancel(this::cut);
    }

    private void cut(ProxyFailure cause) {
      flowing = false;
      if (end.tryFail(cause)) {
        failed.handle(cause);
      }
    }

    @Override
    public ReadStream<Buffer> fetch(long amount) {
      flowing = true;
      while (flowing) {
        handler.handle(PIECE);
      }
      return this;
    }

    @Override
    public ReadStream<Buffer> pause() {
      flowing = false;
      return this;
    }

    @Override
    public ReadStream<Buffer> resume() {
      return fetch(Long.MAX_VALUE);
    }

    @Override
    public ReadStream<Buffer> handler(@Nullable Handler<Buffer> reader) {
      handler = reader == null ? buffer -> {} : reader;
      return this;
    }

    @Override
    public ReadStream<Buffer> exceptionHandler(@Nullable Handler<Throwable> reader) {
      failed = reader == null ? cause -> {} : reader;
      return this;
    }

    @Override
    public ReadStream<Buffer> endHandler(@Nullable Handler<Void> reader) {
      return this; // it never ends
    }

    @Override
    public ReadStream<Buffer> body() {
      return this;
    }

    @Override
    public void cancel() {
      end.tryFail("given up");
    }
  }
}
