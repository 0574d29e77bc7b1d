package dev.weft.routing.transport;

import dev.weft.routing.cluster.Endpoint;
import dev.weft.routing.cluster.UpstreamSettings;
import dev.weft.routing.cluster.UpstreamTls;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.failure.NetworkWords;
import dev.weft.routing.identity.MeshTls;
import dev.weft.routing.identity.PeerFault;
import dev.weft.routing.resilience.OwnConnections;
import dev.weft.routing.resilience.OwnConnections.Rounds;
import dev.weft.routing.transport.delivery.Delivering;
import dev.weft.routing.transport.delivery.Delivering.Opener;
import dev.weft.routing.transport.http2.TogetherWritten;
import dev.weft.routing.transport.http2.Windows;
import dev.weft.routing.transport.tcp.SendQueue;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Exception;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpConnectOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.tracing.TracingPolicy;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * Opens connections of one event loop. A peer is verified after the handshake and before any byte
 * of a request.
 *
 * <p>Vert.x keeps a TLS context by key and trust alone, not by whether host names are verified.
 * What verifies them and what does not therefore has an agent each: otherwise two services behind
 * the same authority could share the context of the one that verifies less.
 */
final class Connector {

  private static final int HANDSHAKE_SECONDS = 10;
  private static final int MOST_HEADER_BYTES = 1 << 16;
  private static final int MOST_BOUND = 1024;
  private static final long PATIENCE_HOURS = 1;
  private static final int MOST_LISTED = MOST_HEADER_BYTES + (1 << 13); // 32 more for each field

  private final Agents unnamed; // plaintext, and TLS whose peer is verified by refusal()
  private final Agents named; // TLS whose peer must carry the host name
  private final Map<String, Agents> bound = new Bound(); // by the address that they come from
  private final UpstreamCredentials credentials;
  private final OwnConnections own;
  private final Vertx vertx;

  /** One for each protocol. */
  private record Agents(HttpClientAgent http1, HttpClientAgent http2) {
    static Agents of(Vertx vertx, int window) {
      return of(vertx, window, Optional.empty());
    }

    /**
     * @param window bytes of one stream that may wait to be read
     * @param from an address of this machine
     */
    static Agents of(Vertx vertx, int window, Optional<String> from) {
      HttpClientOptions http1 = options().setProtocolVersion(HttpVersion.HTTP_1_1);
      HttpClientOptions http2 = options().setProtocolVersion(HttpVersion.HTTP_2).setUseAlpn(true);
      http2.getInitialSettings().setInitialWindowSize(window);
      from.ifPresent(http1::setLocalAddress);
      from.ifPresent(http2::setLocalAddress);
      return new Agents(
          vertx.httpClientBuilder().with(http1.setUseAlpn(false)).build(),
          vertx.httpClientBuilder().with(http2).build());
    }

    Future<Void> close() {
      return Future.join(http1.close(), http2.close()).mapEmpty();
    }

    /** Opens no more connections; those that there are go on. */
    void leave() {
      http1.shutdown(PATIENCE_HOURS, TimeUnit.HOURS);
      http2.shutdown(PATIENCE_HOURS, TimeUnit.HOURS);
    }
  }

  /** Those of the addresses that were used last; callers' addresses have no end. */
  private static final class Bound extends LinkedHashMap<String, Agents> {
    private static final long serialVersionUID = 1;

    Bound() {
      super(16, 0.75f, true);
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<String, Agents> eldest) {
      boolean full = size() > MOST_BOUND;
      if (full) {
        eldest.getValue().leave();
      }
      return full;
    }
  }

  /**
   * @param own where connections are noted that this one opened
   */
  Connector(Vertx vertx, UpstreamCredentials credentials, OwnConnections own) {
    this.vertx = vertx;
    this.credentials = credentials;
    this.own = own;
    this.unnamed = Agents.of(vertx, Windows.shared());
    this.named = Agents.of(vertx, Windows.stream());
  }

  private static HttpClientOptions options() {
    HttpClientOptions options =
        new HttpClientOptions()
            .setTracingPolicy(TracingPolicy.IGNORE) // spans are made of what attempts leave behind
            .setHttp2ClearTextUpgrade(false)
            .setPipelining(false)
            .setKeepAlive(true)
            .setForceSni(true)
            .setDecompressionSupported(false)
            .setMaxHeaderSize(MOST_HEADER_BYTES)
            .setDecoderInitialBufferSize(256)
            .setInitialSettings(new Http2Settings().setMaxHeaderListSize(MOST_LISTED));
    options.setSslHandshakeTimeout(HANDSHAKE_SECONDS);
    options.setTcpNoDelay(true);
    options.setSslEngineOptions(MeshTls.engine());
    return options;
  }

  /** Fails with a {@link ProxyFailure} only; nothing of a request has been sent then. */
  Future<HttpClientConnection> connect(
      Endpoint endpoint, UpstreamSettings settings, boolean wantsHttp2) {
    return connect(endpoint, settings.connectionPool().connectTimeout(), wantsHttp2);
  }

