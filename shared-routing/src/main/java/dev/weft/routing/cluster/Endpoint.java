package dev.weft.routing.cluster;

import dev.weft.config.model.balance.Locality;
import dev.weft.routing.cluster.balance.Candidate;
import dev.weft.routing.cluster.balance.Latency;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An instance of a service. One object per address for as long as the address stays in the cluster,
 * so that its health outlives changes of configuration. Any thread may enter.
 */
public final class Endpoint implements Candidate {

  private final String host;
  private final int port;
  private final Map<String, String> labels;
  private final Locality locality;
  private volatile int weight;
  private final UpstreamTls tls;
  private final String principal;
  private final String address;
  private final AtomicInteger inFlight = new AtomicInteger();
  private final EndpointHealth health = new EndpointHealth();
  private final AtomicInteger connections = new AtomicInteger();
  private final Latency latency = new Latency();
  private final Optional<Endpoint> picked = Optional.of(this);
  private volatile boolean left;
  private volatile long newSince;
  private volatile boolean young;

  /**
   * @param host an IP address; never a name
   * @param locality {@code region/zone/subzone}, or less of it
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
    this.locality = Locality.parse(locality);
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

  @Override
  public Map<String, String> labels() {
    return labels;
  }

  @Override
  public Locality where() {
    return locality;
  }

  @Override
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
  @Override
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
        && labels.equals(other.labels)
        && locality.equals(other.locality)
        && tls.equals(other.tls);
  }

  /** The same instance at another of its ports, with no state of its own. */
  public Endpoint atPort(int other) {
    return new Endpoint(host, other, labels, locality.toString(), weight, tls);
  }

  /** Takes another weight; tables made before keep the old one. */
  void weight(int wanted) {
    weight = wanted;
  }

  @Override
  public Latency latency() {
    return latency;
  }

  /** This, as a choice; made once, since choices are frequent. */
  Optional<Endpoint> picked() {
    return picked;
  }

  /** It joined those that were there before, or recovered: its share may grow slowly from now. */
  void young(long now) {
    newSince = now;
    young = true;
  }

  void grown() {
    young = false;
  }

  /** Whether it may still have to grow. */
  boolean isNew() {
    return young;
  }

  /** When it was new; counts while {@link #isNew()}. */
  long newSince() {
    return newSince;
  }

  /** Whether it left its cluster: its connections finish what they do and close. */
  public boolean left() {
    return left;
  }

  /** From now on its connections finish what they do and close. */
  public void leave() {
    left = true;
  }

  /** Connections that are open, across all event loops. */
  public AtomicInteger connections() {
    return connections;
  }

  /** Attempts under way, across all event loops. */
  @Override
  public AtomicInteger inFlight() {
    return inFlight;
  }
}
