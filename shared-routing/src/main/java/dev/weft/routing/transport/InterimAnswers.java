package dev.weft.routing.transport;

import dev.weft.routing.transport.http1.AnswerCodec;
import dev.weft.routing.transport.http1.LastReading;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameListener;
import io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;
import org.jspecify.annotations.Nullable;

/**
 * Drops the interim answers that Vert.x would take for the answer: all but 100 (which it drops),
 * 103 (which goes on) and 101, which is an answer. There is no way to send them on.
 *
 * <p>Source: RFC 9110 section 15.2. Vert.x' connections are Netty's handlers: internal API, checked
 * against Vert.x 5.0.12.
 */
final class InterimAnswers {

  private static final String VERTX = "handler"; // as Vert.x names its own

  private InterimAnswers() {}

  /**
   * Keeps them from the requests of {@code connection}, on which none was sent yet, as {@link
   * AnswerCodec} does what nobody asked for.
   *
   * @param mostHeaderBytes of the head of an answer
   */
  static void drop(HttpClientConnection connection, int mostHeaderBytes) {
    ChannelHandlerContext context = context(connection);
    ChannelHandler handler = context.handler();
    if (handler instanceof Http2ConnectionHandler http2) {
      Http2ConnectionDecoder decoder = http2.decoder();
      decoder.frameListener(new OverHttp2(decoder.frameListener(), http2.connection()));
    } else {
      AnswerCodec.insert(context.channel(), mostHeaderBytes);
      context.pipeline().addBefore(VERTX, null, new OverHttp1());
      context.pipeline().addBefore(VERTX, null, new LastReading());
    }
  }

  /** Where Vert.x reads and writes. */
  static ChannelHandlerContext context(HttpClientConnection connection) {
    HttpConnection own = connection.exceptionHandler(broken -> {}); // the one that it wraps
    return ((ConnectionBase) own).channelHandlerContext();
  }

  private static boolean dropped(int status) {
    return status < 200 && status > 101 && status != 103;
  }

  private static final class OverHttp1 extends ChannelInboundHandlerAdapter {

    private boolean within;

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      if (message instanceof DefaultHttpResponse head && dropped(head.status().code())) {
        within = true;
      }
      if (!within) {
        context.fireChannelRead(message);
        return;
      }
      within = !(message instanceof LastHttpContent);
      ReferenceCountUtil.release(message);
    }
  }

  private static final class OverHttp2 extends Http2FrameListenerDecorator {

    private final Http2Connection connection;

    OverHttp2(Http2FrameListener vertx, Http2Connection connection) {
      super(vertx);
      this.connection = connection;
    }

    /**
     * That a peer, having answered, does not want the rest of a request is no reason to drop its
     * answer (RFC 9113 section 8.1), which Vert.x would do where its reader is slow.
     */
    @Override
    public void onRstStreamRead(ChannelHandlerContext context, int stream, long code)
        throws Http2Exception {
      Http2Stream known = connection.stream(stream);
      boolean answered = known != null && !known.state().remoteSideOpen();
      if (!answered || code != Http2Error.NO_ERROR.code()) {
        super.onRstStreamRead(context, stream, code);
      }
    }

    @Override
    public void onHeadersRead(
        ChannelHandlerContext context, int stream, Http2Headers headers, int padding, boolean last)
        throws Http2Exception {
      if (last || !dropped(headers.status())) {
        super.onHeadersRead(context, stream, headers, padding, last);
      }
    }

    @Override
    public void onHeadersRead(
        ChannelHandlerContext context,
        int stream,
        Http2Headers headers,
        int dependency,
        short weight,
        boolean exclusive,
        int padding,
        boolean last)
        throws Http2Exception {
      if (last || !dropped(headers.status())) {
        super.onHeadersRead(context, stream, headers, dependency, weight, exclusive, padding, last);
      }
    }

    /** Of three digits, the first a 1; trailers have no status. */
    private static boolean dropped(@Nullable CharSequence status) {
      return status != null
          && status.length() == 3
          && status.charAt(0) == '1'
          && !(status.charAt(1) == '0' && "013".indexOf(status.charAt(2)) >= 0);
    }
  }
}
