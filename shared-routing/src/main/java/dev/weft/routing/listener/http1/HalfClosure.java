package dev.weft.routing.listener.http1;

import dev.weft.routing.transport.tcp.HalfClosed;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.util.AsciiString;
import io.netty.util.concurrent.ScheduledFuture;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Answers a caller of cleartext HTTP/1.1 that has said all and ended its side, and finds out
 * whether it left: both send the same FIN. A write to one that left is answered by a reset, which
 * fails the next write and so ends the connection and what is served for it; one that listens takes
 * what is written.
 *
 * <p>What is written must not change the answer. Before its head that is {@code 100 Continue},
 * which a client must understand wherever it comes (RFC 9110 section 15.2) and which all do, unlike
 * other interim answers. Within a body in chunks it is a leading zero of the next chunk's size (RFC
 * 9112 section 7.1). A body of a known length has no such place: there the body itself tells. The
 * first write comes after {@link #PATIENCE_MILLIS}, so that a quick answer is as it always was, and
 * each further one when twice the time has gone by.
 *
 * <p>The end of the connection itself is a FIN between requests, one that cuts a request off, that
 * of HTTP/1.0 (to which nothing interim may be sent) and that of an upgrade. Requests that came
 * before the FIN are answered, then the connection is closed. Costs a request two fields to set.
 */
public final class HalfClosure extends ChannelInboundHandlerAdapter implements CallerEnd {

  private static final long PATIENCE_MILLIS = 100;
  private static final int MOST_ZEROS = 6; // clients take 16 digits, and a size has up to 8

  private @Nullable HttpServerRequest current; // until its answer is on its way
  private int begun;
  private boolean silent; // the FIN came
  private @Nullable ChannelHandlerContext context;
  private @Nullable ScheduledFuture<?> look;
  private long written; // of the body, when it was looked at
  private int zeros; // since the body last moved

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    context = added;
    added.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
  }

  @Override
  public void begun(HttpServerRequest incoming) {
    current = incoming;
    begun++;
    ChannelHandlerContext here = context;
    if (silent && here != null) {
      serveLast(here, incoming);
    }
  }

  @Override
  public void answered() {
    current = null;
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext here, Object event) {
    here.fireUserEventTriggered(event);
    if (event == ChannelInputShutdownEvent.INSTANCE) {
      silent = true;
      HalfClosed.stays(here.channel());
      fallenSilent(here);
    }
  }

  private void fallenSilent(ChannelHandlerContext here) {
    HttpServerRequest served = current;
    RequestDecoder decoder = here.pipeline().get(RequestDecoder.class);
    if (decoder == null || decoder.amidRequest()) {
      end(here);
    } else if (served != null) {
      serveLast(here, served);
    } else {
      closeIfAnswered(here);
    }
  }

  private void serveLast(ChannelHandlerContext here, HttpServerRequest served) {
    boolean upgrade = served.headers().contains(HttpHeaderNames.UPGRADE);
    if (served.version() == HttpVersion.HTTP_1_0 || upgrade) {
      end(here);
      return;
    }
    HttpServerResponse out = served.response();
    String connection = out.headers().get(HttpHeaderNames.CONNECTION);
    if (!AsciiString.contentEqualsIgnoreCase(HttpHeaderValues.CLOSE, connection)) {
      out.endHandler(end -> here.executor().execute(() -> closeIfAnswered(here)));
    }
    written = out.bytesWritten();
    zeros = 0;
    lookAgain(here, served, 0);
  }

  /** Once there is nothing more to answer; a next request of before the FIN has begun by now. */
  private void closeIfAnswered(ChannelHandlerContext here) {
    RequestDecoder decoder = here.pipeline().get(RequestDecoder.class);
    if (current == null && (decoder == null || decoder.heads() == begun)) {
      here.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }
  }

  /** Asks when as much time again has gone by as {@code sofarMillis}. */
  private void lookAgain(ChannelHandlerContext here, HttpServerRequest served, long sofarMillis) {
    long pause = Math.max(PATIENCE_MILLIS, sofarMillis);
    stopLooking();
    look =
        here.executor()
            .schedule(
                () -> {
                  if (served == current) {
                    ask(here, served.response());
                    lookAgain(here, served, sofarMillis + pause);
                  }
                },
                pause,
                TimeUnit.MILLISECONDS);
  }

  private void stopLooking() {
    if (look != null) {
      look.cancel(false);
      look = null;
    }
  }

  private void ask(ChannelHandlerContext here, HttpServerResponse out) {
    if (!out.headWritten()) {
      out.writeContinue();
      return;
    }
    boolean moved = out.bytesWritten() != written;
    written = out.bytesWritten();
    if (moved) {
      zeros = 0;
    } else if (out.isChunked() && zeros < MOST_ZEROS && here.channel().isWritable()) {
      zeros++;
      here.writeAndFlush(ByteBufUtil.writeAscii(here.alloc(), "0"))
          .addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
    }
  }

  /** At once, whatever is on its way. */
  private static void end(ChannelHandlerContext here) {
    here.close().addListener(ChannelFutureListener.FIRE_EXCEPTION_ON_FAILURE);
  }

  @Override
  public void channelInactive(ChannelHandlerContext here) {
    stopLooking();
    here.fireChannelInactive();
  }
}
