package dev.weft.routing.cluster;

import dev.weft.config.model.TrafficPolicy;
import dev.weft.config.model.TrafficPolicy.ConnectionPool;
import dev.weft.config.model.TrafficPolicy.ConnectionPool.H2Upgrade;
import dev.weft.config.model.TrafficPolicy.ConsistentHash;
import dev.weft.config.model.TrafficPolicy.HashKey;
import dev.weft.config.model.TrafficPolicy.HashTable;
import dev.weft.config.model.TrafficPolicy.LoadBalancer;
import dev.weft.config.model.TrafficPolicy.LoadBalancer.Simple;
import dev.weft.config.model.TrafficPolicy.Warmup;
import dev.weft.config.model.balance.HealthCheck;
import dev.weft.config.model.balance.LocalityPolicy;
import dev.weft.routing.cluster.balance.Localities;
import dev.weft.routing.cluster.balance.Localities.Group;
import dev.weft.routing.cluster.balance.Vantage;
import dev.weft.routing.exchange.ClusterName;
import java.util.List;
import java.util.Optional;

/**
 * What configuration says about a cluster.
 *
 * @param policy of the DestinationRule, its subset and port already applied
 * @param healthCheck how endpoints are asked whether they are well
 * @param vantage where this proxy stands
 * @param headless whether callers choose among its instances themselves
 */
public record UpstreamSettings(
    ClusterName name,
    TrafficPolicy policy,
    HttpChoice http,
    Optional<HealthCheck> healthCheck,
    Vantage vantage,
    boolean headless) {

  /** Without health checks, from an unknown place. */
  public UpstreamSettings(ClusterName name, TrafficPolicy policy, HttpChoice http) {
    this(name, policy, http, Optional.empty(), Vantage.UNKNOWN, false);
  }

  /** Whether an instance that a caller chose by its address is the one that it gets. */
  boolean asMeant() {
    return headless
        || policy
            .loadBalancer()
            .filter(wanted -> wanted.hash().isEmpty() && wanted.simple() == Simple.PASSTHROUGH)
            .isPresent();
  }

  /**
   * Whether an endpoint's service is asked in HTTP/2 whatever its caller speaks: it says so, or a
   * DestinationRule does. A proxy before it may speak something else with it.
   */
  public boolean speaksHttp2(UpstreamTls tls) {
    return http == HttpChoice.HTTP_2
        || (!(tls instanceof UpstreamTls.Mesh)
            && connectionPool().h2Upgrade() == H2Upgrade.UPGRADE);
  }

  /**
   * Whether requests of HTTP/1.1 travel together over few connections of HTTP/2 to the proxy before
   * an endpoint, and are HTTP/1.1 again behind it: unless a DestinationRule says otherwise, or
   * counts connections, by which it means one for each request.
   */
  public boolean multiplexes(UpstreamTls tls) {
    return tls instanceof UpstreamTls.Mesh && multiplexes(connectionPool());
  }

  private static boolean multiplexes(ConnectionPool pool) {
    return switch (pool.h2Upgrade()) {
      case UPGRADE -> true;
      case DO_NOT_UPGRADE -> false;
      case DEFAULT -> pool.maxConnections().isEmpty() && !pool.useClientProtocol();
    };
  }

  /** Which HTTP goes out. */
  public enum HttpChoice {
    HTTP_1,
    HTTP_2,
    /** As it came in: nothing says what the service speaks. gRPC is always HTTP/2. */
    AS_CLIENT
  }

  /** How endpoints are chosen, in words. */
  public String balancing() {
    LoadBalancer wanted = policy.loadBalancer().orElse(LoadBalancer.DEFAULT);
    if (wanted.hash().isEmpty()) {
      return wanted.simple().name() + wanted.warmup().map(UpstreamSettings::warmup).orElse("");
    }
    ConsistentHash hash = wanted.hash().get();
    String table = hash.table() instanceof HashTable.Maglev ? "Maglev" : "ring hash";
    return table + " of " + key(hash.key());
  }

  private static String warmup(Warmup warmup) {
    return ", warm-up " + warmup.duration().toMillis() + " ms";
  }

  private static String key(HashKey key) {
    if (key instanceof HashKey.Header header) {
      return "header " + header.name();
    }
    if (key instanceof HashKey.Cookie cookie) {
      return "cookie " + cookie.name();
    }
    return key instanceof HashKey.QueryParameter query
        ? "query parameter " + query.name()
        : "the caller's address";
  }

  /** The endpoints in groups, the nearest first. */
  public List<Group> grouped(List<Endpoint> endpoints) {
    return Localities.divided(
        endpoints,
        policy.loadBalancer().flatMap(LoadBalancer::locality).orElse(LocalityPolicy.DEFAULT),
        policy.outlierDetection().isPresent(),
        vantage);
  }

  /** Whether the balancer goes by how long answers take. */
  boolean measures() {
    return policy
        .loadBalancer()
        .filter(wanted -> wanted.hash().isEmpty() && wanted.simple() == Simple.PEAK_EWMA)
        .isPresent();
  }

  public ConnectionPool connectionPool() {
    return policy.connectionPool().orElse(ConnectionPool.DEFAULT);
  }
}
