package dev.weft.routing.admin;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import java.util.concurrent.TimeUnit;

/**
 * A small port for pages of the admin API: plain HTTP/1.1, bounded heads, idle connections end.
 * Wherever it is opened, what it shows can be read by all who reach it: the full API belongs on
 * {@link #LOOPBACK}.
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
    HttpServerOptions options =
        new HttpServerOptions()
            .setIdleTimeout(IDLE_SECONDS)
            .setIdleTimeoutUnit(TimeUnit.SECONDS)
            .setMaxInitialLineLength(LINE_BYTES)
            .setMaxHeaderSize(HEADER_BYTES)
            .setHttp2ClearTextEnabled(false);
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

  /** Ends all connections and closes the port. */
  public Future<Void> close() {
    return server.close();
  }
}
