package dev.weft.config.model.settings.edge;

import java.util.Map;
import java.util.Optional;

/**
 * Headers of answers by which browsers are told to be careful.
 *
 * @param strictTransportSecurity told over TLS only (RFC 6797 section 7.2); empty for none
 * @param others by their names in lower case
 * @param removeServer whether the service's {@code server} and {@code x-powered-by} stay here
 */
public record SecurityHeaders(
    Optional<String> strictTransportSecurity, Map<String, String> others, boolean removeServer) {

  /** Nothing is told. */
  public static final SecurityHeaders NONE = new SecurityHeaders(Optional.empty(), Map.of(), false);

  public SecurityHeaders {
    others = Map.copyOf(others);
  }
}
