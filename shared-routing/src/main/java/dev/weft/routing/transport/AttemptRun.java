package dev.weft.routing.transport;

import dev.weft.routing.cluster.Endpoint;
import dev.weft.routing.cluster.UpstreamSettings;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.PeerWorkload;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.Request;
import dev.weft.routing.exchange.RequestBody;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.identity.PeerFault;
import dev.weft.routing.transport.UpstreamClient.Attempt;
import dev.weft.routing.transport.tcp.Closing;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http2.Http2Error;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.http.StreamResetException;
import io.vertx.core.net.HostAndPort;
import java.io.IOException;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** One attempt on its way: from the wait for a connection to the answer's last byte. */
final class AttemptRun {

  private static final long CANCEL = Http2Error.CANCEL.code();
  private static final long REFUSED = Http2Error.REFUSED_STREAM.code();

  private static final Set<String> USUALLY_WITH_BODY = Set.of("POST", "PUT", "PATCH");
  private static final Set<String> ONCE = Set.of("POST", "PATCH"); // RFC 9110 section 9.2.2
  private static final Set<Cause> SILENCE =
      EnumSet.of(
          Cause.PER_TRY_TIMEOUT, Cause.UPSTREAM_TIMEOUT, Cause.CALLER_DEADLINE, Cause.STREAM_IDLE);
  private static final CharSequence KEEP_ALIVE = HttpHeaders.createOptimized("keep-alive");
  private static final CharSequence PEER = HttpHeaders.createOptimized(PeerWorkload.HEADER);

  private final Exchange exchange;
  private final Endpoint endpoint;
  private final Pool pool;
  private final boolean carried;
  private final Promise<Response> answer = Promise.promise();
  private final Attempt attempt;
  private boolean http2; // as the connection turned out
  private Runnable unregister = () -> {};
  private @Nullable Promise<Lease> wait; // for a connection
  private @Nullable Lease lease;
  private @Nullable HttpClientRequest stream;
  private @Nullable UpstreamResponse response;
  private boolean requestEnded;
  private boolean over; // there is an answer or a failure

  /**
   * @param carried whether it goes in HTTP/2, where it can, and is HTTP/1.1 for its service
   */
  AttemptRun(Exchange exchange, Endpoint endpoint, Pool pool, boolean carried, Attempt attempt) {
    this.exchange = exchange;
    this.attempt = attempt;
    this.endpoint = endpoint;
    this.pool = pool;
    this.carried = carried;
  }

  /** Takes a connection and sends; without effect where the exchange is cancelled already. */
  Future<Response> start(UpstreamSettings settings) {
    unregister = exchange.onCancel(this::cancelled);
    if (!over) {
      Lease ready = pool.ready(settings, time());
      if (ready == null) {
        await(settings);
      } else {
        begin(ready);
      }
    }
    return answer.future();
  }

  /** A first attempt begins when its exchange does. */
  private long time() {
    return exchange.attempts() > 1 ? exchange.loop().ticker().nanos() : exchange.startedNanos();
  }

  private void await(UpstreamSettings settings) {
    Promise<Lease> promise = Promise.promise();
    wait = promise;
    promise.future().onSuccess(this::begin).onFailure(this::fail);
    pool.acquire(settings, promise);
  }

  /**
   * What must not be repeated waits for all that the loop has to hear of a kept connection: its end
   * may be among that.
   */
  private void begin(Lease got) {
    lease = got;
    http2 = got.multiplexed();
    if (!http2 && got.reused() && ONCE.contains(exchange.request().head().method())) {
      afterReading(() -> open(got));
    } else {
      open(got);
    }
  }

  /** Runs {@code step}, if it is wanted then, when all is dealt with that this loop has read. */
  private void afterReading(Runnable step) {
    Context here = Vertx.currentContext();
    if (here == null) {
      step.run();
    } else {
      here.runOnContext(
          heard -> {
            if (!over) {
              step.run();
            }
          });
    }
  }

