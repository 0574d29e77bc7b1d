package dev.weft.routing.listener.http2;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.Http2Flags;
import io.netty.handler.codec.http2.Http2FrameTypes;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class LateDataTest {

  private final LateData late = new LateData();
  private final ByteBuf passed = Unpooled.buffer();

  @Test
  void onlyDataOfStreamsThatWereResetIsTakenOut() {
    late.reset(3);

    sifted(frame(Http2FrameTypes.DATA, 0, 3, 10));
    ByteBuf others = Unpooled.buffer();
    others.writeBytes(frame(Http2FrameTypes.DATA, 0, 1, 10));
    others.writeBytes(frame(Http2FrameTypes.HEADERS, Http2Flags.END_HEADERS, 3, 10));
    others.writeBytes(frame(Http2FrameTypes.DATA, 0, 3 + 2 * LateData.STREAMS, 10));
    others.writeBytes(frame(Http2FrameTypes.WINDOW_UPDATE, 0, 0, 4));
    sifted(others.copy());

    assertThat(passed).isEqualTo(others);
    assertThat(late.owed()).isEqualTo(10);
    assertThat(late.owed()).as("told once").isZero();
  }

  @Test
  void whatComesAfterItsEndIsNotLate() {
    late.reset(3);
    sifted(frame(Http2FrameTypes.DATA, Http2Flags.END_STREAM, 3, 0));
    assertThat(passed.isReadable()).isFalse();

    sifted(frame(Http2FrameTypes.DATA, 0, 3, 10));

    assertThat(passed.readableBytes()).isEqualTo(19);
  }

  @Test
  void moreThanAWindowIgnoresTheReset() {
    late.reset(3);
    int frames = LateData.MOST / 16_384;
    for (int i = 0; i < frames; i++) {
      sifted(frame(Http2FrameTypes.DATA, 0, 3, 16_384));
    }
    assertThat(passed.isReadable()).isFalse();
    assertThat(late.owed()).isEqualTo(LateData.MOST);

    sifted(frame(Http2FrameTypes.DATA, 0, 3, 1));
    late.reset(3); // as Netty then does

    sifted(frame(Http2FrameTypes.DATA, 0, 3, 1));
    assertThat(passed.readableBytes()).isEqualTo(20);
    assertThat(late.owed()).isZero();
  }

  @Test
  void aNewerStreamTakesThePlaceOfOneLongAgo() {
    late.reset(3);
    late.reset(3 + 2 * LateData.STREAMS);

    sifted(frame(Http2FrameTypes.DATA, 0, 3, 10));

    assertThat(passed.readableBytes()).isEqualTo(19);
  }

  @Test
  void itBeginsWhereAFrameDoes() {
    late.reset(3);

    assertThat(late.follows(-1)).as("within a head").isFalse();
    assertThat(late.follows(5)).isTrue();
    assertThat(late.follows(-1)).as("as it knows by itself").isTrue();
    ByteBuf both = Unpooled.buffer().writeBytes(new byte[5]);
    both.writeBytes(frame(Http2FrameTypes.DATA, 0, 3, 10));
    late.sift(both, this::behind);

    assertThat(passed.readableBytes()).isEqualTo(5);
  }

  @Test
  void howItIsCutIntoReadsDoesNotMatter() {
    Random random = new Random(20_261_130);
    for (int round = 0; round < 500; round++) {
      LateData one = new LateData();
      assertThat(one.follows(0)).isTrue();
      ByteBuf all = Unpooled.buffer();
      ByteBuf kept = Unpooled.buffer();
      int owed = 0;
      for (int stream = 1; stream < 20; stream += 4) {
        one.reset(stream);
      }
      for (int i = 0; i < 30; i++) {
        boolean data = random.nextBoolean();
        int stream = 1 + 2 * random.nextInt(10);
        int length = random.nextInt(4) == 0 ? 0 : random.nextInt(60);
        ByteBuf frame =
            frame(data ? Http2FrameTypes.DATA : Http2FrameTypes.HEADERS, 0, stream, length);
        all.writeBytes(frame, frame.readerIndex(), frame.readableBytes());
        if (data && stream % 4 == 1) {
          owed += length;
        } else {
          kept.writeBytes(frame);
        }
      }
      passed.clear();

      while (all.isReadable()) {
        int next = 1 + random.nextInt(random.nextBoolean() ? 12 : 200);
        one.sift(all.readBytes(Math.min(next, all.readableBytes())), this::behind);
      }

      assertThat(ByteBufUtil.hexDump(passed))
          .as("round %d", round)
          .isEqualTo(ByteBufUtil.hexDump(kept));
      assertThat(one.owed()).isEqualTo(owed);
    }
  }

  private void sifted(ByteBuf bytes) {
    assertThat(late.follows(0)).isTrue();
    late.sift(bytes, this::behind);
    assertThat(bytes.refCnt()).isZero();
  }

  private void behind(ByteBuf bytes) {
    passed.writeBytes(bytes);
    bytes.release();
  }

  private static ByteBuf frame(byte type, int flags, int stream, int length) {
    return Unpooled.buffer()
        .writeMedium(length)
        .writeByte(type)
        .writeByte(flags)
        .writeInt(stream)
        .writeBytes(new byte[length]);
  }
}
