package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.gateway.RawHttp2.Frame;
import dev.weft.testkit.FreePorts;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetric;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.impl.buffer.VertxByteBufAllocator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Frames of HTTP/2 that cost a gateway work and are limited by no window: the connection is ended
 * and counted, and other callers go on.
 */
@Timeout(60)
final class FloodsIT extends GatewayFixture {

  private static final int FRAMES = 30_000;
  private static final int AT_ONCE = 6;
  private static final long MOST_BUFFERED = 16 << 20;
  private static final long MOST_KEPT = 16 << 20;
  private static final int DATA = RawHttp2.DATA;
  private static final int PRIORITY = 2;
  private static final int RESET = RawHttp2.RESET;
  private static final int SETTINGS = RawHttp2.SETTINGS;
  private static final int PING = 6;
  private static final int GO_AWAY = RawHttp2.GO_AWAY;
  private static final int WINDOW_UPDATE = 8;
  private static final int UNHEARD_OF = 99;
  private static final int ACK = 1;
  private static final int PADDED = 8;
  private static final byte[] HEAD =
      RawHttp2.block(
          ":method", "POST", ":path", "/p", ":scheme", "http", ":authority", "shop.test");

  private final ExecutorService readers = Executors.newCachedThreadPool();
  private final AtomicInteger received = new AtomicInteger();

  @AfterEach
  void end() {
    readers.shutdownNow();
  }

  private void start() throws Exception {
    start(
        request -> {
          received.incrementAndGet();
          request.response().end("ok");
        });
  }

  private void start(Answer answer) throws Exception {
    admin = FreePorts.next();
    int backend = backend(answer);
    gateway(rules("{route: [{destination: {host: backend.test}}]}"), entry(backend));
  }

  /** What the nth time is sent. */
  private static Map<String, IntFunction<byte[]>> floods() {
    Map<String, IntFunction<byte[]>> all = new LinkedHashMap<>();
    byte[] ping = new byte[Long.BYTES];
    all.put("settings", n -> frame(SETTINGS, 0, 0));
    all.put("sizes of the table", n -> frame(SETTINGS, 0, 0, 0, 1, 0, 0, n % 2 * 16, 0));
    all.put("settings that are confirmed", n -> frame(SETTINGS, ACK, 0));
    all.put("pings", n -> RawHttp2.bytes(PING, 0, 0, ping));
    all.put("answers to no ping", n -> RawHttp2.bytes(PING, ACK, 0, ping));
    all.put("one priority", n -> frame(PRIORITY, 0, 5, 0, 0, 0, 3, 1));
    all.put("priorities of streams", n -> frame(PRIORITY, 0, stream(n), 0, 0, 0, 0, 1));
    all.put("small windows", n -> frame(WINDOW_UPDATE, 0, 0, 0, 0, 0, 1));
    all.put("frames unheard of", n -> frame(UNHEARD_OF, 0, 0));
    all.put("farewells", n -> RawHttp2.bytes(GO_AWAY, 0, 0, ping));
    all.put("no data", n -> n == 0 ? head(1, false) : frame(DATA, 0, 1));
    all.put("nothing but padding", n -> n == 0 ? head(1, false) : frame(DATA, PADDED, 1, 2, 0, 0));
    all.put("reset at once", n -> head(n, frame(RESET, 0, stream(n), 0, 0, 0, 8)));
    all.put("reset by no window", n -> head(n, frame(WINDOW_UPDATE, 0, stream(n), 0, 0, 0, 0)));
    all.put(
        "reset by a window too large",
        n -> head(n, frame(WINDOW_UPDATE, 0, stream(n), 127, 255, 255, 255)));
    all.put("reset by data after the end", n -> head(n, frame(DATA, 0, stream(n), 1)));
    all.put("more streams than are allowed", n -> head(stream(n), false));
    return all;
  }

