package dev.weft.routing.transport;

import dev.weft.routing.cluster.Endpoint;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.Request;
import dev.weft.routing.exchange.RequestBody;
import dev.weft.routing.exchange.Response;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http2.Http2Error;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.http.StreamResetException;
import io.vertx.core.net.HostAndPort;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** One attempt on its way: from the wait for a connection to the answer's last byte. */
final class AttemptRun {

  private static final long CANCEL = Http2Error.CANCEL.code();
  private static final long REFUSED = Http2Error.REFUSED_STREAM.code();

  private final Exchange exchange;
  private final Endpoint endpoint;
  private final boolean http2;
  private final Promise<Response> answer = Promise.promise();
  private final Runnable unregister;
  private @Nullable Lease lease;
  private @Nullable HttpClientRequest stream;
  private boolean requestEnded;
  private boolean over;

  AttemptRun(Exchange exchange, Endpoint endpoint, boolean http2) {
    this.exchange = exchange;
    this.endpoint = endpoint;
    this.http2 = http2;
    this.unregister = exchange.onCancel(this::cancelled);
  }

  /** Goes on once there is a connection. */
  Future<Response> over(Future<Lease> connection) {
    connection.onComplete(
        got -> {
          if (got.failed()) {
            fail(got.cause());
          } else if (over) {
            got.result().release(true);
          } else {
            begin(got.result());
          }
        });
    return answer.future();
  }

  private void begin(Lease got) {
    lease = got;
    Request request = exchange.request();
    RequestOptions options =
        new RequestOptions()
            .setMethod(HttpMethod.valueOf(request.head().method()))
            .setURI(request.target());
    got.connection()
        .request(options)
        .onComplete(
            ready -> {
              if (ready.failed()) {
                fail(refused(ready.cause()));
              } else if (over) {
                ready.result().reset(CANCEL);
                got.release(false);
              } else {
                write(ready.result());
              }
            });
  }

  /** The connection would not even take the head. */
  private ProxyFailure refused(Throwable cause) {
    return new ProxyFailure(
        Cause.REFUSED_STREAM, "endpoint " + endpoint.address() + ": " + cause.getMessage());
  }

  private void write(HttpClientRequest request) {
    stream = request;
    Request outgoing = exchange.request();
    request.headers().setAll(outgoing.headers());
    if (http2) {
      request.authority(HostAndPort.parseAuthority(outgoing.authority(), -1));
    } else {
      request.headers().set(HttpHeaderNames.HOST, outgoing.authority());
    }
    request.exceptionHandler(cause -> {}); // the response's future tells of it
    RequestBody body = outgoing.body();
    if (outgoing.upgrade()) {
      upgrade(request);
      return;
    }
    request.response().onComplete(head -> head(head.succeeded(), head.result(), head.cause()));
    if (body.empty()) {
      requestEnded = true;
      request.end();
      return;
    }
    if (body.length().isEmpty()) {
      request.setChunked(true);
    }
    body.sendTo(request).onComplete(sent -> requestEnded = sent.succeeded());
  }

  private void upgrade(HttpClientRequest request) {
    request.headers().set(HttpHeaderNames.CONNECTION, "Upgrade");
    request.headers().set(HttpHeaderNames.UPGRADE, "websocket");
    request.connect().onComplete(head -> head(head.succeeded(), head.result(), head.cause()));
  }

  private void head(
      boolean arrived, @Nullable HttpClientResponse response, @Nullable Throwable cause) {
    if (over) {
      return;
    }
    if (!arrived || response == null) {
      fail(mapped(cause));
      return;
    }
    response.pause();
    over = true;
    UpstreamResponse upstream =
        new UpstreamResponse(response, endpoint.address(), this::settled, this::reset);
    if (!answer.tryComplete(upstream)) {
      upstream.cancel();
    }
  }

  /** The answer came to its end, or was cut. */
  private void settled(boolean clean) {
    unregister.run();
    if (clean && !requestEnded) {
      reset();
    }
    give(clean && requestEnded);
  }

  private void give(boolean reusable) {
    Lease mine = lease;
    lease = null;
    if (mine != null) {
      mine.release(reusable);
    }
  }

  private void reset() {
    if (stream != null) {
      stream.reset(CANCEL);
    }
  }

  /** The attempt is not wanted any more; its exchange may go on with another. */
  void giveUp() {
    end(new ProxyFailure(Cause.PER_TRY_TIMEOUT, "endpoint " + endpoint.address() + ": given up"));
  }

  private void cancelled(ProxyFailure cause) {
    if (answer.future().succeeded()) {
      answer.future().result().cancel();
    } else {
      end(cause);
    }
  }

  private void end(ProxyFailure cause) {
    if (!over) {
      fail(cause); // before the reset, whose own failure must not be taken for the cause
      reset();
    }
  }

  private void fail(Throwable cause) {
    if (over) {
      return;
    }
    over = true;
    unregister.run();
    give(false);
    answer.tryFail(cause instanceof ProxyFailure known ? known : mapped(cause));
  }

  private ProxyFailure mapped(@Nullable Throwable cause) {
    String where = "endpoint " + endpoint.address() + ": ";
    if (cause instanceof StreamResetException reset) {
      return new ProxyFailure(
          reset.getCode() == REFUSED ? Cause.REFUSED_STREAM : Cause.UPSTREAM_RESET,
          where + "the stream was reset with code " + reset.getCode());
    }
    if (cause instanceof HttpClosedException || cause instanceof IOException) {
      return new ProxyFailure(
          Cause.UPSTREAM_RESET, where + "the connection ended before an answer");
    }
    String text = cause == null ? "no answer" : String.valueOf(cause.getMessage());
    return new ProxyFailure(Cause.UPSTREAM_PROTOCOL, where + text);
  }
}
