package dev.weft.routing.listener;

import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.exchange.body.Buffered;
import dev.weft.routing.listener.ListenerSettings.Role;
import dev.weft.routing.transport.HopByHop;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.NetSocket;
import io.vertx.core.streams.ReadStream;
import io.vertx.core.streams.WriteStream;
import org.jspecify.annotations.Nullable;

/**
 * Writes one answer back as fast as the caller takes it. What of the body came in the same reading
 * as the head goes out with it in one write; a head that came alone does not wait. A body that was
 * cut is seen to be cut.
 */
final class ResponseWriter implements Runnable {

  /** INTERNAL_ERROR: none of HTTP/2's readers takes that for an end (RFC 9113 section 7). */
  private static final long CUT = 2;

  private static final long NO_ERROR = 0; // RFC 9113 section 7

  private final HttpServerRequest request;
  private final HttpServerResponse out;
  private final Response response;
  private final Buffered buffered = Buffered.inProcess();
  private long announced = -1;
  private @Nullable Buffer whole;

  private ResponseWriter(HttpServerRequest request, Response response) {
    this.request = request;
    this.out = request.response();
    this.response = response;
  }

  /**
   * @return what the answer has in memory
   */
  static Buffered write(HttpServerRequest request, Response response, Role role) {
    ResponseWriter writer = new ResponseWriter(request, response);
    writer.begin(role);
    return writer.buffered;
  }

  /**
   * Has a connection of HTTP/1 end after the answer to {@code request}; to be called before its
   * head is written.
   */
  static void last(HttpServerRequest request) {
    if (request.version() == HttpVersion.HTTP_2) {
      return;
    }
    HttpServerResponse out = request.response();
    out.putHeader(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    if (request.version() == HttpVersion.HTTP_1_0) { // Vert.x promises what the caller asked for
      out.headersEndHandler(
          ready -> out.putHeader(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE));
    }
    out.endHandler(
        end -> {
          if (request.isEnded() && request.decoderResult().isSuccess()) {
            request.connection().close();
          } else {
            unread(request);
          }
        });
  }

  private void begin(Role role) {
    out.setStatusCode(response.status());
    response.copyHeaders(out.headers());
    if (role == Role.EDGE) {
      FailureAnswer.withoutInside(out.headers());
    } else {
      response.reason().ifPresent(reason -> FailureAnswer.told(out.headers(), reason, role));
    }
    if (response.tunnel().isPresent()) {
      tunnel(response.tunnel().get());
      return;
    }
    if (bodiless()) {
      response.body().endHandler(end -> end());
      response.body().exceptionHandler(this::cut);
      response.body().handler(buffer -> {});
      response.body().resume();
      return;
    }
    String length = out.headers().get(HttpHeaderNames.CONTENT_LENGTH);
    if (length != null) {
      announced = parsed(length);
    } else if (request.version() == HttpVersion.HTTP_1_1) {
      out.setChunked(true);
    } else if (request.version() == HttpVersion.HTTP_1_0) {
      last(request); // nothing else ends such a body (RFC 9112 section 6.3)
    }
    pipe(response.body());
    if (!out.ended()) {
      HandedOverHttp.afterReading(request.connection(), this);
    }
  }

  /** What was read is dealt with: whatever is held back of the answer is not held any longer. */
  @Override
  public void run() {
    if (out.ended() || out.closed()) {
      return;
    }
    Buffer held = whole;
    if (held != null) {
      whole = null;
      out.write(held);
    } else if (!out.headWritten()) {
      head();
    }
  }

  private void head() {
    if (request.version() == HttpVersion.HTTP_1_0) {
      out.write(Buffer.buffer()); // its body may have no length, for which writeHead asks
    } else {
      out.writeHead();
    }
  }

  private boolean bodiless() {
    int status = response.status();
    return status == 204 || status == 304 || request.method().name().equals("HEAD");
  }

  private static long parsed(String length) {
    try {
      return Long.parseLong(length);
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  private void pipe(ReadStream<Buffer> body) {
    body.exceptionHandler(this::cut);
    body.endHandler(end -> end());
    body.handler(
        buffer -> {
          if (out.ended() || out.closed()) {
            return;
          }
          if (buffer.length() == announced && !out.headWritten()) {
            whole = buffer; // its end is near, and may bring trailers
            return;
          }
          Future<Void> written = out.write(buffer);
          buffered.until(written, buffer.length());
          buffered.pace(body, out, written, body::resume);
        });
    body.resume();
  }

  /** Who does not read would keep a connection of HTTP/1 that ends when all was sent. */
  private void cut(Throwable cause) {
    boolean http2 = request.version() == HttpVersion.HTTP_2;
    if (FailureAnswer.ended(out, request.headers(), cause)) {
      if (http2) {
        unread(request);
      }
      return;
    }
    boolean unread = cause instanceof ProxyFailure known && known.reason() == Cause.CALLER_IDLE;
    if (unread && !http2) {
      HandedOverHttp.cut(request.connection());
    } else {
      cut(request);
    }
  }

  /** Ends an answer that began and has no end. */
  static void cut(HttpServerRequest incoming) {
    if (incoming.version() == HttpVersion.HTTP_2) {
      HandedOverHttp.reset(incoming, CUT);
    } else {
      incoming.response().reset(CUT);
    }
  }

  private void end() {
    if (out.ended() || out.closed()) {
      return;
    }
    if (!response.trailers().isEmpty()) {
      HopByHop.copy(response.trailers(), out.trailers());
    }
    Future<Void> sent = whole == null ? out.end() : out.end(whole);
    if (whole != null) {
      buffered.until(sent, whole.length());
    }
    if (request.version() == HttpVersion.HTTP_2 && !request.isEnded()) {
      sent.onSuccess(last -> unread(request)); // not before: what is not sent yet would be dropped
    }
  }

  /**
   * The rest of a request is not wanted once it is answered: of HTTP/2 its stream is reset (RFC
   * 9113 section 8.1), after reading, since what came by now may be all of it; of HTTP/1 its
   * connection ends.
   */
  static void unread(HttpServerRequest incoming) {
    if (incoming.version() != HttpVersion.HTTP_2) {
      HandedOverHttp.leave(incoming.connection());
      return;
    }
    HandedOverHttp.afterReading(
        incoming.connection(),
        () -> {
          if (!incoming.isEnded()) {
            HandedOverHttp.reset(incoming, NO_ERROR);
          }
        });
  }

  private void tunnel(WriteStream<Buffer> upstream) {
    out.putHeader(HttpHeaderNames.CONNECTION, "Upgrade");
    out.putHeader(HttpHeaderNames.UPGRADE, "websocket");
    request
        .toNetSocket()
        .onSuccess(caller -> join(caller, upstream))
        .onFailure(failed -> response.cancel());
  }

  private void join(NetSocket caller, WriteStream<Buffer> upstream) {
    response
        .body()
        .pipe()
        .endOnComplete(false)
        .to(caller)
        .onSuccess(end -> HandedOverHttp.leave(caller))
        .onFailure(gone -> response.cancel());
    caller.pipeTo(upstream);
  }
}
