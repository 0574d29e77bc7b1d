package dev.weft.routing.listener.intercept;

import dev.weft.config.model.TrafficPolicy.LoadBalancer;
import dev.weft.routing.cluster.Endpoint;
import dev.weft.routing.cluster.Pick;
import dev.weft.routing.cluster.Upstream;
import dev.weft.routing.cluster.UpstreamTls;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.listener.detect.ProxyHeader;
import dev.weft.routing.listener.intercept.Refused.Why;
import dev.weft.routing.resilience.CircuitBreaker;
import dev.weft.routing.route.Draw;
import dev.weft.routing.stage.HashKeys;
import dev.weft.routing.transport.tcp.Frames;
import dev.weft.routing.transport.tcp.TcpTls;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import io.vertx.core.AsyncResult;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

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
      refuse(Why.UNREACHABLE, ": " + way.told() + ": " + told);
      return;
    }
    int admitted = upstream.breaker().admit();
    if (admitted == CircuitBreaker.REFUSED) {
      String told = ": " + way.told() + ": its circuit breaker is open";
      refuse(Why.UNREACHABLE, told);
      return;
    }
    boolean opens =
        relays
            .carriage()
            .limits()
            .opens(upstream.name(), upstream.settings().connectionPool().maxConnections(), false);
    if (!opens) {
      upstream.breaker().abandoned(admitted);
      refuse(Why.CONNECTION_LIMIT, ": " + way.told());
      return;
    }
    tried.add(endpoint.get());
    connect(endpoint.get(), admitted);
  }

  private void refuse(Why cause, String told) {
    count(true);
    relays.refuse(caller, cause, told);
  }

  private void count(boolean failed) {
    relays.carriage().counted().rules().connection(way.route(), upstream.name(), failed);
  }

  private Optional<Endpoint> chosen() {
    if (way.exact() || upstream.asMeant()) {
      Optional<Endpoint> own = upstream.at(meant);
      if (own.isPresent() || way.exact()) {
        return own.filter(one -> !tried.contains(one));
      }
    }
    long draw = Draw.mix(caller.seed(), Draw.Purpose.ENDPOINT, tried.size());
    OptionalLong hash =
        upstream
            .settings()
            .policy()
            .loadBalancer()
            .flatMap(LoadBalancer::hash)
            .map(wanted -> HashKeys.of(wanted.key(), address()))
            .orElse(OptionalLong.empty());
    return upstream.pick(new Pick(draw, hash, tried)).filter(one -> !tried.contains(one));
  }

  private String address() {
    return caller.from().getAddress().getHostAddress();
  }

  private void connect(Endpoint endpoint, int admitted) {
    if (way.sealed() || endpoint.tls() instanceof UpstreamTls.Plaintext) {
      connect(endpoint, admitted, Optional.empty());
      return;
    }
    EventLoop loop = caller.channel().eventLoop();
    relays
        .carriage()
        .tls()
        .handler(endpoint.tls(), caller.channel().alloc())
        .onComplete(
            made -> {
              if (loop.inEventLoop()) {
                secured(endpoint, admitted, made);
              } else {
                loop.execute(() -> secured(endpoint, admitted, made));
              }
            });
  }

  private void secured(Endpoint endpoint, int admitted, AsyncResult<SslHandler> made) {
    if (made.succeeded() && caller.channel().isActive()) {
      connect(endpoint, admitted, Optional.of(Secured.of(endpoint.tls(), made.result())));
      return;
    }
    relays.carriage().limits().closed(upstream.name());
    upstream.breaker().abandoned(admitted);
    if (made.failed()) {
      failed(endpoint, String.valueOf(made.cause().getMessage()));
    }
  }

  /**
   * TLS of one connection.
   *
   * @param frames inside it, where its other side is a proxy of the mesh
   */
  private record Secured(SslHandler tls, Optional<Frames> frames) {

    static Secured of(UpstreamTls how, SslHandler tls) {
      boolean mesh = how instanceof UpstreamTls.Mesh;
      return new Secured(tls, mesh ? Optional.of(new Frames()) : Optional.empty());
    }

    Ending ending() {
      return frames.map(Ending::of).orElseGet(() -> Ending.of(tls));
    }
  }

  private void connect(Endpoint endpoint, int admitted, Optional<Secured> secured) {
    RelayEnd far = new RelayEnd(secured.map(Secured::ending).orElse(Ending.SOCKET));
    Duration limit = upstream.settings().connectionPool().connectTimeout();
    ChannelFuture connecting =
        relays
            .bootstrap(caller.channel(), far, limit)
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
            return;
          }
          if (relays.comesBack(caller, connecting.channel())) {
            upstream.breaker().abandoned(admitted);
            refuse(Why.LOOP, "");
            return;
          }
          upstream
              .settings()
              .policy()
              .proxyProtocol()
              .ifPresent(
                  version ->
                      ProxyHeader.write(connecting.channel(), version, caller.from(), meant));
          if (secured.isEmpty()) {
            reached(endpoint, admitted, far, connecting.channel());
          } else {
            shakeHands(endpoint, admitted, far, secured.get(), connecting.channel());
          }
        });
  }

  private void shakeHands(
      Endpoint endpoint, int admitted, RelayEnd far, Secured secured, Channel server) {
    secured.frames.ifPresent(frames -> server.pipeline().addFirst(frames));
    server.pipeline().addFirst(secured.tls);
    server.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, false); // TLS tells the end
    server.config().setAutoRead(true); // the handshake reads
    secured
        .tls
        .handshakeFuture()
        .addListener(
            (Future<Channel> shaken) -> {
              server.config().setAutoRead(false);
              TcpTls verifier = relays.carriage().tls();
              Optional<String> refusal =
                  shaken.isSuccess()
                      ? verifier.refusal(endpoint, secured.tls)
                      : Optional.of(verifier.failed(endpoint, shaken.cause()));
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
    count(false);
    caller.note().carried(way.route(), upstream.name(), endpoint.address(), tried.size());
    Duration idle = upstream.settings().connectionPool().tcpIdleTimeout().orElse(relays.idle());
    relays.join(caller, far, server, relays.counts(caller, way, endpoint), idle);
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
