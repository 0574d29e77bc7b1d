package dev.weft.routing.listener;

import static io.vertx.core.net.SocketAddress.inetSocketAddress;

import dev.weft.routing.discovery.Speech;
import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.Exchange.Loop;
import dev.weft.routing.exchange.Handshake;
import dev.weft.routing.exchange.Service;
import dev.weft.routing.identity.PeerIdentity;
import dev.weft.routing.listener.Refusals.Reason;
import dev.weft.routing.listener.connection.Callers;
import dev.weft.routing.listener.detect.HelloReader;
import dev.weft.routing.listener.detect.ProxyHeader;
import dev.weft.routing.listener.gate.Gate;
import dev.weft.routing.listener.gate.Passing;
import dev.weft.routing.listener.http1.RequestDecoder;
import dev.weft.routing.listener.http2.HeaderBlocks;
import dev.weft.routing.listener.intercept.Interception;
import dev.weft.routing.listener.intercept.OpaqueSniffer;
import dev.weft.routing.listener.intercept.OriginalDestination;
import dev.weft.routing.listener.intercept.Refused;
import dev.weft.routing.listener.intercept.Relaying;
import dev.weft.routing.listener.intercept.Relays;
import dev.weft.routing.route.tcp.ConnectionHead;
import dev.weft.routing.transport.http2.Windows;
import dev.weft.routing.transport.tcp.SendQueue;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.SslHandler;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import io.vertx.core.tracing.TracingPolicy;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * One event loop's part of a listening port: accepts, tells by the first bytes what is spoken, and
 * hands each request to a service as an exchange. Listeners of several loops share a port. Made and
 * used on its event loop.
 */
public final class Listener {

  private static final int BACKLOG = 4096;
  private static final int MOST_RESETS_INSIDE = 20_000; // a gateway gives up for many callers
  private static final int MORE_INSIDE = 1 << 13; // bytes: what HTTP/2 counts beside those of 1.1
  private static final Duration LOOK = Duration.ofSeconds(1);

  private final Vertx vertx;
  private ListenerSettings settings;
  private ProtocolSniffer.Protocols protocols;
  private final NetServer server;
  private final HttpEntry entry;
  private final Refusals refusals;
  private final ServerTls tls;
  private final Loop loop;
  private final Consumer<SocketAddress> slow; // no connection's own: it would keep its socket alive
  private final Consumer<SocketAddress> other; // likewise
  private final Consumer<SocketAddress> flood; // likewise
  private boolean closed;

  /**
   * @param service answers every exchange
   * @param refusals counts the connections that were not taken
   */
  public Listener(
      Vertx vertx,
      ListenerSettings settings,
      ServerTls tls,
      Service service,
      Loop loop,
      Refusals refusals) {
    this.vertx = vertx;
    this.settings = settings;
    this.refusals = refusals;
    this.tls = tls;
    this.loop = loop;
    this.entry = new HttpEntry(settings, tls, refusals, service, loop, new SplittableRandom());
    this.slow = counting(refusals, Reason.SLOW_HEAD, settings.port());
    this.other = counting(refusals, Reason.PROTOCOL, settings.port());
    this.flood = counting(refusals, Reason.FLOOD, settings.port());
    this.protocols = protocols();
    NetServerOptions accept =
        new NetServerOptions()
            .setHost(settings.host())
            .setPort(settings.port())
            .setAcceptBacklog(BACKLOG)
            .setTcpNoDelay(true)
            .setReuseAddress(true);
    this.server =
        vertx
            .createNetServer(accept)
            .exceptionHandler(failed -> {}) // a connection that breaks tells its own handlers
            .connectHandler(this::accepted);
  }

  private static Consumer<SocketAddress> counting(Refusals refusals, Reason reason, int port) {
    return peer ->
        refusals.connection(reason, inetSocketAddress((InetSocketAddress) peer), port, "");
  }

  private void accepted(NetSocket socket) {
    socket.exceptionHandler(broken -> {}); // or each that is reset would be an error in the log
    if (!refusals.enter(settings.connections())) {
      untaken(socket, Reason.LIMIT, "");
      return;
    }
    ChannelPipeline pipeline = HandedOverHttp.pipeline(socket);
    pipeline.channel().closeFuture().addListener(closed -> refusals.left());
    SendQueue.bound(pipeline.channel());
    settings
        .interception()
        .ifPresentOrElse(how -> intercepted(socket, how), () -> arrived(socket, pipeline));
  }

  private void untaken(NetSocket socket, Reason why, String detail) {
    refusals.connection(why, socket.remoteAddress(), socket.localAddress().port(), detail);
    socket.close();
  }

