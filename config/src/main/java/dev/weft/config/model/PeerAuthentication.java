package dev.weft.config.model;

import java.util.Map;

/**
 * Whether a workload takes plaintext.
 *
 * <p>Source: Istio security/v1 {@code PeerAuthentication}; Weft's default is STRICT.
 *
 * @param selector empty for the whole namespace, or for the mesh in the root namespace
 * @param portLevel by the workload's port
 */
public record PeerAuthentication(
    Meta meta, Map<String, String> selector, Mode mode, Map<Integer, Mode> portLevel) {

  public PeerAuthentication {
    selector = Map.copyOf(selector);
    portLevel = Map.copyOf(portLevel);
  }

  /** UNSET inherits. */
  public enum Mode {
    UNSET,
    DISABLE,
    PERMISSIVE,
    STRICT
  }
}
