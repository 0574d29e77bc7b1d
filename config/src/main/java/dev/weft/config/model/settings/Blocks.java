package dev.weft.config.model.settings;

import dev.weft.config.model.TrafficPolicy.RetryBudget;
import dev.weft.config.model.security.ExternalAuthorizer;
import dev.weft.config.model.telemetry.TraceProvider;
import dev.weft.config.model.telemetry.TraceSettings;
import java.util.List;
import java.util.Optional;

/**
 * The blocks of one {@code ProxySettings}; those that it does not write are empty and come from
 * wider ones, or are the default. A block that is written counts as a whole.
 *
 * @param replayBytes of a body, kept for a further attempt
 * @param routes tried from the first to the last, before those of wider settings
 * @param extensionProviders that policies may name, before those of wider settings
 * @param collectors that Telemetry may name, likewise
 * @param lint whether rules that serve are tried against each other
 */
public record Blocks(
    Optional<Limits> limits,
    Optional<PathHandling> path,
    Optional<Overload> overload,
    Optional<Breaker> breaker,
    Optional<RetryBudget> retryBudget,
    Optional<Integer> replayBytes,
    Optional<Edge> edge,
    Optional<Explain> explain,
    Optional<Log> log,
    List<RouteSettings> routes,
    Optional<Redis> redis,
    Optional<Acme> acme,
    List<ExternalAuthorizer> extensionProviders,
    Optional<TraceSettings> tracing,
    List<TraceProvider> collectors,
    Optional<Boolean> lint) {

  /** Nothing is said. */
  public static final Blocks NONE =
      new Blocks(
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          List.of(),
          Optional.empty(),
          Optional.empty(),
          List.of(),
          Optional.empty(),
          List.of(),
          Optional.empty());

  public Blocks {
    routes = List.copyOf(routes);
    extensionProviders = List.copyOf(extensionProviders);
    collectors = collectors == null ? List.of() : List.copyOf(collectors); // of an older proxy
  }
}