  /** Where a proxy in front says who calls, it says so first. */
  private void arrived(NetSocket socket, ChannelPipeline pipeline) {
    if (!settings.edge().proxyProtocol()) {
      entered(socket, pipeline);
      return;
    }
    ProxyHeader.first(
        pipeline,
        settings.firstBytes(),
        from -> {
          from.ifPresent(caller -> HandedOverHttp.from(pipeline.channel(), caller));
          entered(socket, pipeline);
        },
        this::refused);
  }

  private void entered(NetSocket socket, ChannelPipeline pipeline) {
    Optional<Gate> gate = settings.gate();
    Optional<Gate.Port> port = gate.flatMap(Gate::passing);
    if (gate.isEmpty() || port.isEmpty()) {
      pipeline.addFirst(sniffer(socket, tls));
    } else {
      passing(gate.get()).accepted(pipeline.channel(), port.get(), sniffer(socket, tls));
    }
  }

  private Passing passing(Gate gate) {
    return new Passing(relays(gate.relaying()), settings.firstBytes());
  }

  private ProtocolSniffer sniffer(NetSocket socket, ServerTls there) {
    return new ProtocolSniffer(socket, protocols, there, refusals, settings.firstBytes());
  }

  /**
   * What is known to be HTTP, or refused as plaintext, need not be told apart, nor what is known to
   * be something else unless it may be inside mTLS; the rest may be anything.
   */
  private void intercepted(NetSocket socket, Interception how) {
    ChannelPipeline pipeline = HandedOverHttp.pipeline(socket);
    Channel channel = pipeline.channel();
    boolean inbound = settings.role() == ListenerSettings.Role.MESH_INBOUND;
    Relays relays = relays(how.relaying());
    Optional<InetSocketAddress> meant = OriginalDestination.of(channel);
    InetSocketAddress local = (InetSocketAddress) channel.localAddress();
    if (relays.loops(channel, meant.orElse(local))
        || meant.filter(to -> !how.loops(to, local)).isEmpty()) {
      untaken(socket, Reason.LOOP, meant.map(to -> ": " + to).orElse(""));
      return;
    }
    HandedOverHttp.meant(channel, meant.get());
    ServerTls there = tls.at(meant.get().getPort());
    Speech speech = how.speech().apply(meant.get());
    boolean tells = inbound && there.takesTls();
    if (speech == Speech.HTTP || (inbound && !there.takesPlaintext())) {
      pipeline.addFirst(sniffer(socket, there));
      return;
    }
    BiConsumer<Channel, ByteBuf> carried = carried(relays, how, meant.get(), speech);
    if (speech != Speech.UNKNOWN && !tells) {
      channel.config().setAutoRead(false);
      carried.accept(channel, Unpooled.EMPTY_BUFFER);
    } else {
      pipeline.addFirst(
          new OpaqueSniffer(
              sniffer(socket, there),
              new OpaqueSniffer.Taken(speech == Speech.UNKNOWN, tells),
              how.patience(),
              carried));
    }
  }

  /** What is not HTTP goes on; the name of its handshake is read first where it may count. */
  private static BiConsumer<Channel, ByteBuf> carried(
      Relays relays, Interception how, InetSocketAddress meant, Speech speech) {
    if (speech == Speech.OPAQUE || !how.names().getAsBoolean()) {
      ConnectionHead head = new ConnectionHead(meant, Optional.empty());
      return (client, first) -> relays.open(client, first, head);
    }
    HelloReader.Told told =
        hello ->
            (client, first) ->
                relays.open(client, first, new ConnectionHead(meant, hello.serverName()));
    return (client, first) -> {
      if (speech == Speech.TLS || OpaqueSniffer.handshake(first)) {
        HelloReader.goOn(client, first, new HelloReader(how.patience(), told));
      } else {
        relays.open(client, first, new ConnectionHead(meant, Optional.empty()));
      }
    };
  }

  private Relays relays(Relaying how) {
    return new Relays(how, settings.idleTimeout(), this::refused);
  }

  private void refused(SocketAddress peer, Refused.Why why, String detail) {
    refusals.count(Reason.valueOf(why.name()), inetSocketAddress((InetSocketAddress) peer), detail);
  }

