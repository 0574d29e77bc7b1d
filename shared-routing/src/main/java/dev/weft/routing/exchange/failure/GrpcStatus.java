package dev.weft.routing.exchange.failure;

import dev.weft.routing.exchange.ProxyFailure.Cause;
import java.util.HexFormat;

/**
 * What of gRPC stands for a status of HTTP that a caller of gRPC would not understand.
 *
 * <p>Source: gRPC, "HTTP to gRPC Status Code Mapping".
 */
public final class GrpcStatus {

  /** As calls are denied. */
  public static final int PERMISSION_DENIED = 7;

  private static final int DEADLINE_EXCEEDED = 4;
  private static final int MOST_MESSAGE = 1024; // bytes: it is a header

  private GrpcStatus() {}

  /** With which a proxy answers a call: as its status, but for a deadline that the caller set. */
  public static int of(Cause cause) {
    return cause == Cause.CALLER_DEADLINE ? DEADLINE_EXCEEDED : of(cause.status());
  }

  /** 2, UNKNOWN, where nothing else stands for it. */
  public static int of(int http) {
    return switch (http) {
      case 400 -> 13;
      case 401 -> 16;
      case 403 -> PERMISSION_DENIED;
      case 404 -> 12;
      case 429, 502, 503, 504 -> 14;
      default -> 2;
    };
  }

  /**
   * What {@code grpc-message} says: visible ASCII as it is, all else percent-encoded, a long text
   * cut.
   *
   * <p>Source: gRPC over HTTP/2, {@code Percent-Encoded}.
   *
   * @param text in UTF-8
   */
  public static String message(byte[] text) {
    StringBuilder message = new StringBuilder(Math.min(text.length, MOST_MESSAGE));
    for (int i = 0; i < text.length && i < MOST_MESSAGE; i++) {
      byte one = text[i];
      if (one >= ' ' && one <= '~' && one != '%') {
        message.append((char) one);
      } else {
        message.append('%').append(HexFormat.of().withUpperCase().toHexDigits(one));
      }
    }
    return message.toString();
  }
}
