package dev.weft.routing.exchange.failure;

import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;

/** Says why a connection did not come about, or ended, where libraries leave out the reason. */
public final class NetworkWords {

  private static final String NOTHING = "null: "; // before an address, where no reason was given

  private NetworkWords() {}

  /** A sentence without its period, which never is {@code null}. */
  public static String of(Throwable failure) {
    String message = failure.getMessage();
    if (failure instanceof NoRouteToHostException) {
      return noRoute(message == null ? "" : message);
    }
    if (message != null && !message.isBlank()) {
      return failure instanceof UnknownHostException && message.indexOf(' ') < 0
          ? "unknown host: " + message
          : message;
    }
    Throwable cause = failure.getCause();
    if (cause != null && cause != failure) {
      return of(cause);
    }
    return failure instanceof ClosedChannelException
        ? "the connection was closed"
        : "it failed for a reason that is not told";
  }

  /** Linux's epoll gives an address alone, and NIO the same words as these. */
  private static String noRoute(String message) {
    if (message.startsWith(NOTHING)) {
      return "No route to host: " + message.substring(NOTHING.length());
    }
    return message.isBlank() ? "No route to host" : message;
  }
}
