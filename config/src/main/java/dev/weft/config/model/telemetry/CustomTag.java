package dev.weft.config.model.telemetry;

/**
 * An attribute that configuration adds to spans.
 *
 * <p>Source: Istio telemetry/v1 {@code Tracing.CustomTag}.
 *
 * @param name of the attribute
 * @param source where its value comes from
 * @param key the value itself of {@link Source#LITERAL}, the name of the variable or header
 *     otherwise; names of headers in lower case
 * @param absent the value where there is no such variable or header; empty for no attribute then
 */
public record CustomTag(String name, Source source, String key, String absent) {

  /** Where a value comes from. */
  public enum Source {
    LITERAL,
    /** A variable of the proxy's environment. */
    ENVIRONMENT,
    /** A header of the request, as its caller sent it. */
    HEADER
  }
}
