package dev.weft.routing.listener.gate;

import dev.weft.routing.exchange.Handshake;
import dev.weft.routing.listener.connection.Callers;
import dev.weft.routing.listener.detect.ClientHello;
import dev.weft.routing.listener.detect.HelloReader;
import dev.weft.routing.listener.intercept.Refused.Why;
import dev.weft.routing.listener.intercept.Relays;
import dev.weft.routing.route.tcp.ConnectionHead;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BiConsumer;
import javax.net.ssl.SSLPeerUnverifiedException;

/** Takes the connections of a gateway's port that are not HTTP as far as the gateway sees. */
public final class Passing {

  private final Relays relays;
  private final Duration patience;

  /**
   * @param patience for the first bytes
   */
  public Passing(Relays relays, Duration patience) {
    this.relays = relays;
    this.patience = patience;
  }

  /**
   * A connection was accepted.
   *
   * @param sniffer takes it where its handshake is made here, or where there is none
   */
  public void accepted(Channel client, Gate.Port port, ChannelHandler sniffer) {
    if (port.opaque()) {
      if (possible(client)) {
        client.config().setAutoRead(false);
        relays.open(client, Unpooled.EMPTY_BUFFER, head(client, Optional.empty()));
      }
      return;
    }
    client.pipeline().addFirst(new HelloReader(patience, new ByName(port, sniffer)));
  }

  /**
   * The handshake of a connection is done that is not HTTP inside.
   *
   * @param settled by it
   */
  public void inside(Channel client, SslHandler tls, Handshake settled) {
    if (possible(client)) {
      Optional<X509Certificate> shown = settled.proof().isEmpty() ? Optional.empty() : shown(tls);
      relays.open(
          client,
          tls,
          caller -> Callers.outside(caller, settled, shown),
          head(client, Optional.of(settled.serverName().orElse(""))));
    }
  }

  private static Optional<X509Certificate> shown(SslHandler tls) {
    try {
      return tls.engine().getSession().getPeerCertificates()[0] instanceof X509Certificate leaf
          ? Optional.of(leaf)
          : Optional.empty();
    } catch (SSLPeerUnverifiedException e) {
      return Optional.empty(); // it was not obliged to
    }
  }

  private boolean possible(Channel client) {
    boolean epoll = client instanceof EpollSocketChannel;
    if (!epoll) {
      relays.refuse(client, Why.UNREACHABLE, ": TCP is carried with Linux's epoll only");
    } else if (relays.loops(client, client.localAddress())) {
      relays.refuse(client, Why.LOOP, "");
      return false;
    }
    return epoll;
  }

  private static ConnectionHead head(Channel client, Optional<String> serverName) {
    return new ConnectionHead((InetSocketAddress) client.localAddress(), serverName);
  }

  /** By the name of the handshake: carried as it is, or made here. */
  private final class ByName implements HelloReader.Told {

    private final Gate.Port port;
    private final ChannelHandler sniffer;

    ByName(Gate.Port port, ChannelHandler sniffer) {
      this.port = port;
      this.sniffer = sniffer;
    }

    @Override
    public Optional<ChannelHandler> goesOn(ClientHello hello) {
      boolean passes = hello.serverName().filter(port::passes).isPresent();
      return passes ? Optional.empty() : Optional.of(sniffer);
    }

    @Override
    public BiConsumer<Channel, ByteBuf> has(ClientHello hello) {
      return (client, first) -> {
        if (possible(client)) {
          relays.open(client, first, head(client, hello.serverName()));
        } else {
          first.release();
        }
      };
    }

    @Override
    public BiConsumer<Channel, ByteBuf> late() {
      return (client, first) -> {
        first.release();
        relays.refuse(client, Why.SILENT, "");
      };
    }
  }
}
