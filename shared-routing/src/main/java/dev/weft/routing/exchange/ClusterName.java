package dev.weft.routing.exchange;

/**
 * The name of a cluster: some endpoints of a service at one port. What outlives a change of
 * configuration (connections, health, breakers, budgets) is kept under this name.
 *
 * @param direction {@code outbound} to other services, {@code inbound} to the own application
 * @param host full name in lower case
 * @param port of the service
 * @param subset empty for the whole service
 */
public record ClusterName(Direction direction, String host, int port, String subset) {

  /** Which way the calls go, seen from the workload that the proxy stands beside. */
  public enum Direction {
    OUTBOUND("outbound"),
    INBOUND("inbound");

    private final String word;

    Direction(String word) {
      this.word = word;
    }
  }

  public static ClusterName outbound(String host, int port, String subset) {
    return new ClusterName(Direction.OUTBOUND, host, port, subset);
  }

  /** By what remembers its own hash: the maps of an edit ask for tens of thousands. */
  @Override
  public int hashCode() {
    return 31 * (31 * host.hashCode() + subset.hashCode()) + port;
  }

  /** As Envoy and Istio write it: {@code outbound|8080|v1|search.prod.svc.cluster.local}. */
  @Override
  public String toString() {
    return direction.word + "|" + port + "|" + subset + "|" + host;
  }
}
