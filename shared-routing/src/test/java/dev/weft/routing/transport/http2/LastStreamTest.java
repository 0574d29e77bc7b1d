package dev.weft.routing.transport.http2;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2ConnectionHandlerBuilder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class LastStreamTest {

  private final Http2ConnectionHandler handler =
      new Http2ConnectionHandlerBuilder()
          .server(false)
          .frameListener(new Http2FrameAdapter())
          .build();
  private final List<Integer> told = new ArrayList<>();

  private void goAway(int last) throws Http2Exception {
    handler.connection().goAwayReceived(last, 0, Unpooled.EMPTY_BUFFER);
  }

  @Test
  void eachGoAwayIsHeardAsOfServersThatFirstSayThatTheyWillGo() throws Exception {
    assertThat(LastStream.heard(handler, told::add)).isTrue();
    assertThat(told).isEmpty();

    goAway(Integer.MAX_VALUE);
    goAway(7);

    assertThat(told).containsExactly(Integer.MAX_VALUE, 7);
  }

  @Test
  void whatItSaysBesideIsNotKept() throws Exception {
    LastStream.heard(handler, told::add);
    ByteBuf reason = Unpooled.copiedBuffer("too many", StandardCharsets.US_ASCII);

    handler.connection().goAwayReceived(1, 0, reason);

    assertThat(reason.refCnt()).isEqualTo(1);
  }

  @Test
  void aConnectionOfHttp1SaysNothing() {
    assertThat(LastStream.heard(new ChannelInboundHandlerAdapter(), told::add)).isFalse();
  }
}
