package dev.weft.routing.listener.intercept;

import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.resilience.ConnectionLimits;
import dev.weft.routing.resilience.OwnConnections;
import dev.weft.routing.snapshot.EdgeIndex;
import dev.weft.routing.telemetry.rule.RuleCounts;
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
    TcpTls tls,
    ConnectionLimits limits,
    Counted counted,
    ConnectionLog log,
    OwnConnections passed) {

  /** No connection was opened so far. */
  public static Carriage of(
      TcpTls tls, ConnectionLimits limits, Counted counted, ConnectionLog log) {
    return new Carriage(tls, limits, counted, log, OwnConnections.byTheirOrigin());
  }

  /**
   * What is counted.
   *
   * @param signals of who calls whom
   * @param rules that say where connections go
   */
  public record Counted(TcpSignals signals, EdgeIndex index, RuleCounts rules) {

    /**
     * The counters of a connection.
     *
     * @param endpoint labels of the one that it reached
     * @param principal of the other side, {@code unknown} where nothing is proved
     * @param arrived whether it arrived encrypted
     */
    Counts edge(
        ClusterName cluster, Map<String, String> endpoint, String principal, boolean arrived) {
      return signals.edge(index.edge(cluster, endpoint, principal, arrived));
    }
  }
}
