package dev.weft.routing.listener;

import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.body.Buffered;
import dev.weft.routing.listener.connection.OpenConnection;
import dev.weft.routing.telemetry.RequestSignals;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Ends requests on which nothing moves any more: one whose answer waits for a body that does not
 * come, and one that stands still altogether. It looks at all of them now and then, so that a
 * request costs two links, and a byte nothing. One event loop's own.
 *
 * <p>Source: {@code ProxySettings.limits}, {@code requestBodyIdle} and {@code streamIdle}. A call
 * of gRPC may be silent for as long as a stream may, since both sides speak when they like.
 */
final class StandingStreams {

  private Duration body;
  private Duration stream;
  private @Nullable Standing first;

  /**
   * @param body how long a body may stand still that is waited for
   * @param stream how long a request and its answer may stand still
   */
  StandingStreams(Duration body, Duration stream) {
    this.body = body;
    this.stream = stream;
  }

  /** From now on these times hold, for requests under way too. */
  void times(Duration ofBody, Duration ofStream) {
    body = ofBody;
    stream = ofStream;
  }

  /** A request under way, among all. */
  final class Standing {

    private final Exchange exchange;
    private final HttpServerResponse out;
    private final OpenConnection connection;
    private final boolean calls;
    private @Nullable Standing before;
    private @Nullable Standing after;
    private @Nullable Buffered answer;
    private boolean gone;
    private long moved;
    private long sinceNanos;

    private Standing(Exchange exchange, HttpServerResponse out, OpenConnection connection) {
      this.exchange = exchange;
      this.out = out;
      this.connection = connection;
      this.calls = RequestSignals.grpc(exchange.request());
      this.sinceNanos = exchange.startedNanos();
      this.after = first;
      if (first != null) {
        first.before = this;
      }
      first = this;
    }

    /** It is being answered. */
    void answered(Buffered with) {
      answer = with;
    }

    Exchange exchange() {
      return exchange;
    }

    /** On which it came. */
    OpenConnection connection() {
      return connection;
    }

    /** It ended; once or more. */
    void leave() {
      if (gone) {
        return;
      }
      gone = true;
      if (before == null) {
        first = after;
      } else {
        before.after = after;
      }
      if (after != null) {
        after.before = before;
      }
    }

    private void look(long now) {
      long sofar = exchange.request().body().received() + out.bytesWritten();
      if (sofar != moved) {
        moved = sofar;
        sinceNanos = now;
        return;
      }
      boolean owed = !calls && !out.headWritten() && exchange.request().body().awaited();
      Duration patience = owed && body.compareTo(stream) < 0 ? body : stream;
      if (now - sinceNanos >= patience.toNanos()) {
        cancel(owed ? Cause.REQUEST_TIMEOUT : notMoving(), patience);
      }
    }

    private Cause notMoving() {
      boolean waits = out.writeQueueFull() || (answer != null && answer.waits());
      boolean unread = out.headWritten() && waits;
      return unread ? Cause.CALLER_IDLE : Cause.STREAM_IDLE;
    }

    private void cancel(Cause cause, Duration time) {
      exchange.cancel(new ProxyFailure(cause, "nothing moved for " + time.toMillis() + " ms"));
    }
  }

  /** A request begins. */
  Standing enter(Exchange exchange, HttpServerResponse out, OpenConnection connection) {
    return new Standing(exchange, out, connection);
  }

  /** Ends those that stand still; to be called about once a second. */
  void look(long now) {
    Standing one = first;
    while (one != null) {
      Standing next = one.after;
      one.look(now); // may leave
      one = next;
    }
  }
}
