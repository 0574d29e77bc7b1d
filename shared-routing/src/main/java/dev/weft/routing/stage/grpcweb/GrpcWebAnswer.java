package dev.weft.routing.stage.grpcweb;

import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.transport.HopByHop;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.streams.ReadStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An answer of gRPC as gRPC-Web has it: its trailers follow its messages as a last frame of the
 * body. An answer of trailers alone has them in its head, and no frame.
 */
final class GrpcWebAnswer implements Response, ReadStream<Buffer> {

  private static final byte TRAILERS = (byte) 0x80;

  private final Response answer;
  private final boolean text;
  private @Nullable Handler<Buffer> reader;
  private @Nullable Handler<Void> last;

  private GrpcWebAnswer(Response answer, boolean text) {
    this.answer = answer;
    this.text = text;
  }

  /**
   * What is no answer of gRPC stays as it is.
   *
   * @param text whether it shall be base64
   */
  static Response of(Response answer, boolean text) {
    String type = answer.header(HttpHeaderNames.CONTENT_TYPE);
    int length = GrpcWebStage.GRPC.length();
    if (type == null || !type.regionMatches(true, 0, GrpcWebStage.GRPC, 0, length)) {
      return answer;
    }
    String kind = type.startsWith("+", length) ? type.substring(length) : "+proto";
    String web = GrpcWebStage.GRPC + (text ? "-web-text" : "-web") + kind;
    answer.headers().set(HttpHeaderNames.CONTENT_TYPE, web);
    answer.headers().remove(HttpHeaderNames.CONTENT_LENGTH);
    return new GrpcWebAnswer(answer, text);
  }

  private void give(Buffer bytes) {
    Handler<Buffer> to = reader;
    if (to != null) {
      to.handle(text ? Buffer.buffer(Base64.getEncoder().encode(bytes.getBytes())) : bytes);
    }
  }

  private void end(MultiMap trailers) {
    if (!trailers.isEmpty()) {
      give(frame(trailers));
    }
    if (last != null) {
      last.handle(null);
    }
  }

  private static Buffer frame(MultiMap trailers) {
    StringBuilder block = new StringBuilder();
    for (Map.Entry<String, String> trailer : trailers) {
      if (!HopByHop.is(trailer.getKey())) {
        block.append(trailer.getKey().toLowerCase(Locale.ROOT)).append(": ");
        block.append(trailer.getValue()).append("\r\n");
      }
    }
    byte[] bytes = block.toString().getBytes(StandardCharsets.ISO_8859_1);
    return Buffer.buffer(5 + bytes.length)
        .appendByte(TRAILERS)
        .appendInt(bytes.length)
        .appendBytes(bytes);
  }

  /** A caller whose own deadline is over is told so; what else was cut is seen to be cut. */
  private void cut(Throwable cause, Handler<Throwable> to) {
    if (cause instanceof ProxyFailure known && known.reason() == Cause.CALLER_DEADLINE) {
      end(HttpHeaders.headers().set("grpc-status", "4").set("grpc-message", "caller deadline"));
    } else {
      to.handle(cause);
    }
  }

  @Override
  public int status() {
    return answer.status();
  }

  @Override
  public MultiMap headers() {
    return answer.headers();
  }

  @Override
  public ReadStream<Buffer> body() {
    return this;
  }

  @Override
  public void watch(Consumer<Buffer> watcher) {
    answer.watch(watcher);
  }

  @Override
  public long bytes() {
    return answer.bytes();
  }

  /** They are in the body. */
  @Override
  public MultiMap trailers() {
    return HttpHeaders.headers();
  }

  @Override
  public Future<Void> ended() {
    return answer.ended();
  }

  @Override
  public void cancel() {
    answer.cancel();
  }

  @Override
  public Optional<ProxyFailure> reason() {
    return answer.reason();
  }

  @Override
  public ReadStream<Buffer> exceptionHandler(@Nullable Handler<Throwable> failed) {
    answer.body().exceptionHandler(failed == null ? null : cause -> cut(cause, failed));
    return this;
  }

  @Override
  public ReadStream<Buffer> handler(@Nullable Handler<Buffer> taker) {
    reader = taker;
    answer.body().handler(taker == null ? null : this::give);
    return this;
  }

  @Override
  public ReadStream<Buffer> pause() {
    answer.body().pause();
    return this;
  }

  @Override
  public ReadStream<Buffer> resume() {
    answer.body().resume();
    return this;
  }

  @Override
  public ReadStream<Buffer> fetch(long amount) {
    answer.body().fetch(amount);
    return this;
  }

  @Override
  public ReadStream<Buffer> endHandler(@Nullable Handler<Void> ended) {
    last = ended;
    answer.body().endHandler(ended == null ? null : end -> end(answer.trailers()));
    return this;
  }
}
