package dev.weft.routing.exchange;

import dev.weft.routing.exchange.failure.GrpcStatus;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.streams.ReadStream;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An answer that the proxy makes itself: a redirect, a direct response, an injected fault. */
public final class LocalResponse implements Response {

  private static final String GRPC = "application/grpc";
  private static final String GRPC_WEB = "application/grpc-web";

  private final int status;
  private final MultiMap headers = HttpHeaders.headers();
  private final Promise<Void> end = Promise.promise();
  private final OneBuffer body;
  private final Optional<ProxyFailure> reason;

  /**
   * @param body may be empty
   */
  public LocalResponse(int status, Buffer body) {
    this(status, body, Optional.empty());
  }

  /**
   * @param body may be empty
   * @param reason told by the signals
   */
  public LocalResponse(int status, Buffer body, Optional<ProxyFailure> reason) {
    this.status = status;
    this.body = new OneBuffer(body);
    this.reason = reason;
    headers.set(HttpHeaders.CONTENT_LENGTH, Integer.toString(body.length()));
  }

  /**
   * What a call of gRPC gets instead: a status alone, as nothing was served.
   *
   * <p>Source: gRPC over HTTP/2, {@code Trailers-Only}; Envoy, which answers so by itself too.
   *
   * @param call head of the request, whose kind of gRPC the answer has
   * @param status of gRPC, 0 to 16
   * @param message for the caller, in UTF-8
   * @param reason told by the signals
   */
  public static LocalResponse ofCall(
      RequestHead call, int status, byte[] message, Optional<ProxyFailure> reason) {
    LocalResponse answer = new LocalResponse(200, Buffer.buffer(), reason);
    String type = call.headers().get(HttpHeaders.CONTENT_TYPE);
    answer
        .headers
        .remove(HttpHeaders.CONTENT_LENGTH)
        .set(HttpHeaders.CONTENT_TYPE, type != null && type.startsWith(GRPC_WEB) ? type : GRPC)
        .set("grpc-status", Integer.toString(status))
        .set("grpc-message", GrpcStatus.message(message));
    return answer;
  }

  @Override
  public int status() {
    return status;
  }

  @Override
  public Optional<ProxyFailure> reason() {
    return reason;
  }

  @Override
  public MultiMap headers() {
    return headers;
  }

  @Override
  public ReadStream<Buffer> body() {
    return body;
  }

  @Override
  public long bytes() {
    return body.given ? body.content.length() : 0;
  }

  @Override
  public MultiMap trailers() {
    return HttpHeaders.headers();
  }

  @Override
  public Future<Void> ended() {
    return end.future();
  }

  @Override
  public void cancel() {
    end.tryFail(new ProxyFailure(ProxyFailure.Cause.CLIENT_GONE, "the answer was not taken"));
  }

  /** Gives its one buffer when it is first asked for. */
  private final class OneBuffer implements ReadStream<Buffer> {

    private final Buffer content;
    private @Nullable Handler<Buffer> handler;
    private @Nullable Handler<Void> endHandler;
    private boolean given;

    OneBuffer(Buffer content) {
      this.content = content;
    }

    @Override
    public ReadStream<Buffer> exceptionHandler(@Nullable Handler<Throwable> failed) {
      return this; // cannot fail
    }

    @Override
    public ReadStream<Buffer> handler(@Nullable Handler<Buffer> reader) {
      this.handler = reader;
      return this;
    }

    @Override
    public ReadStream<Buffer> pause() {
      return this;
    }

    @Override
    public ReadStream<Buffer> resume() {
      return fetch(Long.MAX_VALUE);
    }

    @Override
    public ReadStream<Buffer> fetch(long amount) {
      if (!given && amount > 0) {
        given = true;
        if (handler != null && content.length() > 0) {
          handler.handle(content);
        }
        end.tryComplete();
        if (endHandler != null) {
          endHandler.handle(null);
        }
      }
      return this;
    }

    @Override
    public ReadStream<Buffer> endHandler(@Nullable Handler<Void> ended) {
      this.endHandler = ended;
      return this;
    }
  }
}
