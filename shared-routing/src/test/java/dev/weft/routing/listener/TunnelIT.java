package dev.weft.routing.listener;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.exchange.Response;
import dev.weft.testkit.RawHttp;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import io.vertx.core.streams.ReadStream;
import io.vertx.core.streams.WriteStream;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A connection that became a tunnel, over real sockets. */
final class TunnelIT extends ListenerFixture {

  private static final String UPGRADE =
      "GET / HTTP/1.1\r\nHost: a.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";

  @Test
  void aSilentTunnelIsClosedAndOneThatSpeaksIsNot() throws Exception {
    NetServer echo =
        await(
            vertx
                .createNetServer()
                .connectHandler(socket -> socket.handler(socket::write))
                .listen(0, "127.0.0.1"));
    Duration idle = Duration.ofMillis(1500);
    int port =
        listening(new Times(idle, LONG, LONG, LONG), exchange -> upgraded(echo.actualPort()));

    try (RawHttp client = new RawHttp(port)) {
      client.send(UPGRADE);
      assertThat(client.head()).startsWith("HTTP/1.1 101 ");
      long end = System.nanoTime() + idle.multipliedBy(2).toNanos();
      while (System.nanoTime() < end) { // as long as it speaks it outlives the timeout
        client.send("x");
        assertThat(client.next(1)).isEqualTo("x");
      }

      assertThat(client.rest()).as("closed since it fell silent").isEmpty();
    }
  }

  private Future<Response> upgraded(int port) {
    return vertx.createNetClient().connect(port, "127.0.0.1").map(Upgraded::new);
  }

  /** A 101 over a socket of its own. */
  private static final class Upgraded extends PlayedResponse {

    private final NetSocket socket;

    Upgraded(NetSocket socket) {
      super(101);
      this.socket = socket;
      socket.pause();
      socket.closeHandler(closed -> end.tryComplete());
    }

    @Override
    public ReadStream<Buffer> body() {
      return socket;
    }

    @Override
    public void cancel() {
      socket.close();
    }

    @Override
    public Optional<WriteStream<Buffer>> tunnel() {
      return Optional.of(socket);
    }
  }
}
