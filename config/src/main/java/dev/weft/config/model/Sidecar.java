package dev.weft.config.model;

import java.util.Map;
import java.util.Optional;

/**
 * What a sidecar does with connections to what the mesh does not know.
 *
 * <p>Source: Istio networking/v1 {@code Sidecar}, of which only {@code outboundTrafficPolicy} is
 * honoured.
 *
 * @param selector empty for the whole namespace, or for the mesh in the root namespace
 * @param outbound empty where it does not say
 */
public record Sidecar(Meta meta, Map<String, String> selector, Optional<Unknown> outbound) {

  public Sidecar {
    selector = Map.copyOf(selector);
  }

  /** What becomes of a connection to where no service is known. */
  public enum Unknown {
    /** It goes there. */
    ALLOW_ANY,
    /** It is refused. */
    REGISTRY_ONLY
  }
}
