package dev.weft.routing.listener.http1;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.concurrent.ScheduledFuture;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.impl.VertxHttpRequestDecoder;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the requests of an HTTP/1 connection as Vert.x does, and lets no head take longer than its
 * time: who sends one letter a minute would hold the connection for ever.
 *
 * <p>A head that comes in one read costs two comparisons and no timer.
 */
public final class RequestDecoder extends VertxHttpRequestDecoder {

  private static final String TOO_LATE =
      "HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

  private final Duration patience;
  private final Consumer<SocketAddress> refused;
  private boolean begun; // the first line of a head was read, and not yet its last
  private boolean body; // a head was read, and not yet the end of its body
  private int heads; // that were read
  private boolean late; // nothing that comes counts any more
  private @Nullable ScheduledFuture<?> deadline;

  /**
   * @param patience from a head's first byte to its last
   * @param refused hears whose head was too slow; one for all connections, or else each would keep
   *     alive what it was made of
   */
  public RequestDecoder(
      HttpServerOptions options, Duration patience, Consumer<SocketAddress> refused) {
    super(options);
    this.patience = patience;
    this.refused = refused;
  }

  /** Requests whose head was read. */
  int heads() {
    return heads;
  }

  /** Whether a request began and did not end yet. */
  boolean amidRequest() {
    return begun || body;
  }

  @Override
  protected HttpMessage createMessage(String[] initialLine) {
    begun = true;
    return super.createMessage(initialLine);
  }

  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out)
      throws Exception {
    if (late) {
      in.skipBytes(in.readableBytes());
      return;
    }
    int before = out.size();
    super.decode(context, in, out);
    for (int i = before; i < out.size(); i++) {
      Object message = out.get(i);
      if (message == LastHttpContent.EMPTY_LAST_CONTENT || message instanceof LastHttpContent) {
        begun = false;
        body = false;
        if (message instanceof HttpRequest unread) { // whose first line is none
          judge(unread);
        }
      } else if (message instanceof HttpRequest request) {
        if (!spoken(request.protocolVersion())) {
          request.setDecoderResult(unknown(request.protocolVersion()));
        }
        judge(request);
        begun = false;
        body = true;
        heads++;
      }
    }
  }

  /** What was refused as slow is not refused once more for that it does not end. */
  @Override
  protected void decodeLast(ChannelHandlerContext context, ByteBuf in, List<Object> out)
      throws Exception {
    if (!late) {
      super.decodeLast(context, in, out);
    }
  }

  /**
   * Where it cannot be meant, nothing after it can; and its refusal does not repeat the version
   * that its caller made up (RFC 9112 section 2.3).
   */
  private void judge(HttpRequest request) {
    if (request.decoderResult().isFailure()) {
      request.setProtocolVersion(HttpVersion.HTTP_1_1);
      late = true;
    }
  }

  private static DecoderResult unknown(HttpVersion version) {
    return DecoderResult.failure(new DecoderException(version + " is neither 1.1 nor 1.0"));
  }

  private static boolean spoken(HttpVersion version) {
    return version.equals(HttpVersion.HTTP_1_1) || version.equals(HttpVersion.HTTP_1_0);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
    super.channelRead(context, message);
    boolean partial = !body && (begun || actualReadableBytes() > 0) && !context.isRemoved();
    if (partial != (deadline != null)) {
      watch(context, partial);
    }
  }

  private void watch(ChannelHandlerContext context, boolean partial) {
    if (deadline != null) {
      deadline.cancel(false);
      deadline = null;
    }
    if (partial) {
      long nanos = patience.toNanos();
      deadline = context.executor().schedule(() -> late(context), nanos, TimeUnit.NANOSECONDS);
    }
  }

  private void late(ChannelHandlerContext context) {
    deadline = null;
    if (!context.channel().config().isAutoRead()) {
      watch(context, true); // it is held up here, not there
      return;
    }
    late = true;
    refused.accept(context.channel().remoteAddress());
    String told = heads > 0 ? "" : TOO_LATE; // an answer may be under way
    context
        .writeAndFlush(ByteBufUtil.writeAscii(context.alloc(), told))
        .addListener(ChannelFutureListener.CLOSE);
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) throws Exception {
    watch(context, false);
    super.channelInactive(context);
  }

  @Override
  protected void handlerRemoved0(ChannelHandlerContext context) throws Exception {
    watch(context, false);
    super.handlerRemoved0(context);
  }
}
