package dev.weft.config.model;

import dev.weft.config.problem.Place;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * One entry of {@code http[].match}: all that it names must hold.
 *
 * <p>Source: Istio networking/v1 {@code HTTPMatchRequest}.
 *
 * @param name for the access log; empty where there is none
 * @param uri compared with the path without its query
 * @param authority compared with {@code :authority} as sent, with its port
 * @param headers by lower-case name
 * @param withoutHeaders by lower-case name; a header that is absent does not match
 * @param queryParams by name
 * @param port of the listener or destination
 * @param sourceLabels of the calling workload, known when compiling
 * @param sourceNamespace of the calling workload; empty for any
 * @param gateways overrides those of the VirtualService; empty to inherit
 * @param ignoreUriCase concerns exact and prefix only
 */
public record HttpMatch(
    String name,
    Optional<StringMatch> uri,
    Optional<StringMatch> scheme,
    Optional<StringMatch> method,
    Optional<StringMatch> authority,
    Map<String, StringMatch> headers,
    Map<String, StringMatch> withoutHeaders,
    Map<String, StringMatch> queryParams,
    OptionalInt port,
    Map<String, String> sourceLabels,
    String sourceNamespace,
    List<String> gateways,
    boolean ignoreUriCase,
    Place place) {

  /** Keys of {@code headers} and {@code withoutHeaders} that are ignored, as in Istio. */
  public static final Set<String> NO_HEADERS = Set.of("uri", "scheme", "method", "authority");

  public HttpMatch {
    headers = Map.copyOf(headers);
    withoutHeaders = Map.copyOf(withoutHeaders);
    queryParams = Map.copyOf(queryParams);
    sourceLabels = Map.copyOf(sourceLabels);
    gateways = List.copyOf(gateways);
  }

  /** The same of a rule elsewhere. */
  public HttpMatch at(Place other) {
    return new HttpMatch(
        name,
        uri,
        scheme,
        method,
        authority,
        headers,
        withoutHeaders,
        queryParams,
        port,
        sourceLabels,
        sourceNamespace,
        gateways,
        ignoreUriCase,
        other);
  }
}
