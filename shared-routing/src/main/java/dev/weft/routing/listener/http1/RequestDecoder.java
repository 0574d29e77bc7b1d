package dev.weft.routing.listener.http1;

import dev.weft.routing.exchange.ProxyFailure.Cause;
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
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the requests of an HTTP/1 connection as Vert.x does, but takes no head that other servers
 * could read differently ({@link HeadBytes}; RFC 9112 section 3: one space between the words of the
 * first line, where Netty takes any blanks and control characters); and lets no head take longer
 * than its time: who sends one letter a minute would hold the connection for ever.
 *
 * <p>A head that comes in one read costs two comparisons and no timer.
 */
public final class RequestDecoder extends VertxHttpRequestDecoder {

  private static final String TOO_LATE =
      "HTTP/1.1 408 Request Timeout\r\nconnection: close\r\nproxy-status: "
          + Cause.REQUEST_TIMEOUT.proxyStatus()
          + "\r\ncontent-length: 0\r\n\r\n";

  private final Duration patience;
  private final Consumer<SocketAddress> refused;
  private boolean begun; // the first line of a head was read, and not yet its last
  private boolean body; // a head was read, and not yet the end of its body
  private int heads; // that were read
  private boolean late; // nothing that comes counts any more
  private @Nullable ScheduledFuture<?> deadline;
  private int wordEnd; // in the first line, of the word that was read
  private boolean spoken; // its version is one of two, to the letter
  private boolean spaced; // the words of the first line so far have one space between them

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
    spoken = initialLine[2].equals("HTTP/1.1") || initialLine[2].equals("HTTP/1.0");
    return super.createMessage(initialLine);
  }

  @Override
  protected String splitFirstWordInitialLine(byte[] line, int start, int length) {
    spaced = true;
    wordEnd = start + length;
    return super.splitFirstWordInitialLine(line, start, length);
  }

  @Override
  protected String splitSecondWordInitialLine(byte[] line, int start, int length) {
    spaced(line, start, length);
    return super.splitSecondWordInitialLine(line, start, length);
  }

  @Override
  protected String splitThirdWordInitialLine(byte[] line, int start, int length) {
    spaced(line, start, length);
    return super.splitThirdWordInitialLine(line, start, length);
  }

  private void spaced(byte[] line, int start, int length) {
    spaced &= start == wordEnd + 1 && line[wordEnd] == ' ';
    wordEnd = start + length;
  }

  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out)
      throws Exception {
    if (late) {
      in.skipBytes(in.readableBytes());
      return;
    }
    Optional<String> fault = body ? Optional.empty() : HeadBytes.fault(in, begun);
    if (fault.isPresent()) {
      in.skipBytes(in.readableBytes());
      HttpMessage none = createInvalidMessage();
      refuse(none, fault.get());
      judge(none);
      out.add(none);
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
        } else if (broken(context, (LastHttpContent) message)) {
          out.remove(i);
        }
      } else if (message instanceof HttpRequest request) {
        read(request);
      }
    }
  }

  private void read(HttpRequest request) {
    if (!spoken) {
      refuse(request, request.protocolVersion() + " is neither 1.1 nor 1.0");
    } else if (!spaced) {
      refuse(request, "its first line is not of three words and two spaces");
    }
    judge(request);
    begun = false;
    body = true;
    heads++;
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
  private void judge(HttpMessage request) {
    if (request.decoderResult().isFailure()) {
      request.setProtocolVersion(HttpVersion.HTTP_1_1);
      late = true;
    }
  }

  /** Whether somebody else answers for a body that is none. */
  private boolean broken(ChannelHandlerContext context, LastHttpContent end) {
    DecoderResult result = end.decoderResult();
    if (result.isSuccess()) {
      return false;
    }
    late = true;
    String why = "its body cannot be read: " + result.cause().getMessage();
    BrokenBody hears = BrokenBody.of(context.channel()).get();
    return hears != null && hears.broken(heads, why);
  }

  private static void refuse(HttpMessage request, String why) {
    request.setDecoderResult(DecoderResult.failure(new DecoderException(why)));
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