  @ParameterizedTest(name = "answers are read: {0}")
  @ValueSource(booleans = {true, false})
  void eachEndsItsConnectionAndIsCounted(boolean reads) throws Exception {
    start();
    long before = counted();
    for (Map.Entry<String, IntFunction<byte[]>> flood : floods().entrySet()) {
      String name = flood.getKey();
      try (RawHttp2 client = new RawHttp2(port)) {
        Optional<Future<Boolean>> reading =
            reads ? Optional.of(readers.submit(() -> ended(client))) : Optional.empty();
        sent(client, flood.getValue());

        assertThat(reading.isPresent() ? reading.get().get() : ended(client)).as(name).isTrue();
      }
      assertThat(text("/good")).as(name).isEqualTo("ok");
      before++;
      assertThat(counted()).as(name).isEqualTo(before);
    }
  }

  /** Several connections at once of each kind, which read nothing. */
  @Test
  void memoryIsBoundedMeanwhileAndGivenBackAfterwards() throws Exception {
    start();
    assertThat(text("/good")).isEqualTo("ok");
    long heapBefore = heap();
    long bufferedBefore = buffered();
    long most = 0;
    for (Map.Entry<String, IntFunction<byte[]>> flood : floods().entrySet()) {
      List<RawHttp2> clients = new ArrayList<>();
      List<Future<?>> sending = new ArrayList<>();
      for (int i = 0; i < AT_ONCE; i++) {
        RawHttp2 client = new RawHttp2(port);
        clients.add(client);
        sending.add(readers.submit(() -> sent(client, flood.getValue())));
      }
      for (Future<?> one : sending) {
        one.get();
        most = Math.max(most, buffered()); // others are at it yet
      }
      for (RawHttp2 client : clients) {
        client.close();
      }
      assertThat(text("/good")).as(flood.getKey()).isEqualTo("ok");
    }

    assertThat(most - bufferedBefore).as("bytes of buffers").isLessThan(MOST_BUFFERED);
    assertThat(buffered() - bufferedBefore).as("kept").isLessThan(MOST_BUFFERED);
    assertThat(heap() - heapBefore).as("bytes of heap").isLessThan(MOST_KEPT);
  }

  /** Of all buffers that there are, those that wait for their next use too. */
  private static long buffered() {
    return buffered(ByteBufAllocator.DEFAULT) + buffered(VertxByteBufAllocator.POOLED_ALLOCATOR);
  }

  private static long buffered(ByteBufAllocator some) {
    ByteBufAllocatorMetric metric = ((ByteBufAllocatorMetricProvider) some).metric();
    return metric.usedDirectMemory() + metric.usedHeapMemory();
  }

