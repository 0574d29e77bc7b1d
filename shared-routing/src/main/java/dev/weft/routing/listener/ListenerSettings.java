package dev.weft.routing.listener;

import dev.weft.config.model.settings.Edge;
import dev.weft.config.model.settings.Limits;
import dev.weft.config.model.settings.PathHandling.Normalize;
import dev.weft.config.model.settings.Settings;
import dev.weft.routing.listener.gate.Gate;
import dev.weft.routing.listener.intercept.Interception;
import java.time.Duration;
import java.util.Optional;

/**
 * Where a listener listens and for whom.
 *
 * @param port 0 for a free one
 * @param headerBytes of one message's head, then 431
 * @param headers fields of one request's head, then 431; 0 for no limit
 * @param urlBytes of the request line, then 414
 * @param replayBytes of a body that are kept for a further attempt
 * @param connections of all listeners together, open at once; 0 for no limit
 * @param edge whom it believes what, a PROXY header apart; nobody anything inside the mesh
 * @param path what is made of a path before it is looked at
 * @param idleTimeout of a connection on which nothing moves; zero for no limit
 * @param firstBytes how long a connection may be silent at first
 * @param headerTimeout from the first byte of a request's head to its last, then 408
 * @param requestBodyIdle how long a body may stand still while its answer waits for it, then 408
 * @param streamIdle how long a request and its answer may stand still, then 504 or a cut
 * @param interception what is done with connections that were redirected; empty where none are
 * @param gate what is done with connections to a gateway that are not HTTP; empty where all are
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
    int connections,
    Edge edge,
    Normalize path,
    Duration idleTimeout,
    Duration firstBytes,
    Duration headerTimeout,
    Duration requestBodyIdle,
    Duration streamIdle,
    Optional<Interception> interception,
    Optional<Gate> gate) {

  /** Who calls here, and so which of a request's claims are believed. */
  public enum Role {
    /** Anybody: nothing that a caller says about its identity or address is believed. */
    EDGE,
    /** Other proxies of the mesh, over mTLS. */
    MESH_INBOUND,
    /** The own application. */
    MESH_OUTBOUND
  }

  private static final Duration FIRST_BYTES = Duration.ofSeconds(10);
  private static final Duration UNLIMITED = Duration.ofDays(36_500);

  /** With the limits of {@code ProxySettings} where nothing is said. */
  public static ListenerSettings of(String host, int port, Role role) {
    return of(host, port, role, Settings.DEFAULT);
  }

  /** With what {@code settings} say. */
  public static ListenerSettings of(String host, int port, Role role, Settings settings) {
    Limits limits = settings.limits();
    int streams = limits.streamsPerConnection();
    return new ListenerSettings(
        host,
        port,
        role,
        limits.headerBytes(),
        limits.headers(),
        limits.urlBytes(),
        settings.replayBytes(),
        streams == 0 ? Integer.MAX_VALUE : streams,
        limits.connections(),
        role == Role.EDGE ? settings.edge().afterHeader() : Edge.DEFAULT,
        settings.path().normalize(),
        limits.idleTimeout(),
        FIRST_BYTES,
        limited(limits.headerTimeout()),
        limited(limits.requestBodyIdle()),
        limited(limits.streamIdle()),
        Optional.empty(),
        Optional.empty());
  }

  /** The same for connections that are redirected. */
  public ListenerSettings intercepting(Interception how) {
    return with(Optional.of(how), Optional.empty());
  }

  /** The same for a gateway's port, which may carry what is not HTTP. */
  public ListenerSettings behind(Gate which) {
    return with(Optional.empty(), Optional.of(which));
  }

  private ListenerSettings with(Optional<Interception> how, Optional<Gate> which) {
    return new ListenerSettings(
        host,
        port,
        role,
        headerBytes,
        headers,
        urlBytes,
        replayBytes,
        streamsPerConnection,
        connections,
        edge,
        path,
        idleTimeout,
        firstBytes,
        headerTimeout,
        requestBodyIdle,
        streamIdle,
        how,
        which);
  }

  private static Duration limited(Duration time) {
    return time.isZero() ? UNLIMITED : time;
  }
}
