package dev.weft.config.model.settings;

import dev.weft.config.model.TrafficPolicy;
import dev.weft.config.model.TrafficPolicy.RetryBudget;
import dev.weft.config.model.security.ExternalAuthorizer;
import dev.weft.config.model.security.RequestAuthentication;
import dev.weft.config.model.security.RequestAuthentication.JwtRule;
import dev.weft.config.model.settings.ProxySettings.Reach;
import dev.weft.config.model.telemetry.MetricSettings;
import dev.weft.config.model.telemetry.TraceProvider;
import dev.weft.config.model.telemetry.TraceSettings;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * What holds for one workload, defaults filled in: of each block the nearest that is written; of
 * several that are equally near the oldest.
 *
 * @param replayBytes of a body, kept for a further attempt
 * @param routes in the order in which they are tried
 * @param authorizers that policies may name; of several of one name the first counts
 * @param collectors that Telemetry may name, likewise
 * @param lint whether rules that serve are tried against each other, and what is found is told
 * @param metrics as Telemetry says
 */
public record Settings(
    Limits limits,
    PathHandling path,
    Overload overload,
    Breaker breaker,
    RetryBudget retryBudget,
    int replayBytes,
    Edge edge,
    Explain explain,
    Log log,
    List<RouteSettings> routes,
    Redis redis,
    Acme acme,
    List<ExternalAuthorizer> authorizers,
    TraceSettings tracing,
    List<TraceProvider> collectors,
    boolean lint,
    MetricSettings metrics) {

  /** What holds where nothing is said. */
  public static final Settings DEFAULT =
      new Settings(
          Limits.DEFAULT,
          PathHandling.DEFAULT,
          Overload.DEFAULT,
          Breaker.DEFAULT,
          new RetryBudget(20, 3),
          1 << 16,
          Edge.DEFAULT,
          Explain.DEFAULT,
          Log.DEFAULT,
          List.of(),
          Redis.NONE,
          Acme.NONE,
          List.of(),
          TraceSettings.DEFAULT,
          List.of(),
          true,
          MetricSettings.STANDARD);

  public Settings {
    routes = List.copyOf(routes);
    authorizers = List.copyOf(authorizers);
    collectors = List.copyOf(collectors);
  }

  /**
   * What holds for a workload.
   *
   * @param all the oldest first, as in a {@code MeshConfig}
   */
  public static Settings of(List<ProxySettings> all, String namespace, Map<String, String> labels) {
    Map<Reach, ProxySettings> oldest = new EnumMap<>(Reach.class);
    all.stream()
        .filter(one -> one.holdsFor(namespace, labels))
        .forEach(one -> oldest.putIfAbsent(one.reach(), one));
    List<Blocks> near =
        oldest.entrySet().stream()
            .sorted(Map.Entry.comparingByKey(Comparator.reverseOrder()))
            .map(held -> held.getValue().blocks())
            .toList();
    return near.isEmpty() ? DEFAULT : nearest(near);
  }

  /**
   * The same with another log, which tells nothing of what callers are asked to show.
   *
   * @param tokens that are asked for
   */
  public Settings logging(Log other, List<RequestAuthentication> tokens) {
    List<String> shown = new ArrayList<>();
    Stream.concat(Stream.of(edge.policy()), routes.stream().map(RouteSettings::edge))
        .flatMap(policy -> policy.apiKeys().stream())
        .flatMap(keys -> Stream.concat(keys.header().stream(), keys.query().stream()))
        .forEach(shown::add);
    for (RequestAuthentication one : tokens) {
      for (JwtRule rule : one.rules()) {
        rule.from().headers().forEach(header -> shown.add(header.name()));
        shown.addAll(rule.from().params());
      }
    }
    return with(other.hiding(shown), metrics);
  }

  /** The same with other metrics. */
  public Settings telling(MetricSettings other) {
    return with(log, other);
  }

  private Settings with(Log other, MetricSettings told) {
    return new Settings(
        limits,
        path,
        overload,
        breaker,
        retryBudget,
        replayBytes,
        edge,
        explain,
        other,
        routes,
        redis,
        acme,
        authorizers,
        tracing,
        collectors,
        lint,
        told);
  }

  /** A policy with what it does not say taken from here. */
  public TrafficPolicy completed(TrafficPolicy policy) {
    return policy.retryBudget().isPresent()
        ? policy
        : new TrafficPolicy(
            policy.loadBalancer(),
            policy.connectionPool(),
            policy.outlierDetection(),
            policy.tls(),
            Optional.of(retryBudget),
            policy.proxyProtocol(),
            policy.portLevel());
  }

  private static Settings nearest(List<Blocks> near) {
    List<RouteSettings> routes = new ArrayList<>();
    near.forEach(blocks -> routes.addAll(blocks.routes()));
    List<ExternalAuthorizer> authorizers = new ArrayList<>();
    near.forEach(blocks -> authorizers.addAll(blocks.extensionProviders()));
    List<TraceProvider> collectors = new ArrayList<>();
    near.forEach(blocks -> collectors.addAll(blocks.collectors()));
    return new Settings(
        first(near, Blocks::limits).orElse(DEFAULT.limits),
        first(near, Blocks::path).orElse(DEFAULT.path),
        first(near, Blocks::overload).orElse(DEFAULT.overload),
        first(near, Blocks::breaker).orElse(DEFAULT.breaker),
        first(near, Blocks::retryBudget).orElse(DEFAULT.retryBudget),
        first(near, Blocks::replayBytes).orElse(DEFAULT.replayBytes),
        first(near, Blocks::edge).orElse(DEFAULT.edge),
        first(near, Blocks::explain).orElse(DEFAULT.explain),
        first(near, Blocks::log).orElse(DEFAULT.log),
        routes,
        first(near, Blocks::redis).orElse(DEFAULT.redis),
        first(near, Blocks::acme).orElse(DEFAULT.acme),
        authorizers,
        first(near, Blocks::tracing).orElse(DEFAULT.tracing),
        collectors,
        first(near, Blocks::lint).orElse(DEFAULT.lint),
        DEFAULT.metrics);
  }

  private static <T> Optional<T> first(List<Blocks> near, Function<Blocks, Optional<T>> block) {
    return near.stream().map(block).flatMap(Optional::stream).findFirst();
  }
}
