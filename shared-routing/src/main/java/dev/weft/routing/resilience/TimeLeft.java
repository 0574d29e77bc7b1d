package dev.weft.routing.resilience;

import dev.weft.routing.exchange.Request;
import io.vertx.core.http.HttpHeaders;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * For how long somebody still waits, which each attempt tells its upstream: nobody need work for
 * longer. Immutable; what is known before a request is made once.
 *
 * <p>Source: Envoy {@code x-envoy-expected-rq-timeout-ms}; "gRPC over HTTP2", {@code grpc-timeout}.
 */
public final class TimeLeft {

  private static final CharSequence EXPECTED =
      HttpHeaders.createOptimized("x-envoy-expected-rq-timeout-ms");

  private final long nanos;
  private final String millis;

  /**
   * @param nanos from 0; told as a millisecond at least
   */
  public TimeLeft(long nanos) {
    this.nanos = nanos;
    this.millis = Long.toString(Math.max(1, TimeUnit.NANOSECONDS.toMillis(nanos)));
  }

  public static TimeLeft of(Duration time) {
    return new TimeLeft(time.toNanos());
  }

  public long nanos() {
    return nanos;
  }

  /** Sets the headers of a request that goes to an upstream. */
  public void tell(Request request) {
    request.headers().set(EXPECTED, millis);
    if (GrpcTimeout.appliesTo(request)) {
      request.headers().set(GrpcTimeout.HEADER, GrpcTimeout.text(nanos));
    }
  }
}
