package dev.weft.routing.transport;

import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.exchange.body.CountedSink;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.StreamResetException;
import io.vertx.core.streams.ReadStream;
import io.vertx.core.streams.WriteStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The answer of an endpoint. Watches its own end, whoever reads it, and settles exactly once: with
 * the last byte, with a cut, or when it is cancelled.
 *
 * <p>Vert.x tells of a closed stream at once, even while bytes that came before wait for a slow
 * reader. A body of a known length is therefore judged by its bytes: what had come is given on, and
 * only a body that is short of its length was cut. Over HTTP/1 all that came is taken before Vert.x
 * tells, so that the end of any other body is among it, or is not.
 *
 * <p>Vert.x goes on reading for a reader who is slow: 128 KiB, and then all that comes in one turn
 * of its loop, 1 MiB where much comes. A connection that is this answer's own is not read
 * meanwhile.
 */
final class UpstreamResponse implements Response, ReadStream<Buffer> {

  private static final long UNKNOWN = -1;
  private static final CharSequence CONNECTION = HttpHeaderNames.CONNECTION;

  private final HttpClientResponse response;
  private @Nullable MultiMap headers; // a copy, once somebody may want to change it
  private final String endpoint;
  private final UnaryOperator<ProxyFailure> once;
  private final Consumer<Boolean> settled;
  private final Runnable reset;
  private final Consumer<Boolean> reading;
  private final Optional<CountedSink> tunnel; // written to; read here, in order to its end
  private final Promise<Void> end = Promise.promise();
  private final Deque<Buffer> tail = new ArrayDeque<>(0); // what came before a close, not yet read
  private final long length;
  private long taken;
  private long given;
  private long demand;
  private boolean over;
  private boolean closed;
  private boolean emptied; // all that came is here
  private boolean tailComplete;
  private boolean stopped; // its connection is not read
  private @Nullable ProxyFailure failure;
  private @Nullable Handler<Buffer> handler;
  private @Nullable Consumer<Buffer> watcher;
  private @Nullable Handler<Throwable> exceptionHandler;
  private @Nullable Handler<Void> endHandler;

  /**
   * @param response paused
   * @param once tells of the end of a connection that others may have told of
   * @param settled runs once, with whether the answer came to a clean end
   * @param reset gives the stream up
   * @param reading has the connection read, or not, where it carries nothing else
   */
  UpstreamResponse(
      HttpClientResponse response,
      String endpoint,
      UnaryOperator<ProxyFailure> once,
      Consumer<Boolean> settled,
      Runnable reset,
      Consumer<Boolean> reading) {
    this.response = response;
    this.endpoint = endpoint;
    this.once = once;
    this.settled = settled;
    this.reset = reset;
    this.reading = reading;
    boolean upgraded = response.statusCode() == 101;
    this.tunnel = upgraded ? Optional.of(new CountedSink(response.netSocket())) : Optional.empty();
    this.length =
        upgraded ? UNKNOWN : length(response.headers().get(HttpHeaderNames.CONTENT_LENGTH));
    response.exceptionHandler(this::closed); // after the tunnel has set its own
    response.handler(this::came);
    response.endHandler(last -> last());
  }

  private static long length(@Nullable String header) {
    try {
      return header == null ? UNKNOWN : Long.parseLong(header);
    } catch (NumberFormatException e) {
      return UNKNOWN;
    }
  }

  private void came(Buffer buffer) {
    taken += buffer.length();
    if (closed) {
      tail.addLast(buffer);
      return;
    }
    if (demand != Long.MAX_VALUE && demand > 0) {
      demand--;
    }
    give(buffer);
  }

  private void give(Buffer buffer) {
    if (!over && handler != null) {
      given += buffer.length();
      if (watcher != null) {
        watcher.accept(buffer);
      }
      handler.handle(buffer);
    }
  }

  private void last() {
    if (closed) {
      tailComplete = true;
      giveTail();
    } else {
      finish(true);
    }
  }

  /** The connection is gone, of which Vert.x hears in a moment: takes all that it holds. */
  void lastReading() {
    if (!over && !closed) {
      closed = true;
      emptied = true;
      response.resume();
    }
  }

  /** The stream is gone. What had come still waits in it where the reader is slow. */
  private void closed(Throwable cause) {
    if (over || tailComplete) {
      return;
    }
    if (emptied) {
      conclude(cause);
      return;
    }
    if (closed) {
      return;
    }
    if (length == UNKNOWN || taken >= length || demand == Long.MAX_VALUE) {
      conclude(cause);
      return;
    }
    closed = true;
    response.resume();
    Context here = Vertx.currentContext();
    if (here == null) {
      conclude(cause);
    } else {
      here.runOnContext(emptied -> conclude(cause)); // after all that resume gives
    }
  }

