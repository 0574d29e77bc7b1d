package dev.weft.config.model.settings;

/**
 * Whom a gateway believes.
 *
 * @param trustedProxies how many proxies in front of it may name the caller in {@code
 *     x-forwarded-for}
 */
public record Edge(int trustedProxies, ForwardClientCert forwardClientCert) {

  /** What holds where nothing is said: nobody is believed. */
  public static final Edge DEFAULT = new Edge(0, ForwardClientCert.SANITIZE);

  /**
   * What becomes of {@code x-forwarded-client-cert}. Source: Istio {@code
   * ForwardClientCertDetails}.
   */
  public enum ForwardClientCert {
    /** Nothing of it goes on. */
    SANITIZE,
    /** What came goes on, where the connection was of mutual TLS. */
    FORWARD_ONLY,
    /** The caller's certificate is added, where the connection was of mutual TLS. */
    APPEND_FORWARD,
    /** The caller's certificate stands in its place. */
    SANITIZE_SET,
    /** What came goes on, whoever sent it. */
    ALWAYS_FORWARD_ONLY
  }
}
