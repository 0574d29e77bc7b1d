package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.gateway.RawHttp2.Frame;
import dev.weft.testkit.FreePorts;
import io.vertx.core.http.HttpServerResponse;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Streams of HTTP/2 that the gateway resets for no fault of their caller: no flood, however many.
 */
@Timeout(60)
final class ResetStreamsIT extends GatewayFixture {

  private static final int STREAMS = 300; // of 200 that would be a flood
  private static final int TRIES = 2000;
  private static final int PIECES = 60;
  private static final int PIECE = 1000; // bytes
  private static final int STREAM_AT = 7; // of a frame's head, its last two bytes

  private void start(Answer answer) throws Exception {
    admin = FreePorts.next();
    gateway(rules("{route: [{destination: {host: backend.test}}]}"), entry(backend(answer)));
  }

  private static int stream(int n) {
    return 2 * n + 1;
  }

  private static void ask(RawHttp2 client, int n, boolean last) throws Exception {
    client.headers(
        stream(n),
        last,
        ":method",
        "POST",
        ":path",
        "/p",
        ":scheme",
        "http",
        ":authority",
        "shop.test");
  }

  /** It is answered, and the rest of it is not wanted. */
  private static void answeredEarly(RawHttp2 client, int n) throws Exception {
    assertThat(client.next().text()).as("request %d", n).contains(":status: 200");
    assertThat(client.next().text()).isEqualTo("ok");
    Frame reset = client.next();
    assertThat(reset.type()).isEqualTo(RawHttp2.RESET);
    assertThat(reset.text()).as("NO_ERROR").isEqualTo("0");
    assertThat(reset.stream()).isEqualTo(stream(n));
  }

  private void serves(RawHttp2 client, int n) throws Exception {
    ask(client, n, true);
    assertThat(client.next().text()).contains(":status: 200");
    assertThat(refusals("flood")).isZero();
    assertThat(refusals("protocol")).isZero();
  }

  /** As a shared connection has it whose uploads are refused one after the other. */
  @Test
  void whatWasOnItsWayToWhatWasAnsweredEarly() throws Exception {
    start(request -> request.response().end("ok"));
    byte[] piece = new byte[PIECE];
    try (RawHttp2 client = new RawHttp2(port)) {
      for (int n = 0; n < STREAMS / PIECES * 2; n++) {
        ask(client, n, false);
        answeredEarly(client, n);
        for (int late = 0; late < PIECES; late++) {
          client.send(RawHttp2.bytes(RawHttp2.DATA, 0, stream(n), piece));
        }
      }
      serves(client, STREAMS);
    }
  }

  @Test
  void whatIsAnsweredAmidAFrame() throws Exception {
    start(request -> request.response().end("ok"));
    byte[] frame = RawHttp2.bytes(RawHttp2.DATA, 0, 0, new byte[PIECE]);
    try (RawHttp2 client = new RawHttp2(port)) {
      for (int n = 0; n < STREAMS; n++) {
        frame[STREAM_AT] = (byte) (stream(n) >> Byte.SIZE);
        frame[STREAM_AT + 1] = (byte) stream(n);
        int first = 1 + n % (frame.length - 1);
        ask(client, n, false);
        client.send(Arrays.copyOf(frame, first));
        answeredEarly(client, n);
        client.send(Arrays.copyOfRange(frame, first, frame.length));
      }
      serves(client, STREAMS);
    }
  }

  @Test
  void answersThatBreak() throws Exception {
    AtomicInteger received = new AtomicInteger();
    start(
        request -> {
          HttpServerResponse response = request.response();
          if (received.incrementAndGet() % 4 == 0) { // so few that no breaker opens
            response.putHeader("content-length", "9").write("some");
            response.reset();
          } else {
            response.end("ok");
          }
        });
    int broken = 0;
    int n = 0;
    try (RawHttp2 client = new RawHttp2(port)) {
      for (; n < TRIES && broken < STREAMS; n++) {
        ask(client, n, true);
        Frame answer = client.next();
        while (!answer.last()) {
          answer = client.next();
        }
        assertThat(answer.stream()).as("nothing comes after a reset").isEqualTo(stream(n));
        if (answer.type() == RawHttp2.RESET) {
          assertThat(answer.text()).as("INTERNAL_ERROR").isEqualTo("2");
          broken++;
        }
      }
      assertThat(broken).isEqualTo(STREAMS);
      assertThat(refusals("flood")).isZero();
    }
  }
}
