package dev.weft.routing.listener;

import dev.weft.routing.exchange.Handshake;
import dev.weft.routing.listener.http1.BrokenBody;
import dev.weft.routing.listener.http1.CallerEnd;
import dev.weft.routing.listener.http1.HalfClosure;
import dev.weft.routing.listener.http1.Leaving;
import dev.weft.routing.listener.http1.PacedBody;
import dev.weft.routing.listener.http1.RequestDecoder;
import dev.weft.routing.listener.http2.HeaderBlocks;
import dev.weft.routing.listener.http2.RequestMethods;
import dev.weft.routing.listener.intercept.Relays;
import dev.weft.routing.transport.http2.Windows;
import dev.weft.routing.transport.tcp.Closing;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.AttributeKey;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.impl.HttpServerImpl;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.internal.VertxWrapper;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.core.net.impl.NetServerImpl;
import io.vertx.core.net.impl.NetServerInternal;
import io.vertx.core.net.impl.VertxConnection;
import io.vertx.core.streams.ReadStream;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/**
 * Vert.x' HTTP server without a socket of its own: it is handed connections that somebody else
 * accepted and whose protocol is already known.
 *
 * <p>Vert.x' {@code HttpServerImpl.listen} does no more than set a connect handler on a {@code
 * NetServer} of its Vertx; this class gives it one that keeps the handler and opens nothing. All
 * internal API of the listeners is here; checked against Vert.x 5.0.12, to be checked at each
 * upgrade.
 */
final class HandedOverHttp {

  private static final String DECODER = "httpDecoder"; // as Vert.x names it

  private static final AttributeKey<Handshake> HANDSHAKE = AttributeKey.valueOf("weft.handshake");

  private static final AttributeKey<InetSocketAddress> MEANT = AttributeKey.valueOf("weft.meant");

  private HandedOverHttp() {}

  /**
   * The handler that makes an HTTP connection of a socket; to be called on the event loop that
   * shall own its connections.
   */
  static Handler<NetSocket> handler(
      Vertx vertx, HttpServerOptions options, Handler<HttpServer> configured) {
    Capture capture = new Capture((VertxInternal) vertx);
    HttpServer server = new HttpServerImpl(capture, options);
    configured.handle(server);
    Future<HttpServer> listening = server.listen(SocketAddress.inetSocketAddress(0, "localhost"));
    Unbound unbound = capture.server;
    if (listening.failed() || unbound == null) {
      throw new IllegalStateException("Vert.x' HTTP server asked for no NetServer");
    }
    return unbound.connectHandler();
  }

  /** Leaves with a connection what its handshake settled. */
  static void met(NetSocket socket, Handshake handshake) {
    pipeline(socket).channel().attr(HANDSHAKE).set(handshake);
  }

  /** What the handshake of a connection settled. */
  static Handshake handshake(HttpConnection connection) {
    return handshake(((ConnectionBase) connection).channelHandlerContext().channel());
  }

  /** As the other. */
  static Handshake handshake(Channel channel) {
    Handshake settled = channel.attr(HANDSHAKE).get();
    return settled == null ? Handshake.NONE : settled;
  }

  /** The certificate that a gateway's caller proved to have; empty without one. */
  static Optional<X509Certificate> shown(HttpConnection connection) {
    if (handshake(connection).proof().isEmpty()) {
      return Optional.empty();
    }
    try {
      return connection.peerCertificates().stream()
          .findFirst()
          .filter(X509Certificate.class::isInstance)
          .map(X509Certificate.class::cast);
    } catch (SSLPeerUnverifiedException e) {
      return Optional.empty(); // it was not obliged to
    }
  }

  /** Leaves with a connection whom it is from, as a proxy in front says. */
  static void from(Channel channel, InetSocketAddress caller) {
    Relays.from(channel, caller);
    channel
        .attr(ConnectionBase.REMOTE_ADDRESS_OVERRIDE)
        .set(SocketAddress.inetSocketAddress(caller));
  }

  /** Leaves with a connection where it was going before it was redirected. */
  static void meant(Channel channel, InetSocketAddress destination) {
    channel.attr(MEANT).set(destination);
  }

  /** Where a connection was going before it was redirected; empty where nobody did. */
  static Optional<InetSocketAddress> meant(HttpConnection connection) {
    return meant(((ConnectionBase) connection).channelHandlerContext().channel());
  }

  /** As the other. */
  static Optional<InetSocketAddress> meant(Channel channel) {
    return Optional.ofNullable(channel.attr(MEANT).get());
  }

  /** Whether it is HTTP/2. */
  static boolean multiplexed(HttpConnection connection) {
    return ((ConnectionBase) connection).channelHandlerContext().handler()
        instanceof Http2ConnectionHandler;
  }

  /**
   * Nothing more is taken of a connection of HTTP/2 that is being ended.
   *
   * @return whether nobody said so before
   */
  static boolean over(HttpConnection connection) {
    @Nullable HeaderBlocks blocks =
        ((ConnectionBase) connection).channelHandlerContext().pipeline().get(HeaderBlocks.class);
    return blocks == null || blocks.over();
  }

  /** Lets a connection of HTTP/2 send what this process has room for, and looks at its methods. */
  static void open(HttpConnection connection, ListenerSettings.Role role) {
    if (!multiplexed(connection)) {
      return;
    }
    ChannelHandlerContext context = ((ConnectionBase) connection).channelHandlerContext();
    Http2ConnectionDecoder decoder = ((Http2ConnectionHandler) context.handler()).decoder();
    decoder.frameListener(new RequestMethods(decoder.frameListener()));
    Channel channel = context.channel();
    if (role == ListenerSettings.Role.EDGE) {
      Windows.ofCaller(connection, channel);
    } else {
      Windows.ofPeer(connection, channel);
    }
  }

