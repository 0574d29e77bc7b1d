package dev.weft.routing.admin;

import dev.weft.routing.identity.MeshTls;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.ServerSSLOptions;
import io.vertx.core.tracing.TracingPolicy;
import io.vertx.ext.web.Router;
import java.util.concurrent.TimeUnit;

/**
 * A small port for pages of the admin API: HTTP/1.1, bounded heads, idle connections end. Where it
 * is opened without TLS, what it shows can be read by all who reach it: the full API belongs on
 * {@link #LOOPBACK} then.
 */
public final class AdminServer {

  /** Where the admin port is unless told otherwise. */
  public static final String LOOPBACK = "127.0.0.1";

  private static final int IDLE_SECONDS = 60;
  private static final int LINE_BYTES = 16 * 1024; // an explained URL may be long
  private static final int HEADER_BYTES = 16 * 1024;

  private final HttpServer server;

  private AdminServer(HttpServer server) {
    this.server = server;
  }

  /**
   * Opens a port.
   *
   * @param port 0 for a free one
   * @return fails when the port is taken
   */
  public static Future<AdminServer> listen(Vertx vertx, String host, int port, Router router) {
    return listen(vertx, host, port, router, options());
  }

  /**
   * Opens a port with TLS.
   *
   * @param port 0 for a free one
   * @param tls whom it shows itself as, and whose certificates it asks for
   * @return fails when the port is taken
   */
  public static Future<AdminServer> listen(
      Vertx vertx, String host, int port, Router router, ServerSSLOptions tls) {
    HttpServerOptions options =
        options()
            .setSsl(true)
            .setKeyCertOptions(tls.getKeyCertOptions())
            .setTrustOptions(tls.getTrustOptions())
            .setClientAuth(tls.getClientAuth())
            .setSslEngineOptions(MeshTls.engine());
    options.setEnabledSecureTransportProtocols(tls.getEnabledSecureTransportProtocols());
    return listen(vertx, host, port, router, options);
  }

  private static HttpServerOptions options() {
    return new HttpServerOptions()
        .setTracingPolicy(TracingPolicy.IGNORE)
        .setIdleTimeout(IDLE_SECONDS)
        .setIdleTimeoutUnit(TimeUnit.SECONDS)
        .setMaxInitialLineLength(LINE_BYTES)
        .setMaxHeaderSize(HEADER_BYTES)
        .setHttp2ClearTextEnabled(false);
  }

  private static Future<AdminServer> listen(
      Vertx vertx, String host, int port, Router router, HttpServerOptions options) {
    return vertx
        .createHttpServer(options)
        .requestHandler(router)
        .listen(port, host)
        .map(AdminServer::new);
  }

  /** The port that is open. */
  public int port() {
    return server.actualPort();
  }

  /** New connections see another certificate, or other callers are trusted. */
  public Future<Void> renew(ServerSSLOptions tls) {
    return server.updateSSLOptions(tls).mapEmpty();
  }

  /** Ends all connections and closes the port. */
  public Future<Void> close() {
    return server.close();
  }
}
