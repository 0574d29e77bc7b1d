package dev.weft.routing.verticle;

import dev.weft.routing.exchange.Service;
import dev.weft.routing.listener.ListenerSettings;
import dev.weft.routing.listener.ServerTls;
import java.util.regex.Pattern;

/**
 * A port to be open.
 *
 * @param name what a message calls it, e.g. {@code inbound}
 */
public record Listening(String name, ListenerSettings settings, ServerTls tls, Service service) {

  private static final Pattern SYSTEM_CALL = // how Netty's native transport begins its messages
      Pattern.compile("^[a-z]+\\(\\.\\.\\) failed(?: with error\\(-?\\d+\\))?: ");

  /** A port cannot be opened, which its message tells. */
  public static final class NotOpen extends IllegalStateException {

    private static final long serialVersionUID = 1;

    private NotOpen(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * What a user is told of a port that cannot be opened, in one sentence.
   *
   * @param name of the flag or listener
   */
  public static NotOpen refused(String name, String host, int port, Throwable cause) {
    return new NotOpen(name + " " + closed(host, port, cause), cause);
  }

  /** Why a port is not open, as a sentence goes on after its name. */
  static String closed(String host, int port, Throwable cause) {
    String why = SYSTEM_CALL.matcher(String.valueOf(cause.getMessage())).replaceFirst("");
    String hint =
        why.startsWith("Address already in use")
            ? " (another process has that port; choose another one, or end it)"
            : "";
    return "cannot listen on " + host + ":" + port + ": " + why + hint;
  }
}
