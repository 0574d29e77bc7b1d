package dev.weft.routing.listener.detect;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.SniCompletionEvent;
import io.netty.handler.ssl.SslContext;
import io.netty.util.AsyncMapping;
import io.netty.util.concurrent.Promise;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** However a handshake begins whose hello does not end, 64 KiB of it are held at most. */
final class BoundedSniHandlerTest {

  private static final int MOST = 64 << 10;
  private static final int SENT = 1 << 20;
  private static final int LARGE = 30_000;
  private static final int READ = 2048; // what a read is given, however little comes

  private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false, true);
  private final List<String> asked = new ArrayList<>();
  private final List<Throwable> failures = new ArrayList<>();
  private final EmbeddedChannel channel = channel();

  /** What is sent. */
  enum Kind {
    /** The hello in records of one byte. */
    SHREDS,
    /** The same in records of 7,936 bytes. */
    RECORDS,
    /** One record that announces 65,535 bytes. */
    ONE;

    /** What it says at a place. */
    int says(int at) {
      return switch (this) {
        case SHREDS -> record(at, 1);
        case RECORDS -> record(at, 7936);
        case ONE -> at < 5 ? new int[] {22, 3, 1, 0xff, 0xff}[at] : hello(at - 5);
      };
    }

    private static int record(int at, int length) {
      int[] head = {22, 3, 1, length >> 8, length & 0xff};
      int number = at / (head.length + length);
      int within = at % (head.length + length);
      return within < head.length ? head[within] : hello(number * length + within - head.length);
    }

    /** Of one that announces 24,575 bytes, which its records do not let it have. */
    private static int hello(int at) {
      int[] head = {1, 0, 0x5f, 0xff};
      return at < head.length ? head[at] : 'x';
    }
  }

  @ParameterizedTest
  @CsvSource({
    "SHREDS, 1",
    "SHREDS, 700",
    "SHREDS, 16384",
    "RECORDS, 1",
    "RECORDS, 700",
    "RECORDS, 16384",
    "ONE, 1",
    "ONE, 700",
    "ONE, 16384"
  })
  void itIsRefusedBefore(Kind kind, int piece) {
    long most = 0;
    for (int at = 0; at < SENT && channel.isActive(); at += piece) {
      channel.writeInbound(bytes(kind, at, piece));
      most = Math.max(most, allocator.metric().usedHeapMemory());
    }

    assertThat(failures).hasSize(1);
    assertThat(failures.get(0)).hasMessage("a ClientHello of more than 24576 bytes");
    assertThat(asked).isEmpty();
    assertThat(most).isBetween(1L, (long) MOST);
    channel.finishAndReleaseAll();
    assertThat(allocator.metric().usedHeapMemory()).as("in the end").isZero();
  }

  @Test
  void whatComesAfterIsNotHeldEither() {
    channel.writeInbound(bytes(Kind.ONE, 0, LARGE), bytes(Kind.ONE, 0, LARGE));

    assertThat(failures).hasSize(1);
    channel.finishAndReleaseAll();
    assertThat(allocator.metric().usedHeapMemory()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 100, 5000})
  void aHelloInRecordsOfAnyLengthIsRead(int length) {
    byte[] hello = named("shop.test");
    for (int at = 0; at < hello.length; at += length) {
      int here = Math.min(length, hello.length - at);
      ByteBuf record = allocator.heapBuffer().writeByte(22).writeShort(0x301).writeShort(here);
      channel.writeInbound(record.writeBytes(hello, at, here));
    }

    assertThat(asked).containsExactly("shop.test");
    assertThat(failures).isEmpty();
    channel.finishAndReleaseAll();
  }

  private EmbeddedChannel channel() {
    EmbeddedChannel made = new EmbeddedChannel();
    made.config().setAllocator(allocator);
    made.pipeline().addLast(new BoundedSniHandler(contexts(), 0), new Failures());
    return made;
  }

  private AsyncMapping<String, SslContext> contexts() {
    return (String name, Promise<SslContext> promise) -> {
      asked.add(name);
      return promise;
    };
  }

  private final class Failures extends ChannelInboundHandlerAdapter {
    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      if (event instanceof SniCompletionEvent hello && !hello.isSuccess()) {
        failures.add(hello.cause());
      }
    }
  }

  private ByteBuf bytes(Kind kind, int from, int length) {
    ByteBuf bytes = allocator.heapBuffer(Math.max(length, READ));
    for (int i = 0; i < length; i++) {
      bytes.writeByte(kind.says(from + i));
    }
    return bytes;
  }

  /** A hello that asks for a name, and has 300 bytes of padding. */
  private byte[] named(String name) {
    ByteBuf body = allocator.heapBuffer().writeShort(0x303).writeZero(32).writeByte(0);
    body.writeShort(2).writeShort(0x1301).writeByte(1).writeByte(0);
    int names = name.length() + 5;
    body.writeShort(names + 4 + 304).writeShort(0).writeShort(names).writeShort(names - 2);
    body.writeByte(0).writeShort(name.length());
    body.writeCharSequence(name, StandardCharsets.US_ASCII);
    body.writeShort(21).writeShort(300).writeZero(300);
    byte[] all = new byte[body.readableBytes() + 4];
    all[0] = 1;
    all[2] = (byte) (body.readableBytes() >> 8);
    all[3] = (byte) body.readableBytes();
    body.readBytes(all, 4, all.length - 4).release();
    return all;
  }
}
