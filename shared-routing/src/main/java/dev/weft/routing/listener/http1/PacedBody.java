package dev.weft.routing.listener.http1;

import io.netty.channel.Channel;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.streams.ReadStream;
import org.jspecify.annotations.Nullable;

/**
 * The body of a request of HTTP/1, which has its connection for itself: while its reader takes
 * nothing the connection is not read. Vert.x goes on reading for one who is slow: 128 KiB, and then
 * all that comes in one turn of its loop, 1 MiB where much comes. A caller's end is heard all the
 * same. One event loop's own.
 */
public final class PacedBody implements ReadStream<Buffer> {

  private final HttpServerRequest request;
  private final Channel connection;
  private boolean stopped;

  public PacedBody(HttpServerRequest request, Channel connection) {
    this.request = request;
    this.connection = connection;
  }

  @Override
  public ReadStream<Buffer> pause() {
    request.pause();
    if (!stopped) {
      stopped = true;
      connection.config().setAutoRead(false);
    }
    return this;
  }

  @Override
  public ReadStream<Buffer> resume() {
    return fetch(Long.MAX_VALUE);
  }

  /** What waits is given first, and its reader may pause again meanwhile. */
  @Override
  public ReadStream<Buffer> fetch(long amount) {
    boolean before = stopped;
    stopped = false;
    request.fetch(amount);
    if (before && !stopped) {
      connection.config().setAutoRead(true);
    }
    return this;
  }

  @Override
  public ReadStream<Buffer> handler(@Nullable Handler<Buffer> handler) {
    request.handler(handler);
    return this;
  }

  @Override
  public ReadStream<Buffer> endHandler(@Nullable Handler<Void> handler) {
    request.endHandler(handler);
    return this;
  }

  @Override
  public ReadStream<Buffer> exceptionHandler(@Nullable Handler<Throwable> handler) {
    request.exceptionHandler(handler);
    return this;
  }
}