  /** What is alive. */
  private static long heap() {
    System.gc();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  @Test
  void whoAsksForSomethingMayProbeAsMuchAsItLikes() throws Exception {
    start();
    try (RawHttp2 client = new RawHttp2(port)) {
      for (int n = 0; n < 3000; n++) {
        client.send(frame(PING, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1));
        client.send(frame(WINDOW_UPDATE, 0, 0, 0, 0, 0, 2));
        client.send(frame(PRIORITY, 0, stream(n), 0, 0, 0, 0, 1));
        client.send(head(stream(n), true));

        assertThat(client.next().text()).as("request %d", n).contains(":status: 200");
        assertThat(client.next().text()).isEqualTo("ok");
      }
    }
    assertThat(counted()).isZero();
  }

  @Test
  void aBodyThatLooksLikeAFarewellIsABody() throws Exception {
    byte[] farewell = frame(GO_AWAY, 0, 0, 127, 255, 255, 255, 0, 0, 0, 11);
    start(request -> request.response().end(Buffer.buffer(farewell)));
    try (RawHttp2 client = new RawHttp2(port)) {
      for (int n = 0; n < 3; n++) {
        client.send(head(stream(n), true));

        assertThat(client.next().text()).contains(":status: 200");
        assertThat(client.next().text().getBytes(StandardCharsets.ISO_8859_1)).isEqualTo(farewell);
      }
    }
    assertThat(counted()).isZero();
  }

  /** As a client of gRPC does whose messages are small. */
  @Test
  void whoIsSentLittlePiecesMayProbeAtEach() throws Exception {
    int pieces = 4000;
    start(
        request -> {
          request.response().setChunked(true);
          for (int n = 0; n < pieces; n++) {
            request.response().write("some bytes");
          }
          request.response().end();
        });
    int bytes = 0;
    try (RawHttp2 client = new RawHttp2(port)) {
      client.send(head(1, true));
      Frame answer = client.next();
      assertThat(answer.text()).contains(":status: 200");
      while (!answer.last()) {
        answer = client.next();
        bytes += answer.text().length();
        client.send(frame(PING, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1));
        client.send(frame(WINDOW_UPDATE, 0, 0, 0, 0, 0, 10));
        client.send(frame(WINDOW_UPDATE, 0, 1, 0, 0, 0, 10));
      }
    }
    assertThat(bytes).isEqualTo(10 * pieces);
    assertThat(counted()).isZero();
  }

  @Test
  void aBodyMayComeByteByByte() throws Exception {
    start(request -> request.endHandler(whole -> request.response().end("ok")));
    try (RawHttp2 client = new RawHttp2(port)) {
      client.send(head(1, false));
      for (int n = 0; n < 5000; n++) {
        client.send(frame(DATA, 0, 1, 1));
      }
      client.send(frame(DATA, RawHttp2.LAST, 1, 1));

      assertThat(client.next().text()).contains(":status: 200");
    }
    assertThat(counted()).isZero();
  }

  /** A name of one byte that stands for 3,000, sixteen thousand times: 48 MB of 16 KB. */
  @Test
  void aHeadThatGrowsAsItIsReadIsRefused() throws Exception {
    start();
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    block.writeBytes(HEAD);
    block.writeBytes(new byte[] {0x40, 1, 'x', 0x7f, (byte) 0xb9, 0x16}); // 127 + 0x39 + 22 * 128
    block.writeBytes("v".repeat(3000).getBytes(StandardCharsets.US_ASCII));
    for (int i = 0; i < 13_000; i++) {
      block.write(0xbe); // the newest of the table
    }
    byte[] bomb = block.toByteArray();
    for (int n = 0; n < 20; n++) {
      try (RawHttp2 client = new RawHttp2(port)) {
        client.send(RawHttp2.bytes(RawHttp2.HEADERS, 5, 1, bomb));

        Frame answer = client.next();

        assertThat(answer.type()).isIn(RawHttp2.RESET, GO_AWAY, RawHttp2.HEADERS);
        assertThat(answer.text()).doesNotContain("200");
      }
    }
    assertThat(received).hasValue(0);
    assertThat(text("/good")).isEqualTo("ok");
  }

  private long counted() throws Exception {
    assertThat(refusals("protocol")).isZero();
    return refusals("flood");
  }

  private static int stream(int n) {
    return 2 * n + 1;
  }

  private static byte[] head(int stream, boolean last) {
    return RawHttp2.bytes(RawHttp2.HEADERS, last ? 5 : 4, stream, HEAD);
  }

  /** A request, and a frame that takes it back. */
  private static byte[] head(int n, byte[] then) {
    ByteArrayOutputStream both = new ByteArrayOutputStream();
    both.writeBytes(head(stream(n), true));
    both.writeBytes(then);
    return both.toByteArray();
  }

  private static byte[] frame(int type, int flags, int stream, int... payload) {
    byte[] bytes = new byte[payload.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) payload[i];
    }
    return RawHttp2.bytes(type, flags, stream, bytes);
  }

  private static void sent(RawHttp2 client, IntFunction<byte[]> flood) {
    ByteArrayOutputStream some = new ByteArrayOutputStream();
    try {
      for (int n = 0; n < FRAMES; n++) {
        some.writeBytes(flood.apply(n));
        if (some.size() > 1000) {
          client.send(some.toByteArray());
          some.reset();
        }
      }
    } catch (IOException cut) {
      assertThat(cut).isNotNull();
    }
  }

  /** Whether the other side ends it, before this one has no more patience. */
  private static boolean ended(RawHttp2 client) {
    byte[] some = new byte[8192];
    try {
      while (client.in().read(some) >= 0) {
        assertThat(some).isNotNull();
      }
      return true;
    } catch (SocketTimeoutException late) {
      return false;
    } catch (IOException reset) {
      return true;
    }
  }
}
