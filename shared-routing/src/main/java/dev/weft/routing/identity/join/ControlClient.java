package dev.weft.routing.identity.join;

import dev.weft.routing.exchange.failure.NetworkWords;
import dev.weft.routing.identity.MeshTls;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxException;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpConnectOptions;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.StreamResetException;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.tracing.TracingPolicy;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Opens connections to the control plane: HTTP/2 over TLS, agreed on by ALPN, and nothing else. A
 * connection belongs to whoever asked for it. Any thread may enter.
 */
public final class ControlClient implements AutoCloseable {

  private static final int OPENED_SECONDS = 10; // handshake and settings
  private static final int NO_HTTP2 = -1; // the window of a connection that has none

  /** Bytes that may wait for a reader who takes his time: 10 MB a second over 25 ms. */
  private static final int WINDOW = 1 << 18;

  private final HttpClientAgent agent;

  /**
   * @param connecting how long a connection may take to be taken, before its handshake
   * @param silence after which one is closed on which something is awaited
   */
  public ControlClient(Vertx vertx, Duration connecting, Duration silence) {
    HttpClientOptions options =
        new HttpClientOptions()
            .setTracingPolicy(TracingPolicy.ALWAYS)
            .setProtocolVersion(HttpVersion.HTTP_2)
            .setUseAlpn(true)
            .setHttp2ConnectionWindowSize(WINDOW);
    options.getInitialSettings().setInitialWindowSize(WINDOW);
    options.setReadIdleTimeout(Math.toIntExact(silence.toMillis()));
    options.setIdleTimeoutUnit(TimeUnit.MILLISECONDS);
    options.setConnectTimeout(Math.toIntExact(connecting.toMillis()));
    options.setSslHandshakeTimeout(OPENED_SECONDS);
    options.setSslEngineOptions(MeshTls.engine());
    this.agent = vertx.createHttpClient(options);
  }

  /**
   * Opens one; what it takes longer than its time is not used.
   *
   * @param name of the control plane, whatever the address
   * @return fails with what the handshake or the network failed with, or with a sentence
   */
  public Future<HttpClientConnection> connect(SocketAddress at, String name, ClientSSLOptions tls) {
    Future<HttpClientConnection> opening =
        agent.connect(
            new HttpConnectOptions()
                .setServer(at)
                .setHost(name)
                .setPort(at.port())
                .setSsl(true)
                .setSslOptions(tls));
    return opening
        .timeout(OPENED_SECONDS, TimeUnit.SECONDS)
        .recover(
            cause -> {
              opening.onSuccess(HttpConnection::close); // it came too late
              return Future.failedFuture(told(cause));
            })
        .compose(ControlClient::speaking);
  }

  /** A peer without ALPN, or without h2 in it, is one of HTTP/1.1. */
  private static Future<HttpClientConnection> speaking(HttpClientConnection connection) {
    if (connection.getWindowSize() != NO_HTTP2) {
      return Future.succeededFuture(connection);
    }
    connection.close();
    return Future.failedFuture("it does not speak HTTP/2 (expected: h2, agreed on by ALPN)");
  }

  /** In TLS 1.3 a certificate is refused after the handshake, and the reason gets lost. */
  private static Throwable told(Throwable cause) {
    if (cause instanceof VertxException) {
      return new IllegalStateException(
          "it closed the connection at once; maybe it does not take this certificate", cause);
    }
    if (cause instanceof TimeoutException) {
      return new IllegalStateException("it did not answer within " + OPENED_SECONDS + " s", cause);
    }
    return cause;
  }

  /** What such a failure says to people. */
  public static String words(Throwable cause) {
    return cause instanceof StreamResetException
        ? "the control plane ended the stream"
        : NetworkWords.of(cause);
  }

  @Override
  public void close() {
    agent.close();
  }
}
