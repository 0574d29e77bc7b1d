package dev.weft.routing.exchange.body;

import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.RequestBody;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import io.vertx.core.streams.WriteStream;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The body of a request that a listener took. It flows only as fast as the attempt that has it
 * takes it; memory holds at most the replay limit and one buffer more, and less where it is scarce.
 */
public final class ReplayableBody implements RequestBody {

  /** Bytes that are taken and forgotten so that a connection can be used again. */
  public static final int DISCARDED = 1 << 16;

  private final ReadStream<Buffer> source;
  private final OptionalLong length;
  private final int limit;
  private final Runnable wanted;
  private final Runnable tooMuch;
  private final Pieces kept = new Pieces();
  private final Buffered buffered;
  private long keptBytes;
  private long forgottenBytes;
  private long receivedBytes;
  private long most = Long.MAX_VALUE;
  private Runnable beyond = () -> {};
  private @Nullable Consumer<Buffer> watcher;
  private boolean begun;
  private boolean over; // more came than is kept
  private boolean held; // its beginning is here, and nobody takes it yet
  private int looked; // bytes that somebody wants to see before any attempt
  private @Nullable Promise<Beginning> look;
  private boolean ended;
  private @Nullable Promise<Buffer> whole; // once somebody asked for it
  private @Nullable ProxyFailure failure;
  private @Nullable WriteStream<Buffer> sink;
  private @Nullable Promise<Void> sent;

  /**
   * @param source paused
   * @param limit bytes that are kept for a further attempt, from 0
   * @param wanted runs once, when the body is first asked for: the moment for {@code 100-continue}
   * @param tooMuch runs once, when a body that nobody wants does not end within {@link #DISCARDED}:
   *     the moment to cut it off
   */
  public ReplayableBody(
      ReadStream<Buffer> source,
      OptionalLong length,
      int limit,
      Runnable wanted,
      Runnable tooMuch) {
    this(source, length, limit, wanted, tooMuch, Buffered.inProcess());
  }

  ReplayableBody(
      ReadStream<Buffer> source,
      OptionalLong length,
      int limit,
      Runnable wanted,
      Runnable tooMuch,
      Buffered buffered) {
    this.source = source;
    this.length = length;
    this.limit = limit;
    this.wanted = wanted;
    this.tooMuch = tooMuch;
    this.buffered = buffered;
  }

  @Override
  public boolean empty() {
    return false;
  }

  @Override
  public OptionalLong length() {
    return length;
  }

  @Override
  public long received() {
    return receivedBytes;
  }

  @Override
  public boolean awaited() {
    boolean full = sink != null && (sink.writeQueueFull() || buffered.waits());
    return begun && !ended && failure == null && !full && !held;
  }

  @Override
  public void limit(long bytes, Runnable exceeded) {
    most = bytes;
    beyond = exceeded;
  }

  @Override
  public void watch(Consumer<Buffer> who) {
    watcher = who;
  }

  @Override
  public boolean replayable() {
    return !over && failure == null;
  }

  @Override
  public boolean untouched() {
    return !begun;
  }

  @Override
  public Future<Void> sendTo(WriteStream<Buffer> to) {
    if (failure != null) {
      return Future.failedFuture(failure);
    }
    if (over) {
      return Future.failedFuture(
          new ProxyFailure(Cause.INTERNAL, "the body is not replayable any more"));
    }
    Promise<Void> promise = Promise.promise();
    takenAway();
    held = false;
    sink = to;
    sent = promise;
    Future<Void> written = Future.succeededFuture();
    for (Buffer buffer : kept.given()) {
      written = write(to, buffer);
    }
    if (ended) {
      finish(to, promise);
    } else {
      begin();
      flow(to, written);
    }
    return promise.future();
  }

  private void takenAway() {
    if (sent != null) {
      sent.tryFail(new ProxyFailure(Cause.UPSTREAM_RESET, "another attempt has the body"));
    }
  }

  private void begin() {
    if (begun) {
      return;
    }
    begun = true;
    wanted.run();
    source.exceptionHandler(cause -> fail("the caller went away: " + cause.getMessage()));
    source.endHandler(
        end -> {
          ended = true;
          captureWhole();
          looked();
          if (sink != null && sent != null) {
            finish(sink, sent);
          }
        });
    source.handler(this::came);
  }

  private void came(Buffer buffer) {
    if (buffer.length() == 0) {
      return; // a frame of HTTP/2 may have none: nothing to send on, least of all a head
    }
    receivedBytes += buffer.length();
    if (receivedBytes > most) {
      tooLong();
      return;
    }
    if (watcher != null) {
      watcher.accept(buffer);
    }
    if (look != null) {
      keepAll(buffer);
      return;
    }
    if (!over) {
      keep(buffer);
    }
    WriteStream<Buffer> to = sink;
    if (to != null) {
      flow(to, write(to, buffer));
    }
  }

