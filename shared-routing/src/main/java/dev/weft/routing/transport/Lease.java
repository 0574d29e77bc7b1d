package dev.weft.routing.transport;

import io.vertx.core.http.HttpClientConnection;

/** The use of a connection for one attempt. */
interface Lease {

  HttpClientConnection connection();

  /**
   * Whether the connection served another attempt before: the peer may have closed it meanwhile.
   */
  boolean reused();

  /**
   * Gives it back, once.
   *
   * @param reusable whether request and response both ended cleanly; otherwise an HTTP/1.1
   *     connection is closed
   */
  void release(boolean reusable);
}
