package dev.weft.routing.listener.intercept;

import dev.weft.routing.cluster.ApplicationPorts;
import dev.weft.routing.cluster.Delivery;
import dev.weft.routing.listener.intercept.Refused.Why;
import dev.weft.routing.listener.intercept.socket.TransparentSource;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;

/**
 * One connection on its way to the address that its caller meant. The own application may listen on
 * loopback instead, where it is tried once nobody takes it; nothing is lost by it, since nothing
 * was sent yet. On the caller's event loop.
 */
final class DirectOpening {

  private static final Duration LIMIT = Duration.ofSeconds(10);

  private final Relays relays;
  private final Relays.Accepted caller;
  private final Way.Direct way;
  private final InetSocketAddress meant;
  private boolean again;

  DirectOpening(Relays relays, Relays.Accepted caller, Way.Direct way, InetSocketAddress meant) {
    this.relays = relays;
    this.caller = caller;
    this.way = way;
    this.meant = meant;
  }

  void connect() {
    connect(way.ports().map(ports -> ports.first(meant)).orElse(meant));
  }

  private void connect(InetSocketAddress at) {
    RelayEnd far = new RelayEnd(Ending.SOCKET);
    Bootstrap bootstrap = relays.bootstrap(caller.channel(), far, LIMIT);
    boolean elsewhere = !at.equals(meant);
    if (way.from() == Way.From.PROXY || elsewhere) {
      bootstrap.localAddress(Delivery.from(at.getAddress()), 0);
    } else if (way.from() == Way.From.CALLER) {
      TransparentSource.use(bootstrap, caller.channel().remoteAddress());
    }
    ChannelFuture connecting = bootstrap.connect(at);
    connecting.addListener(
        done -> {
          if (connecting.isSuccess()) {
            opened(at, far, connecting.channel());
          } else {
            failed(at, connecting.cause());
          }
        });
  }

  private void failed(InetSocketAddress at, Throwable cause) {
    boolean may = !again && ApplicationPorts.refused(cause);
    Optional<InetSocketAddress> other =
        may ? way.ports().flatMap(ports -> ports.other(meant, at)) : Optional.empty();
    if (other.isPresent()) {
      again = true;
      connect(other.get());
    } else {
      relays.refuse(caller, Why.UNREACHABLE, ": " + cause.getMessage());
    }
  }

  private void opened(InetSocketAddress at, RelayEnd far, Channel server) {
    if (again) {
      way.ports().ifPresent(ports -> ports.taken(meant, at));
    }
    if (relays.comesBack(caller, server)) {
      relays.refuse(caller, Why.LOOP, "");
      return;
    }
    caller.note().carried("", way.cluster(), NetUtil.toSocketAddressString(at), 1);
    relays.join(caller, far, server, relays.counts(caller, way), relays.idle());
  }
}