  /** What is not HTTP inside TLS: of a proxy of the mesh, or of a gateway's caller. */
  private void tunnelled(NetSocket socket, SslHandler ssl) {
    Channel channel = HandedOverHttp.pipeline(socket).channel();
    Optional<Gate> gate = settings.gate();
    if (gate.isPresent()) {
      passing(gate.get()).inside(channel, ssl, HandedOverHttp.handshake(channel));
      return;
    }
    Optional<InetSocketAddress> meant = HandedOverHttp.meant(channel);
    Optional<PeerIdentity> peer;
    try {
      peer = tls.identify(List.of(ssl.engine().getSession().getPeerCertificates()));
    } catch (SSLPeerUnverifiedException e) {
      peer = Optional.empty();
    }
    Optional<Interception> how = settings.interception();
    if (peer.isEmpty() || meant.isEmpty() || how.isEmpty()) {
      untaken(socket, peer.isEmpty() ? Reason.IDENTITY : Reason.PROTOCOL, "");
      return;
    }
    io.vertx.core.net.SocketAddress remote = socket.remoteAddress();
    Caller caller = Caller.anonymous(remote.host(), remote.port(), meant.get().getPort(), true);
    Handshake settled = HandedOverHttp.handshake(channel);
    relays(how.get().relaying())
        .open(
            channel,
            ssl,
            Callers.inside(caller, settled, peer.get()),
            new ConnectionHead(meant.get(), Optional.empty()));
  }

  private ProtocolSniffer.Protocols protocols() {
    return new ProtocolSniffer.Protocols(
        http(options().setHttp2ClearTextEnabled(false)),
        http(options()),
        http(options().setSsl(true).setUseAlpn(true)),
        this::tunnelled,
        blocks());
  }

  /**
   * From now on these limits hold: what is settled when a connection is opened for further ones,
   * the rest at once. Host, port and role stay.
   */
  public void limits(ListenerSettings wanted) {
    if (!wanted.equals(settings)) {
      settings = wanted;
      entry.limits(wanted);
      protocols = protocols();
    }
  }

  private HttpServerOptions options() {
    HttpServerOptions options =
        new HttpServerOptions()
            .setStrictThreadMode(true)
            .setDecoderInitialBufferSize(256)
            .setTracingPolicy(TracingPolicy.IGNORE)
            .setHandle100ContinueAutomatically(false)
            .setHttp2ClearTextEnabled(true)
            .setPerFrameWebSocketCompressionSupported(false) // the endpoints agree on their own
            .setPerMessageWebSocketCompressionSupported(false)
            .setMaxHeaderSize(settings.headerBytes())
            .setMaxInitialLineLength(settings.urlBytes())
            .setInitialSettings(
                new Http2Settings()
                    .setMaxConcurrentStreams(settings.streamsPerConnection())
                    .setMaxHeaderListSize(settings.headerBytes())
                    .setInitialWindowSize(streamWindow()));
    if (settings.role() != ListenerSettings.Role.EDGE) {
      options.setHttp2RstFloodMaxRstFramePerWindow(MOST_RESETS_INSIDE);
      options.getInitialSettings().setMaxHeaderListSize(settings.headerBytes() + MORE_INSIDE);
    }
    options.setHost(settings.host());
    return options;
  }

  private int streamWindow() {
    return switch (settings.role()) {
      case EDGE -> Windows.caller();
      case MESH_INBOUND -> Windows.shared();
      case MESH_OUTBOUND -> Windows.stream();
    };
  }

  private Handler<NetSocket> http(HttpServerOptions options) {
    Duration patience = settings.headerTimeout();
    Handler<NetSocket> handler =
        HandedOverHttp.handler(
            vertx,
            options,
            server ->
                server
                    .requestHandler(entry::handle)
                    .connectionHandler(entry::connected)
                    .invalidRequestHandler(entry::invalid)
                    .exceptionHandler(failed -> {})); // a broken connection tells its exchanges
    return socket -> {
      handler.handle(socket);
      HandedOverHttp.decoder(socket, new RequestDecoder(options, patience, slow));
    };
  }

  private Supplier<HeaderBlocks> blocks() {
    Duration patience = settings.headerTimeout();
    return () -> new HeaderBlocks(patience, slow, other, flood);
  }

  private void look() {
    if (!closed) {
      loop.timers().after(LOOK, this::look); // first: whatever comes of this look
      entry.look();
    }
  }

  public ListenerSettings settings() {
    return settings;
  }

  /** Requests that this loop's part is serving. */
  public int inFlight() {
    return entry.inFlight();
  }

  /** Opens the port. Fails where it is taken or may not be used; then it may be tried again. */
  public Future<Listener> open() {
    return server.listen().onSuccess(opened -> look()).map(this);
  }

  /** The port that was opened. */
  public int port() {
    return server.actualPort();
  }

  /** Still takes connections and requests, but tells each connection to end with its answer. */
  public void leave() {
    entry.drain();
  }

  /**
   * Takes no more connections, tells those there are to end (GOAWAY, {@code Connection: close}),
   * and cuts what is left after {@code grace}.
   */
  public Future<Void> drain(Duration grace) {
    entry.drain();
    return server
        .shutdown(grace.toMillis(), TimeUnit.MILLISECONDS)
        .onComplete(
            ended -> {
              closed = true;
            });
  }
}
