package dev.weft.routing.listener.intercept.socket;

import dev.weft.routing.cluster.Delivery;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.epoll.EpollChannelOption;
import io.vertx.core.VertxBuilder;
import io.vertx.core.impl.transports.EpollTransport;
import io.vertx.core.impl.transports.TransportInternal;
import io.vertx.core.net.ClientOptionsBase;
import io.vertx.core.net.NetServerOptions;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Epoll whose connections the rules of interception know. One port may take connections that were
 * meant for others (TPROXY), and clients may then come from addresses that are not of this machine.
 */
public final class InterceptingTransport extends EpollTransport {

  private final OptionalInt port;
  private final Optional<Mark> mark;

  private InterceptingTransport(OptionalInt port, Optional<Mark> mark) {
    this.port = port;
    this.mark = mark;
  }

  /**
   * For a process that may do so: {@link TransparentSource#allowed}, {@link Mark#allowed}.
   *
   * @param port that takes connections which keep their addresses; empty where none does
   * @param mark of what this process opens
   */
  public static VertxBuilder on(VertxBuilder builder, OptionalInt port, Optional<Mark> mark) {
    return builder.withTransport(
        new TransportInternal(
            "intercepting epoll", true, null, new InterceptingTransport(port, mark)));
  }

  @Override
  public void configure(NetServerOptions options, boolean domainSocket, ServerBootstrap bootstrap) {
    super.configure(options, domainSocket, bootstrap);
    if (port.isPresent() && options.getPort() == port.getAsInt()) {
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
    } else if (!domainSocket) {
      mark.ifPresent(one -> one.put(bootstrap));
    }
  }
}
