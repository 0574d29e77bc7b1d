package dev.weft.routing.cluster;

import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An instance of a service. One object per address for as long as the address stays in the cluster,
 * so that its health outlives changes of configuration. Any thread may enter.
 */
public final class Endpoint {

  private final String host;
  private final int port;
  private final Map<String, String> labels;
  private final String locality;
  private final int weight;
  private final UpstreamTls tls;
  private final String principal;
  private final String address;
  private final AtomicInteger inFlight = new AtomicInteger();
  private final EndpointHealth health = new EndpointHealth();
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicInteger waiting = new AtomicInteger();
  private volatile boolean left;

  /**
   * @param host an IP address; never a name
   * @param weight from 1
   */
  public Endpoint(
      String host,
      int port,
      Map<String, String> labels,
      String locality,
      int weight,
      UpstreamTls tls) {
    this.host = host;
    this.port = port;
    this.labels = Map.copyOf(labels);
    this.locality = locality;
    this.weight = weight;
    this.tls = tls;
    this.principal =
        tls instanceof UpstreamTls.Mesh mesh && mesh.expected().size() == 1
            ? mesh.expected().iterator().next()
            : "unknown";
    this.address = host.indexOf(':') < 0 ? host + ":" + port : "[" + host + "]:" + port;
  }

  public String host() {
    return host;
  }

  public int port() {
    return port;
  }

  public Map<String, String> labels() {
    return labels;
  }

  public String locality() {
    return locality;
  }

  public int weight() {
    return weight;
  }

  public UpstreamTls tls() {
    return tls;
  }

  /** The SPIFFE id that it must prove; {@code unknown} where that is none, or one of several. */
  public String principal() {
    return principal;
  }

  /** {@code host:port}, an IPv6 host in brackets. */
  public String address() {
    return address;
  }

  /** How it fared lately. */
  public EndpointHealth health() {
    return health;
  }

  /** Whether {@code other} is the same instance, so that its health may live on. */
  boolean sameAs(Endpoint other) {
    return address.equals(other.address)
        && weight == other.weight
        && labels.equals(other.labels)
        && locality.equals(other.locality)
        && tls.equals(other.tls);
  }

  /** Whether it left its cluster: its connections finish what they do and close. */
  public boolean left() {
    return left;
  }

  void leave() {
    left = true;
  }

  /** Connections that are open, across all event loops. */
  public AtomicInteger connections() {
    return connections;
  }

  /** Attempts that wait for a connection, across all event loops. */
  public AtomicInteger waiting() {
    return waiting;
  }

  /** Attempts under way, across all event loops. */
  public AtomicInteger inFlight() {
    return inFlight;
  }
}
