package dev.weft.config.model;

import dev.weft.config.model.HttpAction.Destination;
import dev.weft.config.problem.Place;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * One rule of {@code http[]}.
 *
 * <p>Source: Istio networking/v1 {@code HTTPRoute}.
 *
 * @param name empty where there is none
 * @param matches any of them; empty matches all
 * @param timeout of the whole exchange with its retries; empty for none
 * @param retries empty for the default of the mesh
 * @param mirrors copies whose answers are dropped
 */
public record HttpRoute(
    String name,
    List<HttpMatch> matches,
    HttpAction action,
    Optional<Rewrite> rewrite,
    HeaderEdits headers,
    Optional<Duration> timeout,
    Optional<Retries> retries,
    Optional<Fault> fault,
    List<Mirror> mirrors,
    Optional<CorsPolicy> cors,
    Place place) {

  public HttpRoute {
    matches = List.copyOf(matches);
    mirrors = List.copyOf(mirrors);
  }

  /**
   * Changes to path and authority; {@code uri} xor {@code regex}.
   *
   * @param uri replaces the matched prefix (prefix match) or the whole path
   */
  public record Rewrite(
      Optional<String> uri, Optional<RegexRewrite> regex, Optional<String> authority) {}

  /**
   * @param match RE2, known to compile
   * @param rewrite with {@code \1} groups
   */
  public record RegexRewrite(String match, String rewrite) {}

  /**
   * @param attempts further tries, 0 to switch off
   * @param perTryTimeout empty for none
   * @param retryOn Envoy's condition names
   * @param statusCodes the numbers of {@code retryOn}
   * @param backoff base of the exponential back-off, default 25 ms
   */
  public record Retries(
      int attempts,
      Optional<Duration> perTryTimeout,
      List<String> retryOn,
      List<Integer> statusCodes,
      Duration backoff,
      boolean ignorePreviousHosts) {
    public Retries {
      retryOn = List.copyOf(retryOn);
      statusCodes = List.copyOf(statusCodes);
    }
  }

  /** Delay and abort, drawn independently. */
  public record Fault(Optional<Delay> delay, Optional<Abort> abort) {}

  /**
   * @param perMillion how many of a million requests wait, 0 to 1,000,000
   */
  public record Delay(Duration fixed, int perMillion) {}

  /**
   * @param httpStatus 200 to 599, xor {@code grpcStatus}
   * @param grpcStatus 0 to 16
   * @param perMillion how many of a million requests are refused, 0 to 1,000,000
   */
  public record Abort(OptionalInt httpStatus, OptionalInt grpcStatus, int perMillion) {}

  /**
   * @param perMillion how many of a million requests are copied, 0 to 1,000,000
   */
  public record Mirror(Destination destination, int perMillion) {}

  /**
   * @param allowOrigins the matched origin is echoed
   * @param maxAge empty for none; whole seconds
   * @param forwardUnmatchedPreflights whether a preflight of another origin goes to the service
   */
  public record CorsPolicy(
      List<StringMatch> allowOrigins,
      List<String> allowMethods,
      List<String> allowHeaders,
      List<String> exposeHeaders,
      Optional<Duration> maxAge,
      boolean allowCredentials,
      boolean forwardUnmatchedPreflights) {
    public CorsPolicy {
      allowOrigins = List.copyOf(allowOrigins);
      allowMethods = List.copyOf(allowMethods);
      allowHeaders = List.copyOf(allowHeaders);
      exposeHeaders = List.copyOf(exposeHeaders);
    }
  }
}
