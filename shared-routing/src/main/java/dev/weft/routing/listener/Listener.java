package dev.weft.routing.listener;

import dev.weft.routing.exchange.Exchange.Loop;
import dev.weft.routing.exchange.Service;
import io.netty.channel.ChannelPipeline;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import io.vertx.core.tracing.TracingPolicy;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/**
 * One event loop's part of a listening port: accepts, tells by the first bytes what is spoken, and
 * hands each request to a service as an exchange. Listeners of several loops share a port. Made and
 * used on its event loop.
 */
public final class Listener {

  private static final int BACKLOG = 4096;
  private static final int STREAM_WINDOW = 1 << 20;
  private static final int CONNECTION_WINDOW = 1 << 24;

  private final ListenerSettings settings;
  private final NetServer server;
  private final HttpEntry entry;

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
    this.settings = settings;
    this.entry = new HttpEntry(settings, tls, refusals, service, loop, new SplittableRandom());
    Handler<NetSocket> http = http(vertx, options().setSsl(false).setUseAlpn(false));
    Handler<NetSocket> https = http(vertx, options().setSsl(true).setUseAlpn(true));
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
            .connectHandler(
                socket -> {
                  ChannelPipeline pipeline = HandedOverHttp.pipeline(socket);
                  pipeline.addFirst(
                      new ProtocolSniffer(
                          socket, http, https, tls, refusals, settings.firstBytes()));
                });
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
            .setHttp2ConnectionWindowSize(CONNECTION_WINDOW)
            .setInitialSettings(
                new Http2Settings()
                    .setMaxConcurrentStreams(settings.streamsPerConnection())
                    .setMaxHeaderListSize(settings.headerBytes())
                    .setInitialWindowSize(STREAM_WINDOW));
    options.setIdleTimeout((int) settings.idleTimeout().toSeconds());
    options.setHost(settings.host());
    return options;
  }

  private Handler<NetSocket> http(Vertx vertx, HttpServerOptions options) {
    return HandedOverHttp.handler(
        vertx,
        options,
        server ->
            server
                .requestHandler(entry::handle)
                .connectionHandler(entry::connected)
                .exceptionHandler(failed -> {})); // a broken connection tells its exchanges
  }

  public ListenerSettings settings() {
    return settings;
  }

  /** Requests that this loop's part is serving. */
  public int inFlight() {
    return entry.inFlight();
  }

  /** Opens the port. Fails where it is taken or may not be used. */
  public Future<Listener> open() {
    return server.listen().map(this);
  }

  /** The port that was opened. */
  public int port() {
    return server.actualPort();
  }

  /**
   * Takes no more connections, tells those there are to end (GOAWAY, {@code Connection: close}),
   * and cuts what is left after {@code grace}.
   */
  public Future<Void> drain(Duration grace) {
    return server.shutdown(grace.toMillis(), TimeUnit.MILLISECONDS);
  }
}
