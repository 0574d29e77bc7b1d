package dev.weft.routing.identity;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import javax.net.ssl.SSLEngine;

/** A server that does one handshake and tells how it went. */
final class HandshakeServer implements AutoCloseable {

  private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final CompletableFuture<String> outcome = new CompletableFuture<>();
  private final Channel channel;

  HandshakeServer(SslContext tls) throws InterruptedException {
    this(tls, engine -> {});
  }

  /**
   * @param change of each engine before its handshake
   */
  HandshakeServer(SslContext tls, Consumer<SSLEngine> change) throws InterruptedException {
    this.channel =
        new ServerBootstrap()
            .group(loop)
            .channel(NioServerSocketChannel.class)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel caller) {
                    SslHandler handler = tls.newHandler(caller.alloc());
                    change.accept(handler.engine());
                    caller.pipeline().addLast(handler);
                    handler
                        .handshakeFuture()
                        .addListener(
                            done ->
                                outcome.complete(
                                    done.isSuccess() ? "passed" : reasons(done.cause())));
                  }
                })
            .bind("127.0.0.1", 0)
            .sync()
            .channel();
  }

  int port() {
    return ((InetSocketAddress) channel.localAddress()).getPort();
  }

  /** How the first handshake went, with the reasons of a failure; waits for it. */
  String outcome() throws Exception {
    return outcome.get(20, SECONDS);
  }

  /** Every message of a chain of causes. */
  static String reasons(Throwable failure) {
    StringBuilder all = new StringBuilder();
    for (Throwable one = failure; one != null; one = one.getCause()) {
      all.append(one).append('\n');
    }
    return all.toString();
  }

  @Override
  public void close() {
    loop.shutdownGracefully(0, 1, SECONDS).awaitUninterruptibly(5, SECONDS);
  }
}
