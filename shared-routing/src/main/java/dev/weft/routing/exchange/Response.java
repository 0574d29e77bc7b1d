package dev.weft.routing.exchange;

import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import io.vertx.core.streams.WriteStream;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An answer: its head is here, its body comes.
 *
 * <p>Whoever gets one either reads {@link #body()} to its end or calls {@link #cancel()}; {@link
 * #ended()} then settles signals, breaker, deadline and in-flight, exactly once.
 */
public interface Response {

  int status();

  /** To be changed in place by stages; hop-by-hop headers are already gone. */
  MultiMap headers();

  /** One of them; cheaper than reading {@link #headers()} where nobody changed any. */
  default @Nullable String header(CharSequence name) {
    return headers().get(name);
  }

  /** Adds them to {@code to}: cheaper than reading {@link #headers()} where nobody changed any. */
  default void copyHeaders(MultiMap to) {
    to.addAll(headers());
  }

  /** Paused until somebody reads it; ends at once where there is none. */
  ReadStream<Buffer> body();

  /**
   * Shows each piece of the body to {@code watcher} as it is read; to be said before anybody reads.
   * The watcher neither keeps nor changes it. An answer that the proxy makes itself shows none.
   */
  default void watch(Consumer<Buffer> watcher) {}

  /** Bytes of the body that were read so far. */
  long bytes();

  /** What followed the body; empty until {@link #ended()}. */
  MultiMap trailers();

  /**
   * Done when the last byte was read; fails with a {@link ProxyFailure} when the body was cut or
   * the response was cancelled.
   */
  Future<Void> ended();

  /** Gives the rest up: resets the stream upstream. Without effect after the end. */
  void cancel();

  /** Why the proxy answers itself, where that is a failure, for the signals. */
  default Optional<ProxyFailure> reason() {
    return Optional.empty();
  }

  /**
   * Where to write what the caller says after a {@code 101}; ended, it closes the connection. What
   * is said from there is the body.
   */
  default Optional<WriteStream<Buffer>> tunnel() {
    return Optional.empty();
  }

  /** Bytes that the caller said so far in its {@link #tunnel}; 0 where there is none. */
  default long said() {
    return 0;
  }
}
