package dev.weft.routing.listener;

import dev.weft.routing.exchange.Handshake;
import dev.weft.routing.identity.PeerFault;
import dev.weft.routing.listener.Refusals.Reason;
import dev.weft.routing.listener.detect.BoundedSniHandler;
import dev.weft.routing.listener.detect.ProvingSniHandler;
import dev.weft.routing.listener.http2.HeaderBlocks;
import dev.weft.routing.transport.http2.TogetherWritten;
import dev.weft.routing.transport.tcp.Frames;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SniCompletionEvent;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.AsyncMapping;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.ScheduledFuture;
import io.vertx.core.Handler;
import io.vertx.core.net.NetSocket;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Tells by the first bytes of a connection what is spoken and hands it on: TLS begins with a
 * handshake record (22), HTTP/2 with its preface, HTTP/1 with another capital letter. Then it
 * leaves the pipeline, so that it costs the rest of the connection nothing.
 */
final class ProtocolSniffer extends ChannelInboundHandlerAdapter {

  private static final int HANDSHAKE_RECORD = 22; // RFC 8446 section 5.1

  private static final ByteBuf PREFACE = Http2CodecUtil.connectionPrefaceBuf();

  private final NetSocket socket;
  private final Protocols protocols;
  private final ServerTls tls;
  private final Refusals refusals;
  private final Duration patience;
  private @Nullable ScheduledFuture<?> deadline;
  private boolean opaque; // what is inside TLS is nobody's business
  private boolean counted;
  private @Nullable BoundedSniHandler sni;
  private ByteBuf held = Unpooled.EMPTY_BUFFER; // as long as it may yet become the preface

  /**
   * What makes an HTTP connection of a socket.
   *
   * @param http1 in plaintext
   * @param http2 in plaintext
   * @param https either, once TLS is established
   * @param tcp takes what is not HTTP, once TLS is established
   * @param blocks makes what stands in front of each connection of HTTP/2
   */
  record Protocols(
      Handler<NetSocket> http1,
      Handler<NetSocket> http2,
      Handler<NetSocket> https,
      BiConsumer<NetSocket, SslHandler> tcp,
      Supplier<HeaderBlocks> blocks) {}

  ProtocolSniffer(
      NetSocket socket, Protocols protocols, ServerTls tls, Refusals refusals, Duration patience) {
    this.socket = socket;
    this.protocols = protocols;
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
    held.release();
  }

  private void refuse(Reason reason, String detail) {
    count(reason, detail);
    socket.close();
  }

  /** Once for a connection, by what was wrong first; the end of it is looked at anew. */
  private void count(Reason reason, String detail) {
    if (!counted) {
      counted = true;
      int port = socket.localAddress().port();
      refusals.connection(reason, socket.remoteAddress(), port, detail);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (!(message instanceof ByteBuf bytes) || !bytes.isReadable()) {
      ReferenceCountUtil.release(message);
      return;
    }
    if (held.isReadable()) {
      plaintext(context, bytes);
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
      plaintext(context, bytes);
    }
  }

  private void plaintext(ChannelHandlerContext context, ByteBuf bytes) {
    ByteBuf all = held.isReadable() ? Unpooled.wrappedBuffer(held, bytes) : bytes;
    held = Unpooled.EMPTY_BUFFER;
    int length = Math.min(all.readableBytes(), PREFACE.readableBytes());
    boolean preface = ByteBufUtil.equals(all, all.readerIndex(), PREFACE, 0, length);
    if (preface && length < PREFACE.readableBytes()) {
      held = all;
      return;
    }
    if (preface) {
      multiplexes(context);
    }
    (preface ? protocols.http2 : protocols.http1).handle(socket);
    context.fireChannelRead(all);
    context.pipeline().remove(this);
  }

  /**
   * Answers of many streams go out together once the loop has nothing more to read: one system call
   * and one TLS record, where HTTP/2 would have one for each.
   */
  private void multiplexes(ChannelHandlerContext context) {
    context.pipeline().addAfter(context.name(), null, protocols.blocks.get());
    context.pipeline().addAfter(context.name(), null, new TogetherWritten());
  }

  private void secure(ChannelHandlerContext context, ByteBuf bytes) {
    AsyncMapping<String, SslContext> contexts =
        (name, shown) -> show(name, shown, context.executor());
    long millis = patience.toMillis();
    sni =
        tls.asked()
            ? new ProvingSniHandler(contexts, millis, tls::proof)
            : new BoundedSniHandler(contexts, millis);
    context.pipeline().addAfter(context.name(), null, new Secured());
    context.pipeline().addAfter(context.name(), null, sni);
    context.fireChannelRead(bytes);
    context.pipeline().remove(this);
  }

  /** The context may have to be made of files first, which is not done on this event loop. */
  private Future<SslContext> show(
      @Nullable String name, Promise<SslContext> shown, EventExecutor loop) {
    tls.contextFor(Optional.ofNullable(name))
        .otherwise(Optional.empty())
        .onSuccess(
            found -> {
              if (loop.inEventLoop()) {
                show(name, shown, found);
              } else {
                loop.execute(() -> show(name, shown, found));
              }
            });
    return shown;
  }

  private void show(
      @Nullable String name, Promise<SslContext> shown, Optional<ServerTls.Shown> found) {
    if (found.isEmpty()) {
      if (sni != null && sni.broken()) {
        count(Reason.HANDSHAKE, ": it begins with no ClientHello");
      } else {
        count(Reason.NO_CERTIFICATE_TO_SHOW, ": server name " + name);
      }
      shown.tryFailure(new IllegalStateException("no certificate for server name " + name));
      return;
    }
    opaque = !found.get().http();
    Handshake settled = new Handshake(Optional.ofNullable(name), found.get().proof());
    HandedOverHttp.met(socket, settled);
    shown.trySuccess(found.get().context());
  }

  /** Waits for the handshake, then hands the connection on. */
  private final class Secured extends ChannelInboundHandlerAdapter {

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      if (event instanceof SniCompletionEvent hello && !hello.isSuccess()) {
        refused(hello.cause()); // it did not come in time, or is none
      } else if (!(event instanceof SslHandshakeCompletionEvent handshake)) {
        context.fireUserEventTriggered(event);
      } else if (handshake.isSuccess()) {
        SslHandler ssl = context.pipeline().get(SslHandler.class);
        if (ProvingSniHandler.PROTOCOL.equals(ssl.applicationProtocol())) {
          socket.close(); // it has seen what it asked for
          return;
        }
        if (opaque || Frames.PROTOCOL.equals(ssl.applicationProtocol())) {
          protocols.tcp.accept(socket, ssl);
          context.pipeline().remove(this);
          return;
        }
        if (ApplicationProtocolNames.HTTP_2.equals(ssl.applicationProtocol())) {
          multiplexes(context);
        }
        protocols.https.handle(socket);
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
      refuse(Reason.of(cause), ": " + PeerFault.sentence(cause));
    }
  }
}
