package dev.weft.config.model.core;

import dev.weft.config.model.Meta;
import java.util.Map;

/**
 * A core/v1 Secret that a {@code credentialName} may mean. Prints nothing of what it holds.
 *
 * @param data text; in base64 what is none, which is that of {@link #OCSP_STAPLE} alone
 */
public record Secret(Meta meta, Map<String, String> data) {

  /** What the authority of {@code tls.crt} says of it. Source: Istio's key of that name. */
  public static final String OCSP_STAPLE = "tls.ocsp-staple";

  /** What the authorities in {@code ca.crt} revoked. Source: Istio's key of that name. */
  public static final String REVOCATIONS = "ca.crl";

  public Secret {
    data = Map.copyOf(data);
  }

  @Override
  public String toString() {
    return "Secret " + meta.qualifiedName() + " [redacted]";
  }
}