  private void keep(Buffer buffer) {
    long bytes = keptBytes + buffer.length();
    if (bytes > limit) {
      keepNothing("longer than " + limit + " bytes");
    } else if (bytes > Buffered.SMALL && buffered.scarce()) {
      keepNothing("longer than " + Buffered.SMALL + " bytes, and memory is scarce");
    } else {
      hold(buffer);
    }
  }

  private void hold(Buffer buffer) {
    buffered.give(counted());
    kept.add(buffer);
    keptBytes += buffer.length();
    buffered.take(counted());
  }

  /** As much as somebody wants to see is kept, whatever the limit. */
  private void keepAll(Buffer buffer) {
    if (keptBytes + buffer.length() > Buffered.SMALL && buffered.scarce()) {
      source.pause();
      forget();
      noLook(
          new ProxyFailure(Cause.OVERLOADED, "memory is too scarce to keep a body that is shown"));
      return;
    }
    hold(buffer);
    if (keptBytes > looked) {
      source.pause();
      looked();
    }
  }

  private void looked() {
    Promise<Beginning> wanted = look;
    if (wanted != null) {
      look = null;
      held = true;
      wanted.tryComplete(new Beginning(kept.together(keptBytes), ended));
    }
  }

  private void noLook(ProxyFailure why) {
    if (look != null) {
      look.tryFail(why);
      look = null;
    }
  }

  @Override
  public Future<Beginning> beginning(int bytes) {
    if (failure != null || begun) {
      return Future.failedFuture(
          failure != null
              ? failure
              : new ProxyFailure(Cause.INTERNAL, "the body was begun before"));
    }
    Promise<Beginning> promise = Promise.promise();
    look = promise;
    looked = bytes;
    begin();
    source.resume();
    return promise.future();
  }

  private void keepNothing(String since) {
    forget();
    noWhole(new ProxyFailure(Cause.BODY_TOO_LARGE, since));
  }

  private void noWhole(ProxyFailure why) {
    if (whole != null) {
      whole.tryFail(why);
    }
  }

  @Override
  public void forget() {
    over = true;
    buffered.give(counted());
    kept.clear();
    keptBytes = 0;
  }

  private long counted() {
    return keptBytes > Buffered.SMALL ? keptBytes : 0;
  }

  private void tooLong() {
    source.handler(rest -> {});
    source.pause();
    beyond.run();
    fail(new ProxyFailure(Cause.BODY_TOO_LARGE, "longer than " + most + " bytes"));
  }

  private Future<Void> write(WriteStream<Buffer> to, Buffer buffer) {
    Future<Void> written = to.write(buffer);
    buffered.until(written, buffer.length());
    return written.onFailure(cause -> sinkFailed(to, cause));
  }

  private void sinkFailed(WriteStream<Buffer> to, Throwable cause) {
    if (sink == to && sent != null) {
      sink = null;
      if (flows()) {
        source.pause();
      }
      sent.tryFail(cause);
    }
  }

  private void flow(WriteStream<Buffer> to, Future<Void> written) {
    Runnable more =
        () -> {
          if (sink == to && flows()) {
            source.resume();
          }
        };
    if (!buffered.pace(source, to, written, more)) {
      source.resume();
    }
  }

  /** Whether more may come. Vert.x' requests of HTTP/2 fail where one that ended is paused. */
  private boolean flows() {
    return !ended && failure == null;
  }

  private static void finish(WriteStream<Buffer> to, Promise<Void> promise) {
    to.end().onSuccess(done -> promise.tryComplete()).onFailure(promise::tryFail);
  }

  private void captureWhole() {
    if (whole != null && ended && !over) {
      whole.tryComplete(kept.together(keptBytes));
    }
  }

  private void fail(String detail) {
    fail(new ProxyFailure(Cause.CLIENT_GONE, detail));
  }

  private void fail(ProxyFailure gone) {
    if (failure == null) {
      failure = gone;
      noLook(gone);
      forget();
      noWhole(gone);
      if (sent != null) {
        sent.tryFail(gone);
      }
    }
  }

  @Override
  public Future<Buffer> captured() {
    if (whole == null) {
      whole = Promise.promise();
      captureWhole();
      if (over) {
        noWhole(new ProxyFailure(Cause.BODY_TOO_LARGE, "not kept any more"));
      }
    }
    return whole.future();
  }

  @Override
  public void discard() {
    takenAway();
    sink = null;
    noLook(new ProxyFailure(Cause.CLIENT_GONE, "the rest is not wanted"));
    held = false;
    forget();
    if (flows()) {
      begun = true;
      source.exceptionHandler(cause -> fail("the caller went away"));
      source.endHandler(end -> ended = true);
      source.handler(this::forgotten);
      source.resume();
    }
  }

  private void forgotten(Buffer buffer) {
    receivedBytes += buffer.length();
    forgottenBytes += buffer.length();
    if (forgottenBytes > DISCARDED) {
      source.handler(rest -> {});
      source.pause();
      tooMuch.run();
    }
  }
}
