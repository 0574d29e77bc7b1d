package dev.weft.routing.stage;

import dev.weft.routing.exchange.Response;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetSocket;
import io.vertx.core.streams.ReadStream;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A response whose body's bytes are counted as they are read. Belongs to one event loop. */
final class CountedResponse implements Response {

  private final Response response;
  private final ReadStream<Buffer> body;
  private long bytes;

  CountedResponse(Response response) {
    this.response = response;
    this.body = new CountedBody(response.body());
  }

  /** Bytes of the body that were read so far. */
  long bytes() {
    return bytes;
  }

  @Override
  public int status() {
    return response.status();
  }

  @Override
  public MultiMap headers() {
    return response.headers();
  }

  @Override
  public void copyHeaders(MultiMap to) {
    response.copyHeaders(to);
  }

  @Override
  public ReadStream<Buffer> body() {
    return body;
  }

  @Override
  public MultiMap trailers() {
    return response.trailers();
  }

  @Override
  public Future<Void> ended() {
    return response.ended();
  }

  @Override
  public void cancel() {
    response.cancel();
  }

  @Override
  public Optional<NetSocket> tunnel() {
    return response.tunnel();
  }

  /** The body itself, but for the count. */
  private final class CountedBody implements ReadStream<Buffer> {

    private final ReadStream<Buffer> counted;

    CountedBody(ReadStream<Buffer> counted) {
      this.counted = counted;
    }

    @Override
    public ReadStream<Buffer> exceptionHandler(@Nullable Handler<Throwable> failed) {
      counted.exceptionHandler(failed);
      return this;
    }

    @Override
    public ReadStream<Buffer> handler(@Nullable Handler<Buffer> reader) {
      counted.handler(
          reader == null
              ? null
              : part -> {
                bytes += part.length();
                reader.handle(part);
              });
      return this;
    }

    @Override
    public ReadStream<Buffer> pause() {
      counted.pause();
      return this;
    }

    @Override
    public ReadStream<Buffer> resume() {
      counted.resume();
      return this;
    }

    @Override
    public ReadStream<Buffer> fetch(long amount) {
      counted.fetch(amount);
      return this;
    }

    @Override
    public ReadStream<Buffer> endHandler(@Nullable Handler<Void> ended) {
      counted.endHandler(ended);
      return this;
    }
  }
}
