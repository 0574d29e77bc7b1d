package dev.weft.config.model.settings;

import java.time.Duration;

/**
 * What a caller may use of a proxy. A time or number of 0 is no limit, except for the bytes of a
 * head, which always have one.
 *
 * @param headerTimeout from the first byte of a request's head to its last
 * @param requestBodyIdle how long a body may stand still while its answer waits for it
 * @param idleTimeout of a connection on which nothing moves
 * @param streamIdle how long a request and its answer may stand still
 * @param headerBytes of one message's head
 * @param headers of one message, in number
 * @param urlBytes of the request line
 * @param bodyBytes of a request's body
 * @param connections of all listeners together, open at once
 * @param streamsPerConnection of HTTP/2, open at once
 */
public record Limits(
    Duration headerTimeout,
    Duration requestBodyIdle,
    Duration idleTimeout,
    Duration streamIdle,
    int headerBytes,
    int headers,
    int urlBytes,
    long bodyBytes,
    int connections,
    int streamsPerConnection) {

  /** What holds where nothing is said. */
  public static final Limits DEFAULT =
      new Limits(
          Duration.ofSeconds(10),
          Duration.ofSeconds(30),
          Duration.ofHours(1),
          Duration.ofMinutes(5),
          1 << 16,
          100,
          1 << 14,
          0,
          0,
          100);
}
