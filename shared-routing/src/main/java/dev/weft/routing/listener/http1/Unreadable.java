package dev.weft.routing.listener.http1;

import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;

/** Why a request of HTTP/1 could not be read, as its caller is told. */
public final class Unreadable {

  private Unreadable() {}

  /**
   * The cause. What the caller sent is not repeated.
   *
   * @param result of reading it, a failure
   */
  public static ProxyFailure failure(DecoderResult result) {
    Throwable fault = result.cause();
    if (fault instanceof TooLongHttpLineException) {
      return new ProxyFailure(Cause.URL_TOO_LONG, "its first line is too long");
    }
    return fault instanceof TooLongHttpHeaderException
        ? new ProxyFailure(Cause.TOO_MANY_HEADERS, "its header fields are too large together")
        : new ProxyFailure(Cause.BAD_REQUEST, "it cannot be read as HTTP");
  }
}
