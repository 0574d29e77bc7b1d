package dev.weft.routing.listener.intercept;

import java.net.SocketAddress;

/** Hears of connections that could not be carried. */
public interface Refused {

  /** Why not. */
  enum Why {
    /** It said nothing in time. */
    SILENT,
    /** It does not begin with a PROXY header. */
    PROXY_HEADER,
    /** It came back to this process. */
    LOOP,
    /** Nothing is known of where it was going, and others are not allowed. */
    UNKNOWN_DESTINATION,
    /** An AuthorizationPolicy says so. */
    DENIED,
    /** No rule of the gateway is for it. */
    NO_ROUTE,
    /** Where it was going nobody takes it. */
    UNREACHABLE,
    /** As many as the service's {@code maxConnections} allows are open. */
    CONNECTION_LIMIT
  }

  /**
   * @param detail what a log line adds
   */
  void refused(SocketAddress peer, Why why, String detail);
}
