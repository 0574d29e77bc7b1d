package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.gateway.RawHttp2.Frame;
import io.netty.handler.codec.http2.Http2Error;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Heads of HTTP/2 that do not end: bounded in time, in bytes, and in frames. */
final class UnfinishedHeadsIT extends GatewayFixture {

  private static final String[] HEAD = {
    ":method", "GET", ":path", "/p", ":scheme", "http", ":authority", "shop.test"
  };
  private static final String CALM = Long.toString(Http2Error.ENHANCE_YOUR_CALM.code());
  private static final int MOST_FRAMES = 20_000;

  private final AtomicInteger received = new AtomicInteger();

  private void start(String headerTimeout) throws Exception {
    int backend =
        backend(
            request -> {
              received.incrementAndGet();
              request.response().end("ok");
            });
    gateway(
        rules("{route: [{destination: {host: backend.test}}]}"),
        entry(backend),
        """
        apiVersion: weft.dev/v1
        kind: ProxySettings
        metadata: {name: default}
        spec: {limits: {headerTimeout: %s}}
        """
            .formatted(headerTimeout));
  }

  @Test
  void aHeadThatDoesNotEndIsCutAtItsTime() throws Exception {
    start("1s");
    try (RawHttp2 client = new RawHttp2(port)) {
      client.headers(1, true, HEAD);
      Frame answer = client.next();
      Frame body = client.next();
      client.begun(3, HEAD);

      Frame end = ended(client);

      assertThat(answer.text()).contains(":status: 200");
      assertThat(body.text()).isEqualTo("ok");
      assertThat(end.text()).as("the idle timeout is an hour").isIn(CALM, "closed");
    }
    assertServes(2);
  }

  @Test
  void continuationsDoNotProlongIt() throws Exception {
    start("1s");
    try (RawHttp2 client = new RawHttp2(port)) {
      client.begun(1, HEAD);

      boolean cut = false;
      for (int i = 0; i < 300 && !cut; i++) {
        await(vertx.timer(50, TimeUnit.MILLISECONDS));
        cut = fails(client, RawHttp2.block("x-" + i, "some value of forty bytes, more or less"));
      }

      assertThat(cut).isTrue();
    }
    assertServes(1);
  }

  /** What a flood consists of: nothing, a byte, much. */
  static Stream<byte[]> floods() {
    return Stream.of(new byte[0], new byte[] {0}, new byte[16_000]);
  }

  @ParameterizedTest
  @MethodSource("floods")
  void aFloodOfContinuationsEndsTheConnection(byte[] each) throws Exception {
    start("1h");
    try (RawHttp2 client = new RawHttp2(port)) {
      client.begun(1, HEAD);

      boolean cut = false;
      for (int i = 0; i < MOST_FRAMES && !cut; i++) {
        cut = fails(client, each);
      }
      Frame end = ended(client);

      assertThat(end.type()).isEqualTo(RawHttp2.GO_AWAY);
    }
    assertServes(1);
  }

  @Test
  void aHeadInPiecesThatEndsIsServed() throws Exception {
    start("1h");
    try (RawHttp2 client = new RawHttp2(port)) {
      client.begun(1, HEAD);
      client.continued(1, false, RawHttp2.block("x-a", "1"));
      client.continued(1, true, RawHttp2.block("x-b", "2"));

      assertThat(client.next().text()).contains(":status: 200");
    }
  }

  private static boolean fails(RawHttp2 client, byte[] block) {
    try {
      client.continued(1, false, block);
      return false;
    } catch (IOException cut) {
      return true;
    }
  }

  /** The end that the other side makes; what it said last may be lost by a reset. */
  private static Frame ended(RawHttp2 client) throws Exception {
    try {
      return client.next();
    } catch (IOException reset) {
      assertThat(reset).hasMessageContaining("reset");
      return new Frame(RawHttp2.GO_AWAY, 0, "closed", true);
    }
  }

  private void assertServes(int requests) throws Exception {
    assertThat(text("/good")).isEqualTo("ok");
    assertThat(received).hasValue(requests);
  }
}
