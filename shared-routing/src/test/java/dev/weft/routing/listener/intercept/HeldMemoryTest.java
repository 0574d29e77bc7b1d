package dev.weft.routing.listener.intercept;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.listener.detect.ClientHello;
import dev.weft.routing.listener.detect.HelloReader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.function.BiConsumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** However a connection begins that does not let itself be told, 64 KiB of it are held at most. */
final class HeldMemoryTest {

  private static final int MOST = 64 << 10;
  private static final int SENT = 1 << 20;
  private static final int READ = 2048; // what a read is given, however little comes

  private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false, true);
  private boolean handedOver;

  private void taken(Channel of, ByteBuf first) {
    handedOver = true;
    first.release();
  }

  private final class Taking implements HelloReader.Told {
    @Override
    public BiConsumer<Channel, ByteBuf> has(ClientHello hello) {
      return HeldMemoryTest.this::taken;
    }
  }

  /** What a beginning is like. */
  enum Kind {
    /** A request line without an end. */
    LINE,
    /** A hello in records of one byte. */
    SHREDS,
    /** The same in records of 7,936 bytes. */
    RECORDS;

    /** What it says at a place. */
    int says(int at) {
      return switch (this) {
        case LINE -> 'A';
        case SHREDS -> record(at, 1);
        case RECORDS -> record(at, 7936);
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
    "LINE, 1",
    "LINE, 700",
    "LINE, 16384",
    "SHREDS, 1",
    "SHREDS, 700",
    "SHREDS, 16384",
    "RECORDS, 1",
    "RECORDS, 700",
    "RECORDS, 16384"
  })
  void itIsHandedOverBefore(Kind kind, int piece) {
    ChannelHandler first =
        kind == Kind.LINE
            ? new OpaqueSniffer(
                new ChannelInboundHandlerAdapter(),
                new OpaqueSniffer.Taken(true, true),
                Duration.ofHours(1),
                this::taken)
            : new HelloReader(Duration.ofHours(1), new Taking());
    EmbeddedChannel channel = new EmbeddedChannel();
    channel.config().setAllocator(allocator);
    channel.pipeline().addFirst(first);
    long most = 0;
    for (int at = 0; at < SENT && !handedOver; at += piece) {
      ByteBuf bytes = allocator.heapBuffer(Math.max(piece, READ));
      for (int i = 0; i < piece; i++) {
        bytes.writeByte(kind.says(at + i));
      }
      channel.writeInbound(bytes);
      most = Math.max(most, allocator.metric().usedHeapMemory());
    }

    assertThat(handedOver).isTrue();
    assertThat(most).isBetween(1L, (long) MOST);
    assertThat(allocator.metric().usedHeapMemory()).as("in the end").isZero();
    channel.finishAndReleaseAll();
  }
}
