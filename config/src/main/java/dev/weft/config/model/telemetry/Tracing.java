package dev.weft.config.model.telemetry;

import java.util.List;
import java.util.Optional;

/**
 * What one Telemetry says of traces; what it does not say is empty and comes from a wider one.
 *
 * <p>Source: Istio telemetry/v1 {@code Tracing}.
 *
 * @param provider name of the collector
 * @param percent of the requests whose trace begins here that are sampled, 0 to 100
 * @param silent whether nothing is reported all the same
 * @param alone whether the context is not passed on
 * @param istioTags whether Istio's attributes are told too
 * @param tags further attributes; those of the nearest that says some, not all together
 */
public record Tracing(
    Optional<String> provider,
    Optional<Double> percent,
    Optional<Boolean> silent,
    Optional<Boolean> alone,
    Optional<Boolean> istioTags,
    List<CustomTag> tags) {

  /** Of Istio's mesh-wide configuration, in percent. */
  public static final double DEFAULT_PERCENT = 1;

  public Tracing {
    tags = List.copyOf(tags);
  }

  /** This, with what it does not say as {@code wider} says it. */
  Tracing over(Tracing wider) {
    return new Tracing(
        provider.or(() -> wider.provider),
        percent.or(() -> wider.percent),
        silent.or(() -> wider.silent),
        alone.or(() -> wider.alone),
        istioTags.or(() -> wider.istioTags),
        tags.isEmpty() ? wider.tags : tags);
  }
}