  /** As the other, with a limit of its own. */
  Future<HttpClientConnection> connect(Endpoint endpoint, Duration limit, boolean wantsHttp2) {
    HttpConnectOptions options =
        new HttpConnectOptions()
            .setServer(
                io.vertx.core.net.SocketAddress.inetSocketAddress(endpoint.port(), endpoint.host()))
            .setHost(endpoint.host())
            .setPort(endpoint.port())
            .setConnectTimeout(limit.toMillis())
            .setSsl(false);
    UpstreamTls tls = endpoint.tls();
    if (tls instanceof UpstreamTls.Plaintext plain) {
      Opener opener =
          (at, from) -> agent(from.map(this::from).orElse(unnamed), wantsHttp2).connect(at);
      return ready(
          plain
              .ports()
              .map(ports -> new Delivering(opener, ports, plain.from()).open(options))
              .orElseGet(() -> opener.open(options, plain.from())),
          endpoint);
    }
    return credentials
        .optionsFor(tls, vertx)
        .recover(
            cause ->
                Future.failedFuture(
                    failure(Cause.NO_CERTIFICATE, endpoint, NetworkWords.of(cause))))
        .compose(
            ssl -> {
              options.setSsl(true).setSslOptions(ssl).setHost(serverName(tls));
              Agents agents = ssl.getHostnameVerificationAlgorithm().isEmpty() ? unnamed : named;
              return ready(agent(agents, wantsHttp2).connect(options), endpoint);
            });
  }

  private static HttpClientAgent agent(Agents agents, boolean wantsHttp2) {
    return wantsHttp2 ? agents.http2 : agents.http1;
  }

  private Future<HttpClientConnection> ready(
      Future<HttpClientConnection> opening, Endpoint endpoint) {
    return opening
        .onSuccess(opened -> InterimAnswers.drop(opened, MOST_HEADER_BYTES))
        .onSuccess(Connector::together)
        .onSuccess(opened -> SendQueue.bound(InterimAnswers.context(opened).channel()))
        .recover(cause -> Future.failedFuture(refused(cause, endpoint)))
        .compose(connection -> wentOut(connection, endpoint))
        .compose(connection -> verified(connection, endpoint));
  }

  /** One that came back to this process carries nothing: it would go around for ever. */
  private Future<HttpClientConnection> wentOut(HttpClientConnection connection, Endpoint endpoint) {
    Channel channel = InterimAnswers.context(connection).channel();
    SocketAddress local = channel.localAddress();
    SocketAddress remote = channel.remoteAddress();
    channel.closeFuture().addListener(closed -> own.left(local, remote));
    if (!own.opened(local, remote, Rounds.none())) { // of a pool, for many callers
      return Future.succeededFuture(connection);
    }
    ProxyFailure loop = failure(Cause.LOOP, endpoint, "the connection came back to this proxy");
    return connection.close().transform(closed -> Future.failedFuture(loop));
  }

  /**
   * What many requests write goes out together once the loop has nothing more to do: one system
   * call and one TLS record, where HTTP/2 would have one for each.
   */
  private static void together(HttpClientConnection connection) {
    ChannelHandlerContext context = InterimAnswers.context(connection);
    if (context.handler() instanceof Http2ConnectionHandler) {
      Windows.ofPeer(connection, context.channel());
      context.pipeline().addBefore(context.name(), null, new TogetherWritten());
    }
  }

  private Agents from(String address) {
    return bound.computeIfAbsent(
        address, any -> Agents.of(vertx, Windows.stream(), Optional.of(address)));
  }

  /** What is told to the peer of a connection to {@code endpoint}. */
  Optional<String> introduction(Endpoint endpoint) {
    return credentials.introduction(endpoint.tls());
  }

  private static String serverName(UpstreamTls tls) {
    return tls instanceof UpstreamTls.Mesh mesh
        ? mesh.sni()
        : ((UpstreamTls.Origination) tls).sni();
  }

  private Future<HttpClientConnection> verified(
      HttpClientConnection connection, Endpoint endpoint) {
    if (!connection.isSsl()) {
      return Future.succeededFuture(connection);
    }
    Optional<String> refusal;
    try {
      List<Certificate> peer = connection.peerCertificates();
      refusal = credentials.refusal(endpoint.tls(), peer);
    } catch (SSLPeerUnverifiedException e) {
      refusal = Optional.of("it showed no certificate");
    }
    if (refusal.isEmpty()) {
      return Future.succeededFuture(connection);
    }
    credentials.refused(PeerFault.IDENTITY, told(endpoint, refusal.get()));
    ProxyFailure failure = failure(Cause.UPSTREAM_IDENTITY, endpoint, refusal.get());
    return connection.close().transform(closed -> Future.failedFuture(failure));
  }

  /** A connection that did not come about; of a handshake the reason that its engine wraps. */
  private ProxyFailure refused(Throwable failure, Endpoint endpoint) {
    if (!(failure instanceof SSLException)) {
      return failure(cause(failure), endpoint, NetworkWords.of(failure));
    }
    PeerFault fault = PeerFault.of(failure);
    String why = PeerFault.sentence(failure);
    credentials.refused(fault, told(endpoint, why));
    boolean handshake = fault == PeerFault.HANDSHAKE || fault == PeerFault.NO_CERTIFICATE;
    return failure(handshake ? Cause.UPSTREAM_TLS : Cause.UPSTREAM_IDENTITY, endpoint, why);
  }

  private static ProxyFailure failure(Cause cause, Endpoint endpoint, String why) {
    return new ProxyFailure(cause, told(endpoint, why));
  }

  private static String told(Endpoint endpoint, String why) {
    return "endpoint " + endpoint.address() + ": " + why;
  }

  private static Cause cause(Throwable cause) {
    if (cause instanceof ConnectTimeoutException) {
      return Cause.CONNECT_TIMEOUT;
    }
    if (cause instanceof Http2Exception) {
      return Cause.UPSTREAM_PROTOCOL;
    }
    return cause instanceof UnknownHostException ? Cause.NAME_UNRESOLVED : Cause.CONNECT_REFUSED;
  }

  Future<Void> close() {
    List<Future<Void>> all = new ArrayList<>(List.of(unnamed.close(), named.close()));
    bound.values().forEach(agents -> all.add(agents.close()));
    return Future.join(all).mapEmpty();
  }
}
