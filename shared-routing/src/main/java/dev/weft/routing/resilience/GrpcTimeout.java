package dev.weft.routing.resilience;

import dev.weft.routing.exchange.Request;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpVersion;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * How long the caller of a gRPC waits.
 *
 * <p>Source: "gRPC over HTTP2", {@code grpc-timeout}: up to eight digits and a unit.
 */
public final class GrpcTimeout {

  /** The header's name. */
  public static final CharSequence HEADER = HttpHeaders.createOptimized("grpc-timeout");

  private static final int MOST_DIGITS = 8;
  private static final long MOST = 99_999_999;

  private GrpcTimeout() {}

  /** Whether a request is a call of gRPC. */
  public static boolean appliesTo(Request request) {
    if (request.version() != HttpVersion.HTTP_2) {
      return false;
    }
    String type = request.headers().get(HttpHeaderNames.CONTENT_TYPE);
    return type != null && type.startsWith("application/grpc");
  }

  /** What the caller said; empty where that is nothing, or nothing that makes sense. */
  public static Optional<Duration> of(Request request) {
    if (request.version() != HttpVersion.HTTP_2) {
      return Optional.empty();
    }
    String told = request.headers().get(HEADER);
    return told == null ? Optional.empty() : parsed(told);
  }

  static Optional<Duration> parsed(String told) {
    int digits = told.length() - 1;
    if (digits < 1 || digits > MOST_DIGITS) {
      return Optional.empty();
    }
    long value = 0;
    for (int i = 0; i < digits; i++) {
      char c = told.charAt(i);
      if (c < '0' || c > '9') {
        return Optional.empty();
      }
      value = value * 10 + (c - '0');
    }
    return unit(told.charAt(digits), value);
  }

  private static Optional<Duration> unit(char unit, long value) {
    return switch (unit) {
      case 'H' -> Optional.of(Duration.ofHours(value));
      case 'M' -> Optional.of(Duration.ofMinutes(value));
      case 'S' -> Optional.of(Duration.ofSeconds(value));
      case 'm' -> Optional.of(Duration.ofMillis(value));
      case 'u' -> Optional.of(Duration.ofNanos(TimeUnit.MICROSECONDS.toNanos(value)));
      case 'n' -> Optional.of(Duration.ofNanos(value));
      default -> Optional.empty();
    };
  }

  /** In milliseconds, at least one; in seconds where those are too many. */
  public static String text(long nanos) {
    long millis = Math.max(1, TimeUnit.NANOSECONDS.toMillis(nanos));
    return millis <= MOST
        ? millis + "m"
        : Math.min(MOST, TimeUnit.MILLISECONDS.toSeconds(millis)) + "S";
  }
}
