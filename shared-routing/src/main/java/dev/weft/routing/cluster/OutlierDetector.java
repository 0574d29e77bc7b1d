package dev.weft.routing.cluster;

import dev.weft.config.model.TrafficPolicy.OutlierDetection;
import dev.weft.config.model.balance.SuccessRate;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * Leaves endpoints out that fail again and again, for a time that grows with each ejection. Whoever
 * comes back is tried by one attempt, and its failure ejects it again at once. Any thread may
 * enter; counters are atomic, an ejection is decided under no lock and may at worst exceed the
 * share by the endpoints that fail in the same microsecond.
 *
 * <p>Source: Istio {@code OutlierDetection}, Envoy's consecutive and success rate detectors. As
 * Envoy does, one endpoint may be ejected whatever the share, but never the only one.
 */
final class OutlierDetector {

  private static final Duration LONGEST = Duration.ofMinutes(5);
  private static final Set<Cause> LOCAL =
      Set.of(
          Cause.CONNECT_REFUSED,
          Cause.CONNECT_TIMEOUT,
          Cause.NAME_UNRESOLVED,
          Cause.REFUSED_STREAM,
          Cause.UPSTREAM_TLS,
          Cause.UPSTREAM_IDENTITY,
          Cause.UPSTREAM_RESET,
          Cause.UPSTREAM_PROTOCOL,
          Cause.UPSTREAM_TRUNCATED,
          Cause.PER_TRY_TIMEOUT,
          Cause.UPSTREAM_TIMEOUT,
          Cause.CALLER_DEADLINE);

  private final OutlierDetection settings;
  private final BiConsumer<Endpoint, Boolean> transition;
  private volatile long forgaveAt;

  /**
   * @param transition hears of an endpoint whether it was ejected (true) or is back (false)
   */
  OutlierDetector(OutlierDetection settings, BiConsumer<Endpoint, Boolean> transition) {
    this.settings = settings;
    this.transition = transition;
  }

  void answered(Endpoint endpoint, int status, List<Endpoint> all, long now) {
    EndpointHealth health = endpoint.health();
    health.consecutiveLocal.set(0);
    boolean failure =
        settings.errorCodes().isEmpty() ? status >= 500 : settings.errorCodes().contains(status);
    count(health, !failure);
    boolean out = failure && health.onProbation();
    if (!failure) {
      health.acquit();
    }
    int fives = failure ? health.consecutive5xx.incrementAndGet() : reset(health);
    out |= reached(fives, settings.consecutive5xx());
    out |= reached(gateways(health, status), settings.consecutiveGatewayErrors());
    if (out) {
      eject(endpoint, all, now);
    }
  }

  private void count(EndpointHealth health, boolean well) {
    if (settings.successRate().isPresent()) {
      health.count(well);
    }
  }

  private static int gateways(EndpointHealth health, int status) {
    if (status >= 502 && status <= 504) {
      return health.consecutiveGateway.incrementAndGet();
    }
    health.consecutiveGateway.set(0);
    return 0;
  }

  private static int reset(EndpointHealth health) {
    if (health.consecutive5xx.get() != 0) {
      health.consecutive5xx.set(0);
    }
    return 0;
  }

  private static boolean reached(int count, int limit) {
    return limit > 0 && count >= limit;
  }

  void failed(Endpoint endpoint, Cause cause, List<Endpoint> all, long now) {
    if (!LOCAL.contains(cause)) {
      return;
    }
    EndpointHealth health = endpoint.health();
    count(health, false);
    boolean out = health.onProbation();
    if (settings.splitLocalOrigin()) {
      int locals = health.consecutiveLocal.incrementAndGet();
      out |= reached(locals, settings.consecutiveLocalOriginFailures());
    } else {
      int fives = health.consecutive5xx.incrementAndGet();
      int gateways = health.consecutiveGateway.incrementAndGet();
      out |=
          reached(fives, settings.consecutive5xx())
              || reached(gateways, settings.consecutiveGatewayErrors());
    }
    if (out) {
      eject(endpoint, all, now);
    }
  }

  private void eject(Endpoint endpoint, List<Endpoint> all, long now) {
    if (endpoint.health().ejected(now) || all.size() < 2) {
      return;
    }
    long out = all.stream().filter(other -> other.health().ejected(now)).count();
    boolean room = (out + 1) * 100 <= (long) all.size() * settings.maxEjectionPercent();
    if (!room && (out > 0 || settings.maxEjectionPercent() == 0)) {
      return;
    }
    int times = endpoint.health().ejections() + 1;
    Duration time = settings.baseEjectionTime().multipliedBy(times);
    Duration bounded = time.compareTo(LONGEST) > 0 ? LONGEST : time;
    endpoint.health().eject(now + bounded.toNanos());
    transition.accept(endpoint, true);
  }

  /** Whether so few are well that ejections and failed checks must not count. */
  boolean panic(List<Endpoint> all, long now) {
    if (settings.minHealthPercent() == 0) {
      return false;
    }
    long well = all.stream().filter(endpoint -> endpoint.health().available(now)).count();
    return well * 100 < (long) all.size() * settings.minHealthPercent();
  }

  /**
   * Takes back those whose time is over; to be called about once a second. Once an interval a
   * healthy one is forgiven one of its ejections.
   */
  void sweep(List<Endpoint> all, long now) {
    boolean forgiving = now - forgaveAt >= settings.interval().toNanos();
    if (forgiving) {
      forgaveAt = now;
      settings.successRate().ifPresent(wanted -> compare(wanted, all, now));
    }
    for (Endpoint endpoint : all) {
      if (endpoint.health().dueBack(now)) {
        endpoint.health().readmit(now);
        transition.accept(endpoint, false);
      } else if (forgiving && !endpoint.health().ejected(now)) {
        endpoint.health().forgive();
      }
    }
  }

  /** Leaves out who succeeded far less often than the others since the last look. */
  private void compare(SuccessRate wanted, List<Endpoint> all, long now) {
    Map<Endpoint, Double> rates = new HashMap<>();
    for (Endpoint endpoint : all) {
      OptionalDouble rate = endpoint.health().successes(wanted.requests());
      if (rate.isPresent() && !endpoint.health().ejected(now)) {
        rates.put(endpoint, rate.getAsDouble());
      }
    }
    if (rates.size() < wanted.hosts()) {
      return;
    }
    double mean = rates.values().stream().mapToDouble(rate -> rate).average().orElse(1);
    double variance =
        rates.values().stream().mapToDouble(rate -> (rate - mean) * (rate - mean)).sum()
            / rates.size();
    double least = mean - wanted.factor() / 1000.0 * Math.sqrt(variance);
    for (Endpoint endpoint : all) {
      if (rates.getOrDefault(endpoint, 1.0) < least) {
        eject(endpoint, all, now);
      }
    }
  }
}