  private void conclude(Throwable cause) {
    if (tunnel.isEmpty() && (length == UNKNOWN || taken < length)) {
      cut(cause);
      return;
    }
    closed = true;
    tailComplete = true;
    giveTail();
  }

  private void giveTail() {
    while (demand > 0 && !tail.isEmpty()) {
      if (demand != Long.MAX_VALUE) {
        demand--;
      }
      give(tail.removeFirst());
    }
    if (tailComplete && tail.isEmpty()) {
      finish(tunnel.isEmpty());
    }
  }

  private void cut(Throwable cause) {
    if (!over) {
      ProxyFailure cut =
          new ProxyFailure(
              Cause.UPSTREAM_TRUNCATED,
              "endpoint " + endpoint + ": the answer was cut: " + cause.getMessage());
      ProxyFailure known = cause instanceof StreamResetException ? cut : once.apply(cut);
      end(known, () -> {});
      tell(known);
    }
  }

  private void finish(boolean clean) {
    if (over) {
      return;
    }
    over = true;
    read(); // by whoever has the connection next
    settled.accept(clean);
    end.complete();
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
    MultiMap own = headers;
    if (own == null) {
      own = HttpHeaders.headers();
      HopByHop.copy(response.headers(), own);
      headers = own;
    }
    return own;
  }

  /** Those of a connection do not go on, and so are not there. */
  @Override
  public @Nullable String header(CharSequence name) {
    MultiMap own = headers;
    if (own != null || HopByHop.is(name) || response.headers().contains(CONNECTION)) {
      return headers().get(name);
    }
    return response.headers().get(name);
  }

  @Override
  public void copyHeaders(MultiMap to) {
    if (headers == null) {
      HopByHop.copy(response.headers(), to);
    } else {
      HopByHop.copyAll(headers, to);
    }
  }

  @Override
  public ReadStream<Buffer> body() {
    return this;
  }

  @Override
  public void watch(Consumer<Buffer> who) {
    watcher = who;
  }

  @Override
  public long bytes() {
    return given;
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
    if (!over) {
      end(new ProxyFailure(Cause.CLIENT_GONE, "the answer was given up"), reset);
    }
  }

  /** Ends it for another reason than its reader's, who is told. */
  void abort(ProxyFailure cause) {
    if (!over) {
      end(cause, reset);
      tell(cause);
    }
  }

  private void end(ProxyFailure cause, Runnable first) {
    over = true; // first: what a reset brings about is not a cut
    tail.clear();
    failure = cause;
    first.run();
    settled.accept(false);
    end.fail(cause);
  }

  private void tell(ProxyFailure cause) {
    if (exceptionHandler != null) {
      exceptionHandler.handle(cause);
    }
  }

  @Override
  public Optional<WriteStream<Buffer>> tunnel() {
    return tunnel.map(sink -> sink);
  }

  @Override
  public long said() {
    return tunnel.map(CountedSink::bytes).orElse(0L);
  }

  /** Hears of a cut that was before, too. */
  @Override
  public ReadStream<Buffer> exceptionHandler(@Nullable Handler<Throwable> reader) {
    exceptionHandler = reader;
    if (failure != null && reader != null) {
      reader.handle(failure);
    }
    return this;
  }

  @Override
  public ReadStream<Buffer> handler(@Nullable Handler<Buffer> reader) {
    handler = reader;
    return this;
  }

  @Override
  public ReadStream<Buffer> pause() {
    demand = 0;
    if (!closed && !over) {
      response.pause();
      stopped = true;
      reading.accept(false);
    }
    return this;
  }

  private void read() {
    if (stopped) {
      stopped = false;
      reading.accept(true);
    }
  }

  @Override
  public ReadStream<Buffer> resume() {
    return fetch(Long.MAX_VALUE);
  }

  @Override
  public ReadStream<Buffer> fetch(long amount) {
    long sum = demand + amount;
    demand = sum < 0 ? Long.MAX_VALUE : sum;
    if (closed) {
      giveTail();
    } else {
      response.fetch(amount); // and perhaps it is paused again
      if (demand > 0) {
        read();
      }
    }
    return this;
  }

  @Override
  public ReadStream<Buffer> endHandler(@Nullable Handler<Void> reader) {
    endHandler = reader;
    return this;
  }
}