  /** Where handlers can be put before the socket's own. */
  static ChannelPipeline pipeline(NetSocket socket) {
    return ((NetSocketInternal) socket).channelHandlerContext().pipeline();
  }

  /** Has a connection closed on which neither side sent anything for {@code timeout}. */
  static void closeWhenIdle(HttpConnection connection, Duration timeout) {
    if (!timeout.isZero()) {
      ((ConnectionBase) connection)
          .channelHandlerContext()
          .pipeline()
          .addFirst(new IdleStateHandler(0, 0, timeout.toMillis(), TimeUnit.MILLISECONDS));
    }
  }

  /** Ends a connection at once, whatever is on its way. */
  static void cut(HttpConnection connection) {
    Closing.now(((ConnectionBase) connection).channelHandlerContext().channel());
  }

  /** Ends the proxy's side of a connection once all is written, and hears no more of its caller. */
  static void leave(NetSocket socket) {
    socket
        .write(Buffer.buffer())
        .onSuccess(written -> Leaving.end(pipeline(socket).channel()))
        .onFailure(gone -> socket.close());
  }

  /**
   * Ends the proxy's side of a connection of HTTP/1 once all is written, though its caller goes on
   * sending what nobody wants. That is dropped for a while: who has something on its way when a
   * socket is closed may hear of a reset and not of the answer (RFC 9112 section 9.6).
   */
  static void leave(HttpConnection connection) {
    ChannelHandlerContext context = ((ConnectionBase) connection).channelHandlerContext();
    Channel channel = context.channel();
    ChannelPromise written = context.newPromise();
    written.addListener(all -> Leaving.briefly(channel));
    ((VertxConnection) connection).writeToChannel(Unpooled.EMPTY_BUFFER, true, written);
  }

  /**
   * Runs {@code task} when all is dealt with that was read by now from any connection of this loop;
   * to be called on it.
   */
  static void afterReading(HttpConnection connection, Runnable task) {
    ((ConnectionBase) connection).channelHandlerContext().channel().eventLoop().execute(task);
  }

  /**
   * Ends a request's stream of HTTP/2 where it has not ended; on its loop. Netty counts the resets
   * that go by way of Vert.x, but those of NO_ERROR and CANCEL, and ends a connection that has two
   * hundred in 30 s, as if its caller had flooded it (its {@code Http2MaxRstFrameLimitEncoder}; no
   * option of Vert.x reaches that). So this one goes past the count, and Vert.x is told by another
   * one, which Netty does not send: the stream has one already.
   */
  static void reset(HttpServerRequest request, long error) {
    ChannelHandlerContext context = ((ConnectionBase) request.connection()).channelHandlerContext();
    Http2ConnectionHandler http2 = (Http2ConnectionHandler) context.handler();
    int stream = request.streamId();
    if (http2.connection().stream(stream) != null) {
      http2
          .resetStream(context, stream, error, context.newPromise())
          .addListener(ChannelFutureListener.FIRE_EXCEPTION_ON_FAILURE);
      request.response().reset(Http2Error.CANCEL.code());
      context.flush();
    }
  }

  /** A request's body, read no faster than its reader takes it. */
  static ReadStream<Buffer> body(HttpServerRequest incoming) {
    return incoming.version() == HttpVersion.HTTP_2
        ? incoming
        : new PacedBody(
            incoming, ((ConnectionBase) incoming.connection()).channelHandlerContext().channel());
  }

  /** Hears of the requests of a connection that its FIN may leave open: cleartext HTTP/1. */
  static CallerEnd callerEnd(HttpConnection connection) {
    ChannelPipeline pipeline =
        ((ConnectionBase) connection).channelHandlerContext().channel().pipeline();
    if (connection.isSsl() || pipeline.get(DECODER) == null) {
      return CallerEnd.OF_ALL;
    }
    HalfClosure end = new HalfClosure();
    pipeline.addAfter(DECODER, null, end);
    return end;
  }

  /** Says who hears of bodies of HTTP/1 that are none. */
  static void bodies(HttpConnection connection, BrokenBody hears) {
    BrokenBody.of(((ConnectionBase) connection).channelHandlerContext().channel()).set(hears);
  }

  /** Reads requests with another decoder; to be called before any byte came. */
  static void decoder(NetSocket socket, RequestDecoder decoder) {
    ChannelPipeline pipeline = pipeline(socket);
    if (pipeline.get(DECODER) != null) {
      pipeline.replace(DECODER, DECODER, decoder);
    }
  }

  /**
   * Whether an HTTP/2 request ended with its head (END_STREAM), so that there is no body. Vert.x
   * tells it only after the request's handler; Netty's stream knows it before.
   */
  static boolean endedWithHead(HttpServerRequest request) {
    ConnectionBase connection = (ConnectionBase) request.connection();
    Http2ConnectionHandler http2 =
        (Http2ConnectionHandler) connection.channelHandlerContext().handler();
    Http2Stream stream = http2.connection().stream(request.streamId());
    return stream == null || !stream.state().remoteSideOpen();
  }

  private static final class Capture extends VertxWrapper {

    private @Nullable Unbound server;

    Capture(VertxInternal delegate) {
      super(delegate);
    }

    @Override
    public NetServerInternal createNetServer(NetServerOptions options) {
      Unbound unbound = new Unbound(delegate, options);
      server = unbound;
      return unbound;
    }
  }

  private static final class Unbound extends NetServerImpl {

    Unbound(VertxInternal vertx, NetServerOptions options) {
      super(vertx, options);
    }

    @Override
    public Future<NetServer> listen(ContextInternal context, SocketAddress address) {
      return Future.succeededFuture(this);
    }
  }
}
