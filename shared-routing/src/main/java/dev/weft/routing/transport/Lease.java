package dev.weft.routing.transport;

import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpClientRequest;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The use of a connection for one attempt. */
interface Lease {

  HttpClientConnection connection();

  /** Whether it speaks HTTP/2. */
  boolean multiplexed();

  /**
   * Whether the connection served another attempt before: the peer may have closed it meanwhile.
   */
  boolean reused();

  /**
   * Whether the peer of an HTTP/2 connection may have processed that request: it went out, and no
   * GOAWAY said otherwise. A connection that had no stream for it takes no further requests.
   */
  boolean mayHaveTaken(HttpClientRequest request);

  /**
   * The first answer came.
   *
   * @param header its {@code Keep-Alive}; null where there is none
   */
  void announced(@Nullable String header);

  /**
   * The stream that it was for came only after it had been given back. Vert.x 5.0.12 takes such a
   * one of HTTP/2 to be open as long as the connection is, and has as many fewer others.
   */
  void wasted();

  /** An answer's head came over HTTP/2. */
  void answered();

  /**
   * No answer came in time. A connection of HTTP/2 on which none came to anybody meanwhile takes no
   * further requests: its other side may be gone without a word.
   */
  void silent();

  /**
   * Whether it is no fault of a new connection that this one ended before this attempt's answer: it
   * has brought another one. At most one is excused for each answer, so that what is repeated for
   * it is no storm.
   */
  boolean excused();

  /** Whether no other attempt has told yet that the connection ended; this one has, from now on. */
  boolean tellsOfEnd();

  /** What to tell the peer of this workload: on a connection's first request only. */
  Optional<String> introduction();

  /**
   * Over HTTP/1, has {@code reader} told that the connection ended while what came before can still
   * be read; until it is given back.
   *
   * @param upgraded whether both sides speak as they like from now on
   */
  void lastReading(Runnable reader, boolean upgraded);

  /**
   * Gives it back, once.
   *
   * @param reusable whether request and response both ended cleanly; otherwise an HTTP/1.1
   *     connection is closed
   */
  void release(boolean reusable);
}
