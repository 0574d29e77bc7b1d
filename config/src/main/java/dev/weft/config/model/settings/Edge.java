package dev.weft.config.model.settings;

import dev.weft.config.model.settings.edge.EdgePolicy;

/**
 * Whom a gateway believes, and what it asks of all its callers.
 *
 * @param trustedProxies how many proxies in front of it may name the caller in {@code
 *     x-forwarded-for}; one that speaks by a PROXY header is one of them
 * @param proxyProtocol whether each connection begins with a PROXY header, which names the caller
 * @param forwardClientCert what those behind it are told of certificates
 * @param headersWithUnderscores what becomes of requests with such names of headers
 * @param policy for all rules
 */
public record Edge(
    int trustedProxies,
    boolean proxyProtocol,
    ForwardClientCert forwardClientCert,
    Underscores headersWithUnderscores,
    EdgePolicy policy) {

  /** What holds where nothing is said: nobody is believed what he does not prove. */
  public static final Edge DEFAULT =
      new Edge(
          0, false, ForwardClientCert.SANITIZE_SET, Underscores.REJECT_REQUEST, EdgePolicy.NONE);

  /** The same, of whose trusted proxies the one has spoken that writes the PROXY header. */
  public Edge afterHeader() {
    return proxyProtocol
        ? new Edge(trustedProxies - 1, true, forwardClientCert, headersWithUnderscores, policy)
        : this;
  }

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
    /** The caller's certificate stands in its place, where the connection was of mutual TLS. */
    SANITIZE_SET,
    /** What came goes on, whoever sent it. */
    ALWAYS_FORWARD_ONLY
  }

  /**
   * What becomes of names of headers with underscores, which an application behind CGI or WSGI
   * takes for hyphens. Source: Envoy {@code headers_with_underscores_action}.
   */
  public enum Underscores {
    /** The request is refused. */
    REJECT_REQUEST,
    /** The header does not go on. */
    DROP_HEADER,
    /** It goes on, unless what it reads as with hyphens is nothing that a caller may say. */
    ALLOW
  }
}
