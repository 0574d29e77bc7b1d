package dev.weft.routing.listener.intercept;

import dev.weft.routing.cluster.Endpoint;
import dev.weft.routing.cluster.Pick;
import dev.weft.routing.cluster.Upstream;
import dev.weft.routing.cluster.UpstreamTls;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.listener.intercept.Refused.Why;
import dev.weft.routing.resilience.CircuitBreaker;
import dev.weft.routing.transport.tcp.Frames;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ThreadLocalRandom;
import javax.net.ssl.SSLException;

/**
 * One connection on its way to a service: breaker, limit of connections, choice of an endpoint, and
 * the next one where that cannot be reached; nothing is lost by it, since nothing was sent yet. On
 * the caller's event loop.
 */
final class ServiceOpening {

  private static final int MOST = 3; // endpoints that are tried

  private final Relays relays;
  private final Relays.Accepted caller;
  private final Way.Service way;
  private final Upstream upstream;
  private final InetSocketAddress meant;
  private final List<Endpoint> tried = new ArrayList<>(1);
  private String why = "";

  ServiceOpening(Relays relays, Relays.Accepted caller, Way.Service way, InetSocketAddress meant) {
    this.relays = relays;
    this.caller = caller;
    this.way = way;
    this.upstream = way.upstream();
    this.meant = meant;
  }

  /** Tries one endpoint, and then the next. */
  void next() {
    Optional<Endpoint> endpoint = tried.size() < MOST ? chosen() : Optional.empty();
    if (endpoint.isEmpty()) {
      String told = why.isEmpty() ? upstream.why() : why;
      relays.refuse(caller.channel(), Why.UNREACHABLE, ": " + upstream.name() + ": " + told);
      return;
    }
    int admitted = upstream.breaker().admit();
    if (admitted == CircuitBreaker.REFUSED) {
      String told = ": " + upstream.name() + ": its circuit breaker is open";
      relays.refuse(caller.channel(), Why.UNREACHABLE, told);
      return;
    }
    boolean opens =
        relays
            .carriage()
            .limits()
            .opens(upstream.name(), upstream.settings().connectionPool().maxConnections(), false);
    if (!opens) {
      upstream.breaker().abandoned(admitted);
      relays.refuse(caller.channel(), Why.CONNECTION_LIMIT, ": " + upstream.name());
      return;
    }
    tried.add(endpoint.get());
    connect(endpoint.get(), admitted);
  }

  private Optional<Endpoint> chosen() {
    if (way.exact() || upstream.asMeant()) {
      Optional<Endpoint> own = upstream.at(meant);
      if (own.isPresent() || way.exact()) {
        return own.filter(one -> !tried.contains(one));
      }
    }
    long draw = ThreadLocalRandom.current().nextLong();
    return upstream
        .pick(new Pick(draw, OptionalLong.empty(), tried))
        .filter(one -> !tried.contains(one));
  }

  private void connect(Endpoint endpoint, int admitted) {
    Optional<SslHandler> tls;
    try {
      tls = tls(endpoint);
    } catch (SSLException e) {
      relays.carriage().limits().closed(upstream.name());
      upstream.breaker().abandoned(admitted);
      failed(endpoint, String.valueOf(e.getMessage()));
      return;
    }
    Frames frames = new Frames();
    RelayEnd far = new RelayEnd(tls.map(any -> frames));
    Duration limit = upstream.settings().connectionPool().connectTimeout();
    Channel client = caller.channel();
    ChannelFuture connecting =
        Relays.bootstrap(client, far, limit)
            .connect(new InetSocketAddress(endpoint.host(), endpoint.port()));
    endpoint.inFlight().incrementAndGet();
    connecting
        .channel()
        .closeFuture()
        .addListener(
            closed -> {
              endpoint.inFlight().decrementAndGet();
              relays.carriage().limits().closed(upstream.name());
            });
    connecting.addListener(
        done -> {
          if (!done.isSuccess()) {
            String told = String.valueOf(done.cause().getMessage());
            broken(endpoint, admitted, Cause.CONNECT_REFUSED, told);
          } else if (relays.comesBack(connecting.channel())) {
            upstream.breaker().abandoned(admitted);
            relays.refuse(client, Why.LOOP, "");
          } else if (tls.isEmpty()) {
            reached(endpoint, admitted, far, connecting.channel());
          } else {
            shakeHands(endpoint, admitted, far, frames, tls.get(), connecting.channel());
          }
        });
  }

  private Optional<SslHandler> tls(Endpoint endpoint) throws SSLException {
    if (endpoint.tls() instanceof UpstreamTls.Plaintext) {
      return Optional.empty();
    }
    if (endpoint.tls() instanceof UpstreamTls.Mesh mesh) {
      return Optional.of(relays.carriage().tls().handler(mesh, caller.channel().alloc()));
    }
    throw new SSLException("tls of a DestinationRule is not offered for what is not HTTP");
  }

  private void shakeHands(
      Endpoint endpoint,
      int admitted,
      RelayEnd far,
      Frames frames,
      SslHandler tls,
      Channel server) {
    server.pipeline().addFirst(frames);
    server.pipeline().addFirst(tls);
    server.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, false); // frames tell the end
    server.config().setAutoRead(true); // the handshake reads
    tls.handshakeFuture()
        .addListener(
            (Future<Channel> shaken) -> {
              server.config().setAutoRead(false);
              Optional<String> refusal =
                  shaken.isSuccess()
                      ? relays.carriage().tls().refusal(endpoint, tls)
                      : Optional.of(String.valueOf(shaken.cause().getMessage()));
              if (refusal.isEmpty()) {
                reached(endpoint, admitted, far, server);
              } else {
                RelayEnd.close(server);
                Cause cause = shaken.isSuccess() ? Cause.UPSTREAM_IDENTITY : Cause.UPSTREAM_TLS;
                broken(endpoint, admitted, cause, refusal.get());
              }
            });
  }

  private void reached(Endpoint endpoint, int admitted, RelayEnd far, Channel server) {
    upstream.answered(endpoint, 200);
    upstream.breaker().succeeded(admitted);
    relays.join(caller, far, (EpollSocketChannel) server, relays.counts(caller, way, endpoint));
  }

  private void broken(Endpoint endpoint, int admitted, Cause cause, String told) {
    upstream.failed(endpoint, cause);
    upstream.breaker().failed(admitted);
    failed(endpoint, told);
  }

  private void failed(Endpoint endpoint, String told) {
    why = "endpoint " + endpoint.address() + ": " + told;
    if (caller.channel().isActive()) {
      next();
    }
  }
}
