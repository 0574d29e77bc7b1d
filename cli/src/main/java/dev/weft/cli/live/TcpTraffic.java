package dev.weft.cli.live;

import dev.weft.cli.live.Traffic.Edge;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Connections that are not HTTP as proxies' metrics count them, by who called whom. */
final class TcpTraffic {

  private static final String OPENED = "istio_tcp_connections_opened_total";
  private static final String CLOSED = "istio_tcp_connections_closed_total";
  private static final String RECEIVED = "istio_tcp_received_bytes_total";
  private static final String SENT = "istio_tcp_sent_bytes_total";
  private static final Set<String> NAMES = Set.of(OPENED, CLOSED, RECEIVED, SENT);

  private TcpTraffic() {}

  /**
   * Of one edge.
   *
   * @param opened connections that were carried
   * @param closed those of them that are over
   * @param received bytes of callers
   * @param sent bytes to callers
   */
  record Connections(long opened, long closed, long received, long sent) {

    private static Connections of(Series series) {
      long value = (long) series.value();
      return switch (series.name()) {
        case OPENED -> new Connections(value, 0, 0, 0);
        case CLOSED -> new Connections(0, value, 0, 0);
        case RECEIVED -> new Connections(0, 0, value, 0);
        default -> new Connections(0, 0, 0, value);
      };
    }

    private Connections plus(Connections other) {
      return new Connections(
          opened + other.opened,
          closed + other.closed,
          received + other.received,
          sent + other.sent);
    }

    /** Those that are open now. */
    long open() {
      return Math.max(0, opened - closed);
    }
  }

  /** As the text of one proxy's {@code /metrics} tells it. */
  static Map<Edge, Connections> of(String metrics) {
    Map<Edge, Connections> all = new TreeMap<>();
    for (Series series : Series.of(metrics, NAMES)) {
      all.merge(Edge.of(series), Connections.of(series), Connections::plus);
    }
    return all;
  }

  /** Of several proxies together. */
  static Map<Edge, Connections> together(List<Map<Edge, Connections>> several) {
    Map<Edge, Connections> all = new TreeMap<>();
    several.forEach(one -> one.forEach((edge, told) -> all.merge(edge, told, Connections::plus)));
    return all;
  }
}
