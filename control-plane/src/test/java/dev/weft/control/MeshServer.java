package dev.weft.control;

import static java.util.concurrent.TimeUnit.SECONDS;

import dev.weft.routing.clock.Ticker;
import dev.weft.routing.identity.MeshTls;
import dev.weft.routing.identity.WorkloadIdentity;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.ServerSSLOptions;

/** A server with the TLS of a control plane, on a free port of this machine. */
public final class MeshServer {

  private MeshServer() {}

  /** Takes connections from now on. */
  public static HttpServer open(
      Vertx vertx, WorkloadIdentity own, Ticker ticker, Handler<HttpServerRequest> answers)
      throws Exception {
    ServerSSLOptions tls = MeshTls.control(own, ticker);
    HttpServerOptions options =
        new HttpServerOptions()
            .setHost("127.0.0.1")
            .setPort(0)
            .setSsl(true)
            .setUseAlpn(true)
            .setKeyCertOptions(tls.getKeyCertOptions())
            .setTrustOptions(tls.getTrustOptions())
            .setClientAuth(tls.getClientAuth());
    options.setEnabledSecureTransportProtocols(tls.getEnabledSecureTransportProtocols());
    return done(vertx.createHttpServer(options).requestHandler(answers).listen());
  }

  /** What it gives, within twenty seconds. */
  public static <T> T done(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(20, SECONDS);
  }
}
