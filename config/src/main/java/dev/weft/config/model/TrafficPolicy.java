package dev.weft.config.model;

import dev.weft.config.model.balance.LocalityPolicy;
import dev.weft.config.model.balance.SuccessRate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How calls to a destination are balanced, limited, secured and cut off. An empty block means the
 * default; a subset's policy replaces block by block, a port's replaces the whole.
 *
 * <p>Source: Istio networking/v1 {@code TrafficPolicy}.
 *
 * @param portLevel by port number
 */
public record TrafficPolicy(
    Optional<LoadBalancer> loadBalancer,
    Optional<ConnectionPool> connectionPool,
    Optional<OutlierDetection> outlierDetection,
    Optional<ClientTls> tls,
    Optional<RetryBudget> retryBudget,
    Optional<ProxyProtocol> proxyProtocol,
    Map<Integer, TrafficPolicy> portLevel) {

  /** All defaults. */
  public static final TrafficPolicy NONE =
      new TrafficPolicy(
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Map.of());

  public TrafficPolicy {
    portLevel = Map.copyOf(portLevel);
  }

  /** Without a PROXY header. */
  public TrafficPolicy(
      Optional<LoadBalancer> loadBalancer,
      Optional<ConnectionPool> connectionPool,
      Optional<OutlierDetection> outlierDetection,
      Optional<ClientTls> tls,
      Optional<RetryBudget> retryBudget,
      Map<Integer, TrafficPolicy> portLevel) {
    this(
        loadBalancer,
        connectionPool,
        outlierDetection,
        tls,
        retryBudget,
        Optional.empty(),
        portLevel);
  }

  /** Which version of the PROXY protocol's header a connection that is not HTTP begins with. */
  public enum ProxyProtocol {
    V1,
    V2
  }

  /** This policy with every block that {@code finer} sets taken from there. */
  public TrafficPolicy overriddenBy(TrafficPolicy finer) {
    return new TrafficPolicy(
        finer.loadBalancer.or(() -> loadBalancer),
        finer.connectionPool.or(() -> connectionPool),
        finer.outlierDetection.or(() -> outlierDetection),
        finer.tls.or(() -> tls),
        finer.retryBudget.or(() -> retryBudget),
        finer.proxyProtocol.or(() -> proxyProtocol),
        finer.portLevel.isEmpty() ? portLevel : finer.portLevel);
  }

  /** This policy with another balancer. */
  public TrafficPolicy balancedBy(LoadBalancer balancer) {
    return new TrafficPolicy(
        Optional.of(balancer),
        connectionPool,
        outlierDetection,
        tls,
        retryBudget,
        proxyProtocol,
        portLevel);
  }

  /** What holds for a port: its own entry whole where there is one, else this. */
  public TrafficPolicy forPort(int port) {
    return portLevel.getOrDefault(port, this);
  }

  /** Which endpoint: a simple way, or a hash of something that the request carries. */
  public record LoadBalancer(
      Simple simple,
      Optional<ConsistentHash> hash,
      Optional<Warmup> warmup,
      Optional<LocalityPolicy> locality) {

    /** What holds where nothing is said. */
    public static final LoadBalancer DEFAULT = of(Simple.LEAST_REQUEST);

    /** A simple one, and nothing else. */
    public static LoadBalancer of(Simple simple) {
      return new LoadBalancer(simple, Optional.empty(), Optional.empty(), Optional.empty());
    }

    /** By a hash, and nothing else. */
    public static LoadBalancer of(ConsistentHash hash) {
      return new LoadBalancer(
          Simple.LEAST_REQUEST, Optional.of(hash), Optional.empty(), Optional.empty());
    }

    /** The simple balancers; LEAST_CONN is read as LEAST_REQUEST. */
    public enum Simple {
      LEAST_REQUEST,
      ROUND_ROBIN,
      RANDOM,
      PASSTHROUGH,
      /** Of two by chance the one that answers sooner; ours, by an annotation. */
      PEAK_EWMA
    }
  }

  /** The same key to the same endpoint. */
  public record ConsistentHash(HashKey key, HashTable table) {}

  /** Where the key is; a request without it goes to a random endpoint. */
  public sealed interface HashKey {
    /**
     * @param name in lower case
     */
    record Header(String name) implements HashKey {}

    /**
     * @param ttl present: a cookie is set where there is none; zero for a session cookie
     * @param attributes that a cookie is set with
     */
    record Cookie(
        String name, String path, Optional<Duration> ttl, List<CookieAttribute> attributes)
        implements HashKey {
      public Cookie {
        attributes = List.copyOf(attributes);
      }
    }

    /** A query parameter's first value. */
    record QueryParameter(String name) implements HashKey {}

    /** The caller's address. */
    record SourceIp() implements HashKey {}
  }

  /**
   * E.g. {@code SameSite=Strict}.
   *
   * @param value empty for a bare name such as {@code Secure}
   */
  public record CookieAttribute(String name, String value) {}

  /** The table that spreads keys. */
  public sealed interface HashTable {
    /**
     * @param minimumSize default 1024
     */
    record Ring(long minimumSize) implements HashTable {}

    /**
     * @param size a prime below 5,000,011; default 65537
     */
    record Maglev(int size) implements HashTable {}
  }

  /**
   * A new endpoint's share grows over a time.
   *
   * @param minimumPercent 0 to 100, default 10
   * @param aggression from 1.0, the default, which grows linearly
   */
  public record Warmup(Duration duration, double minimumPercent, double aggression) {}

  /**
   * Limits. An empty number is no limit.
   *
   * @param connectTimeout default 10 s
   * @param tcpIdleTimeout of a connection that is not HTTP; empty for that of the proxy's limits, 1
   *     h
   * @param httpIdleTimeout default 1 h
   */
  public record ConnectionPool(
      OptionalInt maxConnections,
      Duration connectTimeout,
      Optional<Duration> maxConnectionDuration,
      Optional<Duration> tcpIdleTimeout,
      OptionalInt maxPendingRequests,
      OptionalInt maxRequests,
      OptionalInt maxRetries,
      OptionalInt maxRequestsPerConnection,
      Duration httpIdleTimeout,
      H2Upgrade h2Upgrade,
      boolean useClientProtocol,
      OptionalInt maxConcurrentStreams) {

    /** Whether HTTP/1.1 requests go out as HTTP/2. */
    public enum H2Upgrade {
      DEFAULT,
      UPGRADE,
      DO_NOT_UPGRADE
    }

    /** What holds where nothing is said. */
    public static final ConnectionPool DEFAULT =
        new ConnectionPool(
            OptionalInt.empty(),
            Duration.ofSeconds(10),
            Optional.empty(),
            Optional.empty(),
            OptionalInt.empty(),
            OptionalInt.empty(),
            OptionalInt.empty(),
            OptionalInt.empty(),
            Duration.ofHours(1),
            H2Upgrade.DEFAULT,
            false,
            OptionalInt.empty());
  }

  /**
   * When an endpoint is left out for a time.
   *
   * @param consecutive5xx default 5; 0 is off
   * @param consecutiveGatewayErrors default 0, off
   * @param consecutiveLocalOriginFailures default 5; counts with {@code splitLocalOrigin} only
   * @param interval default 10 s
   * @param baseEjectionTime default 30 s, times the number of ejections, at most 300 s
   * @param maxEjectionPercent 0 to 100, default 10
   * @param minHealthPercent 0 to 100, default 0: no panic
   * @param errorCodes what counts as an error; empty for 500 to 599
   * @param successRate whether those that succeed less often than others are left out too
   */
  public record OutlierDetection(
      int consecutive5xx,
      int consecutiveGatewayErrors,
      boolean splitLocalOrigin,
      int consecutiveLocalOriginFailures,
      Duration interval,
      Duration baseEjectionTime,
      int maxEjectionPercent,
      int minHealthPercent,
      List<Integer> errorCodes,
      Optional<SuccessRate> successRate) {
    public OutlierDetection {
      errorCodes = List.copyOf(errorCodes);
    }

    /** The same, and by success rates. */
    public OutlierDetection by(SuccessRate rate) {
      return new OutlierDetection(
          consecutive5xx,
          consecutiveGatewayErrors,
          splitLocalOrigin,
          consecutiveLocalOriginFailures,
          interval,
          baseEjectionTime,
          maxEjectionPercent,
          minHealthPercent,
          errorCodes,
          Optional.of(rate));
    }
  }

  /**
   * How the connection is secured. Without this block it is mTLS inside the mesh, plain outside.
   *
   * @param sni empty to derive it from the host
   * @param subjectAltNames empty to derive them
   * @param caCertificates a file; empty for the system's roots
   * @param caCrl a file of what these revoked; empty for none
   */
  public record ClientTls(
      Mode mode,
      String clientCertificate,
      String privateKey,
      String caCertificates,
      String caCrl,
      String sni,
      List<String> subjectAltNames,
      String credentialName,
      boolean insecureSkipVerify) {

    /** Source: Istio {@code ClientTLSSettings.TLSmode}. */
    public enum Mode {
      DISABLE,
      SIMPLE,
      MUTUAL,
      ISTIO_MUTUAL
    }

    public ClientTls {
      subjectAltNames = List.copyOf(subjectAltNames);
    }
  }

  /**
   * @param percent of active requests, 0 to 100, default 20
   * @param minRetryConcurrency default 3
   */
  public record RetryBudget(double percent, int minRetryConcurrency) {}
}
