package dev.weft.routing.transport;

import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.Response;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.net.NetSocket;
import io.vertx.core.streams.ReadStream;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The answer of an endpoint. Watches its own end, whoever reads it, and settles exactly once: with
 * the last byte, with a cut, or when it is cancelled.
 */
final class UpstreamResponse implements Response, ReadStream<Buffer> {

  private final HttpClientResponse response;
  private final MultiMap headers = HttpHeaders.headers();
  private final String endpoint;
  private final Consumer<Boolean> settled;
  private final Runnable reset;
  private final Optional<NetSocket> tunnel;
  private final Promise<Void> end = Promise.promise();
  private @Nullable Handler<Throwable> exceptionHandler;
  private @Nullable Handler<Void> endHandler;

  /**
   * @param response paused
   * @param settled runs once, with whether the answer came to a clean end
   * @param reset gives the stream up
   */
  UpstreamResponse(
      HttpClientResponse response, String endpoint, Consumer<Boolean> settled, Runnable reset) {
    this.response = response;
    this.endpoint = endpoint;
    this.settled = settled;
    this.reset = reset;
    HopByHop.copy(response.headers(), headers);
    boolean upgraded = response.statusCode() == 101;
    this.tunnel = upgraded ? Optional.of(response.netSocket()) : Optional.empty();
    if (tunnel.isEmpty()) {
      response.exceptionHandler(this::cut);
      response.endHandler(last -> finished());
    }
  }

  private void cut(Throwable cause) {
    ProxyFailure failure =
        new ProxyFailure(
            Cause.UPSTREAM_TRUNCATED,
            "endpoint " + endpoint + ": the answer was cut: " + cause.getMessage());
    if (end.tryFail(failure)) {
      settled.accept(false);
      if (exceptionHandler != null) {
        exceptionHandler.handle(failure);
      }
    }
  }

  private void finished() {
    if (!end.tryComplete()) {
      return;
    }
    settled.accept(true); // after the end: a reset of a request still going must not cut the answer
    if (endHandler != null) {
      endHandler.handle(null);
    }
  }

  @Override
  public int status() {
    return response.statusCode();
  }

  @Override
  public MultiMap headers() {
    return headers;
  }

  @Override
  public ReadStream<Buffer> body() {
    return this;
  }

  @Override
  public MultiMap trailers() {
    return response.trailers();
  }

  @Override
  public Future<Void> ended() {
    return end.future();
  }

  @Override
  public void cancel() {
    if (end.tryFail(new ProxyFailure(Cause.CLIENT_GONE, "the answer was given up"))) {
      reset.run();
      settled.accept(false);
    }
  }

  @Override
  public Optional<NetSocket> tunnel() {
    return tunnel;
  }

  @Override
  public ReadStream<Buffer> exceptionHandler(@Nullable Handler<Throwable> handler) {
    exceptionHandler = handler;
    return this;
  }

  @Override
  public ReadStream<Buffer> handler(@Nullable Handler<Buffer> handler) {
    response.handler(handler);
    return this;
  }

  @Override
  public ReadStream<Buffer> pause() {
    response.pause();
    return this;
  }

  @Override
  public ReadStream<Buffer> resume() {
    response.resume();
    return this;
  }

  @Override
  public ReadStream<Buffer> fetch(long amount) {
    response.fetch(amount);
    return this;
  }

  @Override
  public ReadStream<Buffer> endHandler(@Nullable Handler<Void> handler) {
    endHandler = handler;
    return this;
  }
}