  private void open(Lease got) {
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
                ready.result().exceptionHandler(reset -> {}).reset(CANCEL);
                got.wasted();
              } else {
                write(ready.result(), got.introduction());
              }
            });
  }

  /** The connection would not even take the head. */
  private ProxyFailure refused(Throwable cause) {
    return failure(Cause.REFUSED_STREAM, String.valueOf(cause.getMessage()));
  }

  private void write(HttpClientRequest request, Optional<String> introduction) {
    stream = request;
    Request outgoing = exchange.request();
    HopByHop.copyAll(outgoing.headers(), request.headers());
    request.headers().remove(HttpHeaderNames.EXPECT); // whoever took the request answers that
    if (introduction.isPresent()) {
      request.headers().set(PEER, introduction.get());
      exchange.askOn(request.headers());
    }
    if (carried && http2) {
      request.headers().set(Request.CAME_AS, Request.HTTP_1_1);
    }
    authority(request, outgoing.authority());
    request.exceptionHandler(cause -> {}); // the response's future tells of it
    request.earlyHintsHandler(exchange::hint);
    RequestBody body = outgoing.body();
    if (outgoing.upgrade()) {
      upgrade(request);
      return;
    }
    request.response().onComplete(head -> head(head.succeeded(), head.result(), head.cause()));
    if (body.empty()) {
      if (!http2 && USUALLY_WITH_BODY.contains(outgoing.head().method())) {
        request.headers().set(HttpHeaderNames.CONTENT_LENGTH, HttpHeaderValues.ZERO);
      }
      requestEnded = true;
      request.end();
      return;
    }
    if (body.length().isEmpty()) {
      request.setChunked(true);
    }
    body.sendTo(request).onSuccess(all -> sent()).onFailure(this::bodyFailed);
    if (body.received() == 0) {
      afterReading(() -> sendHead(request, body));
    }
  }

  private void sent() {
    requestEnded = true;
    if (!over) {
      attempt.sent();
    }
  }

  /** A caller may wait for the answer's head before it sends of its body: the head does not. */
  private static void sendHead(HttpClientRequest request, RequestBody body) {
    if (body.received() == 0 && body.awaited()) {
      request.sendHead();
    }
  }

  /** HTTP/2 has a pseudo header for it, which Vert.x makes of a parsed one only. */
  private void authority(HttpClientRequest request, String authority) {
    HostAndPort parsed =
        request.version() == HttpVersion.HTTP_2 ? HostAndPort.parseAuthority(authority, -1) : null;
    if (parsed == null) {
      request.headers().set(HttpHeaderNames.HOST, authority);
    } else {
      request.authority(parsed);
    }
  }

  /**
   * The caller's side of the body broke off before there was an answer. When it is the endpoint's
   * side that failed, the answer's future tells so; it may still bring an early answer.
   */
  private void bodyFailed(Throwable cause) {
    if (cause instanceof ProxyFailure known) {
      end(known);
    }
  }

  private void upgrade(HttpClientRequest request) {
    request.headers().set(HttpHeaderNames.CONNECTION, "Upgrade");
    request.headers().set(HttpHeaderNames.UPGRADE, "websocket");
    request.connect().onComplete(head -> head(head.succeeded(), head.result(), head.cause()));
  }

  private void head(boolean arrived, @Nullable HttpClientResponse head, @Nullable Throwable cause) {
    if (over) {
      return;
    }
    if (!arrived || head == null) {
      fail(mapped(cause));
      return;
    }
    head.pause();
    int status = head.statusCode();
    if (status < 200 && !(status == 101 && exchange.request().upgrade())) {
      end(failure(Cause.UPSTREAM_PROTOCOL, "status " + status + " where an answer was due"));
      return;
    }
    heard(head);
    over = true;
    response =
        new UpstreamResponse(
            head, endpoint.address(), this::once, this::settled, this::reset, this::reading);
    if (lease != null && !http2) {
      lease.lastReading(response::lastReading, status == 101);
    }
    answer.complete(response);
  }

  private void heard(HttpClientResponse head) {
    if (lease == null) {
      return;
    }
    if (http2) {
      lease.answered();
    } else if (!lease.reused()) {
      lease.announced(head.getHeader(KEEP_ALIVE));
    }
  }

  private void reading(boolean wanted) {
    if (lease != null && !http2) {
      InterimAnswers.context(lease.connection()).channel().config().setAutoRead(wanted);
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
      if (lease != null && !http2 && !exchange.request().upgrade()) {
        Closing.now(InterimAnswers.context(lease.connection()).channel());
      }
    }
  }

  /**
   * The attempt is not wanted any more; its exchange may go on with another. One that still waits
   * for a connection never reached its endpoint.
   */
  void giveUp() {
    end(
        lease == null
            ? failure(Cause.CONNECT_TIMEOUT, "no connection in the time of one try")
            : failure(Cause.PER_TRY_TIMEOUT, "given up"));
  }

  private void cancelled(ProxyFailure cause) {
    if (response != null) {
      response.abort(cause);
    } else {
      end(cause);
    }
  }

  private void end(ProxyFailure cause) {
    if (over) {
      return;
    }
    over = true; // first: what the reset brings about must not be taken for the cause
    if (wait != null && pool.forget(wait)) {
      exchange.crowdOut();
    }
    reset();
    if (lease != null && requestEnded && SILENCE.contains(cause.reason())) {
      lease.silent();
    }
    settle(cause);
  }

  private void fail(Throwable cause) {
    if (!over) {
      over = true;
      settle(cause instanceof ProxyFailure known ? known : mapped(cause));
    }
  }

  private void settle(ProxyFailure cause) {
    unregister.run();
    give(false);
    answer.fail(cause);
  }

  private ProxyFailure failure(Cause cause, String why) {
    return new ProxyFailure(cause, "endpoint " + endpoint.address() + ": " + why);
  }

  private ProxyFailure mapped(@Nullable Throwable cause) {
    if (cause instanceof StreamResetException reset) {
      return failure(
          reset.getCode() == REFUSED ? Cause.REFUSED_STREAM : Cause.UPSTREAM_RESET,
          "the stream was reset with code " + reset.getCode());
    }
    if (neverTaken()) {
      return failure(Cause.REFUSED_STREAM, "it went away before it took the request");
    }
    return broken(cause, lease != null && lease.reused());
  }

  private ProxyFailure broken(@Nullable Throwable cause, boolean reused) {
    if (cause instanceof SSLException && !reused && PeerFault.alerted(cause)) {
      return failure(Cause.UPSTREAM_TLS, "it refused: " + cause.getMessage()); // TLS 1.3: late
    }
    if (cause instanceof HttpClosedException || cause instanceof IOException) {
      return ended(reused);
    }
    if (reused && !http2) {
      return failure(
          Cause.UPSTREAM_RESET, "what came on the kept connection was no answer of this request");
    }
    String text = cause == null ? "no answer" : String.valueOf(cause.getMessage());
    return failure(Cause.UPSTREAM_PROTOCOL, text);
  }

  private ProxyFailure ended(boolean reused) {
    String told = (reused ? "the kept" : "the new") + " connection ended before an answer";
    return once(
        lease != null && lease.excused()
            ? ProxyFailure.keptConnectionEnded("endpoint " + endpoint.address() + ": " + told)
            : failure(Cause.UPSTREAM_RESET, told));
  }

  /** The end of a connection speaks against its endpoint once, however many were on it. */
  private ProxyFailure once(ProxyFailure ended) {
    return lease == null || lease.tellsOfEnd() ? ended : ended.amongOthers();
  }

  private boolean neverTaken() {
    return lease != null && stream != null && http2 && !lease.mayHaveTaken(stream);
  }
}
