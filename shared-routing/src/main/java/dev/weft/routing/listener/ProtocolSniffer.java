package dev.weft.routing.listener;

import dev.weft.routing.identity.PeerFault;
import dev.weft.routing.listener.Refusals.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SniHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.Mapping;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;
import io.vertx.core.Handler;
import io.vertx.core.net.NetSocket;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Tells by the first byte of a connection what is spoken and hands it on: TLS begins with a
 * handshake record (22), HTTP/1 and the HTTP/2 preface with a capital letter. Then it leaves the
 * pipeline, so that it costs the rest of the connection nothing.
 */
final class ProtocolSniffer extends ChannelInboundHandlerAdapter {

  private static final int HANDSHAKE_RECORD = 22; // RFC 8446 section 5.1
  private static final long HANDSHAKE_MILLIS = 10_000;
  private static final int LARGEST_HELLO = 1 << 16;

  private final NetSocket socket;
  private final Handler<NetSocket> http;
  private final Handler<NetSocket> https;
  private final ServerTls tls;
  private final Refusals refusals;
  private final Duration patience;
  private @Nullable ScheduledFuture<?> deadline;

  /**
   * @param http makes an HTTP connection of the socket
   * @param https the same, once TLS is established
   */
  ProtocolSniffer(
      NetSocket socket,
      Handler<NetSocket> http,
      Handler<NetSocket> https,
      ServerTls tls,
      Refusals refusals,
      Duration patience) {
    this.socket = socket;
    this.http = http;
    this.https = https;
    this.tls = tls;
    this.refusals = refusals;
    this.patience = patience;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    deadline =
        context
            .executor()
            .schedule(() -> refuse(Reason.SILENT, ""), patience.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    if (deadline != null) {
      deadline.cancel(false);
    }
  }

  private void refuse(Reason reason, String detail) {
    refusals.count(reason, socket.remoteAddress(), detail);
    socket.close();
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (!(message instanceof ByteBuf bytes) || !bytes.isReadable()) {
      ReferenceCountUtil.release(message);
      return;
    }
    int first = bytes.getUnsignedByte(bytes.readerIndex());
    if (first == HANDSHAKE_RECORD && !tls.takesTls()) {
      bytes.release();
      refuse(Reason.TLS, "");
    } else if (first == HANDSHAKE_RECORD) {
      secure(context, bytes);
    } else if (first < 'A' || first > 'Z') {
      bytes.release();
      refuse(Reason.PROTOCOL, ": first byte " + first);
    } else if (!tls.takesPlaintext()) {
      bytes.release();
      refuse(Reason.PLAINTEXT, "");
    } else {
      http.handle(socket);
      context.fireChannelRead(bytes);
      context.pipeline().remove(this);
    }
  }

  private void secure(ChannelHandlerContext context, ByteBuf bytes) {
    Mapping<String, SslContext> contexts = this::contextFor;
    SniHandler sni = new SniHandler(name -> contexts.map(name), LARGEST_HELLO, HANDSHAKE_MILLIS);
    context.pipeline().addAfter(context.name(), null, new Secured());
    context.pipeline().addAfter(context.name(), null, sni);
    context.fireChannelRead(bytes);
    context.pipeline().remove(this);
  }

  private SslContext contextFor(@Nullable String name) {
    Optional<SslContext> found = tls.contextFor(Optional.ofNullable(name));
    if (found.isEmpty()) {
      refusals.count(
          Reason.NO_CERTIFICATE_TO_SHOW, socket.remoteAddress(), ": server name " + name);
      throw new IllegalStateException("no certificate for server name " + name);
    }
    return found.get();
  }

  /** Waits for the handshake, then hands the connection on. */
  private final class Secured extends ChannelInboundHandlerAdapter {

    private boolean refused;

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      if (!(event instanceof SslHandshakeCompletionEvent handshake)) {
        context.fireUserEventTriggered(event);
      } else if (handshake.isSuccess()) {
        https.handle(socket);
        context.pipeline().remove(this);
      } else {
        refused(handshake.cause());
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      refused(cause);
    }

    private void refused(Throwable cause) {
      if (!refused) {
        refused = true;
        refuse(Reason.of(cause), ": " + PeerFault.sentence(cause));
      }
    }
  }
}
