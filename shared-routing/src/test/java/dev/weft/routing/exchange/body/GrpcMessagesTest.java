package dev.weft.routing.exchange.body;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.vertx.core.buffer.Buffer;
import java.lang.management.ManagementFactory;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class GrpcMessagesTest {

  private static final long SEED = 20_260_729;
  private static final int MIB = 1 << 20;

  private final GrpcMessages messages = new GrpcMessages();

  private static Buffer message(int flag, int bytes) {
    return Buffer.buffer()
        .appendByte((byte) flag)
        .appendInt(bytes)
        .appendBytes(new byte[bytes]); // looks like heads of empty messages
  }

  @Test
  void messagesOfOnePieceAreCounted() {
    messages.accept(message(0, 7).appendBuffer(message(1, 0)).appendBuffer(message(0, 300)));

    assertThat(messages.count()).isEqualTo(3);
  }

  @Test
  void nothingIsNoMessage() {
    messages.accept(Buffer.buffer());

    assertThat(messages.count()).isZero();
  }

  @Test
  void howABodyIsCutDoesNotMatter() {
    Random random = new Random(SEED);
    for (int round = 0; round < 2_000; round++) {
      int expected = random.nextInt(20);
      Buffer body = Buffer.buffer();
      for (int i = 0; i < expected; i++) {
        body.appendBuffer(message(random.nextInt(2), random.nextInt(3) * random.nextInt(700)));
      }
      GrpcMessages counted = new GrpcMessages();

      int longest = 1 + random.nextInt(40);
      int at = 0;
      while (at < body.length()) {
        int end = Math.min(body.length(), at + random.nextInt(longest + 1));
        counted.accept(body.slice(at, end));
        at = end;
      }

      assertThat(counted.count()).as("round %d of seed %d", round, SEED).isEqualTo(expected);
    }
  }

  @Test
  void aMessageCountsFromItsFirstByteAndOnce() {
    Buffer whole = message(0, 3);

    for (int i = 0; i < whole.length(); i++) {
      messages.accept(whole.slice(i, i + 1));

      assertThat(messages.count()).as("after %d bytes", i + 1).isEqualTo(1);
    }
  }

  @Test
  void theLongestMessageThatCanBeAnnouncedIsOne() {
    messages.accept(Buffer.buffer().appendByte((byte) 0).appendInt(-1)); // 2^32-1 bytes
    Buffer piece = Buffer.buffer(new byte[MIB]);

    for (int i = 0; i < 4_095; i++) {
      messages.accept(piece);
    }
    messages.accept(piece.slice(0, MIB - 1));
    assertThat(messages.count()).isEqualTo(1);
    messages.accept(message(0, 1));

    assertThat(messages.count()).isEqualTo(2);
  }

  @Test
  void lengthsWithAnyBitAreReadAsTheyAre() {
    for (int bit = 0; bit < 24; bit++) {
      GrpcMessages counted = new GrpcMessages();

      counted.accept(message(0, 1 << bit).appendBuffer(message(0, 0)));

      assertThat(counted.count()).as("bit %d", bit).isEqualTo(2);
    }
  }

  @Test
  void countingAllocatesNothing() {
    Buffer body = Buffer.buffer();
    for (int i = 0; i < 1_000; i++) {
      body.appendBuffer(message(0, i % 10));
    }
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    count(body, 1_000); // compiled by then
    long thread = Thread.currentThread().getId();

    long before = threads.getThreadAllocatedBytes(thread);
    count(body, 100);
    long allocated = threads.getThreadAllocatedBytes(thread) - before;

    assertThat(messages.count()).isEqualTo(1_100 * 1_000);
    assertThat(allocated).isLessThan(100_000); // not a byte for each message
  }

  private void count(Buffer body, int times) {
    for (int i = 0; i < times; i++) {
      messages.accept(body);
    }
  }

  @Test
  void onlyBodiesOfGrpcHaveMessages() {
    for (String type :
        new String[] {
          "application/grpc", "application/grpc+proto", "application/grpc;charset=utf-8"
        }) {
      assertThat(GrpcMessages.in(type)).as(type).isTrue();
    }
    for (String type :
        new String[] {
          null,
          "",
          "text/plain",
          "application/json",
          "application/grpc-web",
          "application/grpc-web-text+proto",
          "application/grpcs"
        }) {
      assertThat(GrpcMessages.in(type)).as(type).isFalse();
    }
  }
}
