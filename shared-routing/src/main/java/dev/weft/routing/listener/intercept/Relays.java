package dev.weft.routing.listener.intercept;

import dev.weft.routing.cluster.Delivery;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.handler.timeout.IdleStateHandler;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Carries connections to where they were meant to go, byte by byte, on the event loop that accepted
 * them. What one side ends the other is told to end (half-close), each is read only as fast as the
 * other takes it, and both end where nothing moves for the idle timeout.
 */
public final class Relays {

  private static final int CONNECT_MILLIS = 10_000;

  private final OwnConnections own;
  private final Duration idle;
  private final boolean delivers;
  private final Failed failed;

  /** Hears of a connection that could not be carried. */
  public interface Failed {
    /**
     * @param loop whether it came back to this process
     */
    void failed(SocketAddress peer, boolean loop, String why);
  }

  /**
   * @param idle zero for no limit
   * @param delivers to the own application, from an address that the rules leave alone
   */
  public Relays(OwnConnections own, Duration idle, boolean delivers, Failed failed) {
    this.own = own;
    this.idle = idle;
    this.delivers = delivers;
    this.failed = failed;
  }

  /** Whether this process opened the connection itself; to be asked once for each. */
  public boolean loops(Channel accepted) {
    SocketAddress peer = accepted.remoteAddress();
    accepted.closeFuture().addListener(closed -> own.closed(peer));
    return own.accepted(peer);
  }

  /**
   * @param client not read for now
   * @param first bytes that were read already; owned from here on
   */
  public void open(Channel client, ByteBuf first, InetSocketAddress meant) {
    client.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    RelayEnd near = new RelayEnd(first);
    client.pipeline().addFirst(near);
    if (!idle.isZero()) {
      client
          .pipeline()
          .addFirst(new IdleStateHandler(0, 0, idle.toMillis(), TimeUnit.MILLISECONDS));
    }
    RelayEnd far = new RelayEnd();
    Bootstrap bootstrap =
        new Bootstrap()
            .group(client.eventLoop())
            .channel(EpollSocketChannel.class)
            .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
            .option(ChannelOption.AUTO_READ, false)
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
            .handler(far);
    Optional<InetSocketAddress> from = delivers ? Optional.of(source(meant)) : Optional.empty();
    ChannelFuture connecting =
        from.isEmpty() ? bootstrap.connect(meant) : bootstrap.connect(meant, from.get());
    connecting.addListener(done -> connected(client, near, far, connecting));
  }

  private static InetSocketAddress source(InetSocketAddress meant) {
    return new InetSocketAddress(Delivery.from(meant.getAddress()), 0);
  }

  private void connected(Channel client, RelayEnd near, RelayEnd far, ChannelFuture connecting) {
    SocketAddress peer = client.remoteAddress();
    if (!connecting.isSuccess()) {
      failed.failed(peer, false, ": " + connecting.cause().getMessage());
      cut(client);
      return;
    }
    EpollSocketChannel server = (EpollSocketChannel) connecting.channel();
    SocketAddress local = server.localAddress();
    server.closeFuture().addListener(closed -> own.left(local));
    if (own.opened(local)) {
      failed.failed(peer, true, "");
      RelayEnd.close(server);
      cut(client);
      return;
    }
    near.join(far, (EpollSocketChannel) client, server);
  }

  /** The caller was told that it is connected: a reset says best that it is not. */
  private static void cut(Channel client) {
    client.config().setOption(ChannelOption.SO_LINGER, 0);
    RelayEnd.close(client);
  }
}
