package dev.weft.routing.listener;

import java.time.Duration;

/**
 * Where a listener listens and for whom.
 *
 * @param port 0 for a free one
 * @param headerBytes of one message's head, then 431
 * @param headers fields of one request's head, then 431; 0 for no limit
 * @param urlBytes of the request line, then 414
 * @param replayBytes of a body that are kept for a further attempt
 * @param idleTimeout of a connection on which nothing moves
 * @param firstBytes how long a connection may be silent at first
 * @param headerTimeout from the first byte of a request's head to its last, then 408
 * @param requestBodyIdle how long a body may stand still while its answer waits for it, then 408
 * @param streamIdle how long a request and its answer may stand still, then 504 or a cut
 */
public record ListenerSettings(
    String host,
    int port,
    Role role,
    int headerBytes,
    int headers,
    int urlBytes,
    int replayBytes,
    int streamsPerConnection,
    Duration idleTimeout,
    Duration firstBytes,
    Duration headerTimeout,
    Duration requestBodyIdle,
    Duration streamIdle) {

  /** Who calls here, and so which of a request's claims are believed. */
  public enum Role {
    /** Anybody: nothing that a caller says about its identity or address is believed. */
    EDGE,
    /** Other proxies of the mesh, over mTLS. */
    MESH_INBOUND,
    /** The own application. */
    MESH_OUTBOUND
  }

  /** With the limits of {@code ProxySettings} where nothing is said. */
  public static ListenerSettings of(String host, int port, Role role) {
    return new ListenerSettings(
        host,
        port,
        role,
        1 << 16,
        100,
        1 << 14,
        1 << 16,
        100,
        Duration.ofHours(1),
        Duration.ofSeconds(10),
        Duration.ofSeconds(10),
        Duration.ofSeconds(30),
        Duration.ofMinutes(5));
  }
}
