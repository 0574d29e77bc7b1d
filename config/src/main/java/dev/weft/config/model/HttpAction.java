package dev.weft.config.model;

import dev.weft.config.problem.Place;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** What a rule does with a request that it matched. */
public sealed interface HttpAction {

  /**
   * Sends it to one of some destinations.
   *
   * @param destinations at least 1; with several, their weights add up to 1 to 1,000,000
   */
  record Route(List<WeightedDestination> destinations) implements HttpAction {
    public Route {
      destinations = List.copyOf(destinations);
    }
  }

  /**
   * A destination and its part of the traffic.
   *
   * @param weight 0 to 1,000,000; with one destination it does not count
   * @param headers applied after those of the rule
   */
  record WeightedDestination(
      Destination destination, int weight, HeaderEdits headers, Place place) {}

  /**
   * A service, or a part of it.
   *
   * @param host full name in lower case
   * @param subset empty for the whole service
   * @param port empty where the service has only one
   */
  record Destination(String host, String subset, OptionalInt port, Place place) {}

  /**
   * Answers with a Location.
   *
   * @param uri the full path, xor {@code prefixRewrite}
   * @param prefixRewrite replaces the matched prefix
   * @param port of the Location; {@code derivePort: FROM_REQUEST_PORT} is {@code portFromRequest}
   * @param code 301, 302, 303, 307 or 308
   */
  record Redirect(
      Optional<String> uri,
      Optional<String> prefixRewrite,
      Optional<String> authority,
      Optional<String> scheme,
      OptionalInt port,
      boolean portFromRequest,
      int code)
      implements HttpAction {}

  /**
   * Answers by itself.
   *
   * @param status 200 to 599
   * @param body decoded; at most 1 MiB
   */
  record DirectResponse(int status, Body body) implements HttpAction {}

  /** Bytes that cannot be changed. */
  final class Body {
    private final byte[] bytes;

    public Body(byte[] bytes) {
      this.bytes = bytes.clone();
    }

    public byte[] bytes() {
      return bytes.clone();
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Body body && Arrays.equals(bytes, body.bytes);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
      return bytes.length + " bytes";
    }
  }

  /** Goes on in another VirtualService; merged away by the loader, so that no engine sees one. */
  record Delegate(String namespace, String name) implements HttpAction {}
}
