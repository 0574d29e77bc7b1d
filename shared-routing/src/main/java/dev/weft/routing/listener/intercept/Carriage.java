package dev.weft.routing.listener.intercept;

import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.resilience.ConnectionLimits;
import dev.weft.routing.resilience.OwnConnections;
import dev.weft.routing.snapshot.EdgeIndex;
import dev.weft.routing.telemetry.MeshSignals;
import dev.weft.routing.telemetry.tcp.ConnectionLog;
import dev.weft.routing.telemetry.tcp.TcpSignals;
import dev.weft.routing.telemetry.tcp.TcpSignals.Counts;
import dev.weft.routing.transport.tcp.TcpTls;
import java.util.Map;

/**
 * What carrying connections takes, of a whole process.
 *
 * @param tls of those that go to other workloads
 * @param limits of connections by cluster, HTTP's included
 * @param passed connections that the relays of all of a gateway's ports opened
 */
public record Carriage(
    TcpTls tls, ConnectionLimits limits, Edges edges, ConnectionLog log, OwnConnections passed) {

  /**
   * One that tells {@code signals} what it counts, and {@code log} what ended. No connection was
   * opened so far.
   */
  public static Carriage of(
      TcpTls tls,
      ConnectionLimits limits,
      MeshSignals signals,
      EdgeIndex index,
      ConnectionLog log) {
    TcpSignals counted = new TcpSignals(signals);
    return new Carriage(
        tls,
        limits,
        (cluster, endpoint, principal, arrived) ->
            counted.edge(index.edge(cluster, endpoint, principal, arrived)),
        log,
        OwnConnections.byTheirOrigin());
  }

  /** Finds the counters of a connection. */
  public interface Edges {
    /**
     * @param endpoint labels of the one that it reached
     * @param principal of the other side, {@code unknown} where nothing is proved
     * @param arrived whether it arrived encrypted
     */
    Counts of(ClusterName cluster, Map<String, String> endpoint, String principal, boolean arrived);
  }
}
