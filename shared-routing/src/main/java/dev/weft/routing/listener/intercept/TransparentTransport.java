package dev.weft.routing.listener.intercept;

import dev.weft.routing.cluster.Delivery;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.epoll.EpollChannelOption;
import io.vertx.core.VertxBuilder;
import io.vertx.core.impl.transports.EpollTransport;
import io.vertx.core.impl.transports.TransportInternal;
import io.vertx.core.net.ClientOptionsBase;
import io.vertx.core.net.NetServerOptions;

/**
 * Epoll whose one port takes connections that were meant for others (TPROXY), and whose clients may
 * come from addresses that are not of this machine.
 */
public final class TransparentTransport extends EpollTransport {

  private TransparentTransport() {}

  /** For a process that has {@link TransparentSource#allowed leave} to do so. */
  public static VertxBuilder on(VertxBuilder builder) {
    return builder.withTransport(
        new TransportInternal("transparent epoll", true, null, new TransparentTransport()));
  }

  @Override
  public void configure(NetServerOptions options, boolean domainSocket, ServerBootstrap bootstrap) {
    super.configure(options, domainSocket, bootstrap);
    if (options.getPort() == Interception.INBOUND_PORT) {
      bootstrap.option(EpollChannelOption.IP_TRANSPARENT, true);
    }
  }

  @Override
  public void configure(
      ClientOptionsBase options, int connectTimeout, boolean domainSocket, Bootstrap bootstrap) {
    super.configure(options, connectTimeout, domainSocket, bootstrap);
    String from = options.getLocalAddress();
    if (from != null && !Delivery.own(from)) {
      TransparentSource.use(bootstrap, from);
    }
  }
}
