package dev.weft.routing.exchange;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Why an exchange ends without its service's answer: every failure of the path is one of these.
 * Without a stack trace, since it is made under load and told by its cause.
 *
 * <p>Source: RFC 9209 for the {@code Proxy-Status} error types, Envoy for the response flags.
 */
public final class ProxyFailure extends RuntimeException {

  private static final long serialVersionUID = 1;

  private final Cause reason;
  private final transient Map<String, String> headers;
  private final boolean kept;
  private final boolean among;

  /**
   * @param detail the whole chain for the log, e.g. {@code route default/reviews#1: cluster
   *     outbound|9080|v2|reviews: endpoint 10.1.4.7:9080: connect refused}; never shown at the edge
   */
  public ProxyFailure(Cause reason, String detail) {
    this(reason, detail, Map.of());
  }

  /**
   * @param headers of the answer, beside those that every refusal has
   */
  public ProxyFailure(Cause reason, String detail, Map<String, String> headers) {
    this(reason, detail, headers, false, false);
  }

  private ProxyFailure(
      Cause reason, String detail, Map<String, String> headers, boolean kept, boolean among) {
    super(detail, null, false, false);
    this.reason = reason;
    this.headers = Map.copyOf(headers);
    this.kept = kept;
    this.among = among;
  }

  /** A connection that had brought an answer before ended before another one began. */
  public static ProxyFailure keptConnectionEnded(String detail) {
    return new ProxyFailure(Cause.UPSTREAM_RESET, detail, Map.of(), true, false);
  }

  /** The same of an attempt that was not the first to fail with its connection. */
  public ProxyFailure amongOthers() {
    return new ProxyFailure(reason, String.valueOf(getMessage()), headers, kept, true);
  }

  /**
   * The same, told with more of its chain.
   *
   * @param before put before its detail
   * @param after put behind it
   */
  public ProxyFailure within(String before, String after) {
    return new ProxyFailure(reason, before + getMessage() + after, headers, kept, among);
  }

  /** The same, whose answer says more; what it said before counts. */
  public ProxyFailure with(Map<String, String> further) {
    if (further.isEmpty()) {
      return this;
    }
    Map<String, String> all = new HashMap<>(further);
    all.putAll(headers);
    return new ProxyFailure(reason, String.valueOf(getMessage()), all, kept, among);
  }

  /**
   * Whether another attempt told of the end of the same connection before: a connection that many
   * share ends once.
   */
  public boolean toldBefore() {
    return among;
  }

  /**
   * Whether it is {@link #keptConnectionEnded}: its peer may have closed it while it was idle.
   * There is one for each answer at most, so that this alone is no storm.
   */
  public boolean onKeptConnection() {
    return kept;
  }

  /** What the answer says beside its cause, e.g. when to come again. */
  public Map<String, String> headers() {
    return headers;
  }

  public Cause reason() {
    return reason;
  }

  /** The kinds, each with its status, its metric label and its machine-readable type. */
  public enum Cause {
    BAD_REQUEST(400, "DPE", "http_request_error"),
    /** Its token does not count, or it has several. */
    UNAUTHENTICATED(401, "-", "http_request_denied"),
    /** It shows no API key that counts, or several. */
    BAD_API_KEY(401, "-", "http_request_denied"),
    /** It does not prove by a password to be a user who may come. */
    BAD_CREDENTIALS(401, "-", "http_request_denied"),
    DENIED(403, "-", "http_request_denied"),
    /** Callers may not come from its address. */
    ADDRESS_DENIED(403, "-", "http_request_denied"),
    /** An external authorizer said so; the answer is its own. */
    EXTERNALLY_DENIED(403, "UAEX", "http_request_denied"),
    /** An external authorizer had to be asked, and did not answer. */
    AUTHORIZER_FAILED(403, "UAEX", "destination_unavailable"),
    NO_ROUTE(404, "NR", "destination_not_found"),
    /** Its connection met another server of the gateway: a new connection may do (RFC 9110). */
    MISDIRECTED_REQUEST(421, "NR", "http_request_error"),
    NO_CLUSTER(503, "NC", "destination_not_found"),
    REQUEST_TIMEOUT(408, "SI", "http_request_error"),
    BODY_TOO_LARGE(413, "DPE", "http_request_error"),
    URL_TOO_LONG(414, "DPE", "http_request_error"),
    TOO_MANY_HEADERS(431, "DPE", "http_request_error"),
    NO_HEALTHY_UPSTREAM(503, "UH", "destination_unavailable"),
    NAME_UNRESOLVED(503, "UH", "dns_error"),
    CONNECT_REFUSED(503, "UF", "connection_refused"),
    CONNECT_TIMEOUT(503, "UF", "connection_timeout"),
    UPSTREAM_TLS(503, "UF", "tls_protocol_error"),
    /** This proxy has none yet for such a connection: no fault of the endpoint. */
    NO_CERTIFICATE(503, "UF", "proxy_configuration_error"),
    UPSTREAM_IDENTITY(503, "UF", "tls_certificate_error"),
    /** The endpoint took no byte of the request: safe to try again whatever the method. */
    REFUSED_STREAM(503, "UR", "connection_terminated"),
    /** The connection ended before the answer's head, after bytes of the request had gone. */
    UPSTREAM_RESET(503, "UC", "connection_terminated"),
    UPSTREAM_PROTOCOL(502, "UPE", "http_protocol_error"),
    UPSTREAM_TRUNCATED(502, "UC", "http_response_incomplete"),
    UPSTREAM_TIMEOUT(504, "UT", "http_response_timeout"),
    /** As long as the caller of a gRPC said that it waits. */
    CALLER_DEADLINE(504, "UT", "http_response_timeout"),
    PER_TRY_TIMEOUT(504, "UT", "http_response_timeout"),
    /** The caller takes no more of its answer. */
    CALLER_IDLE(408, "SI", "http_request_error"),
    STREAM_IDLE(504, "SI", "http_response_timeout"),
    /** More came than {@code rateLimit} lets pass. */
    RATE_LIMITED(429, "RL", "http_request_denied"),
    OVERFLOW(503, "UO", "connection_limit_reached"),
    /** More at once would only wait: what is under way is all that can be done. */
    OVERLOADED(503, "UO", "connection_limit_reached"),
    BREAKER_OPEN(503, "UO", "destination_unavailable"),
    FAULT_INJECTED(503, "FI", "proxy_configuration_error"),
    /** A rule answers so itself, and with 500 or more. */
    DIRECT_RESPONSE(503, "-", "proxy_internal_response"),
    DRAINING(503, "-", "proxy_internal_response"),
    LOOP(508, "-", "proxy_loop_detected"),
    CLIENT_GONE(499, "DC", "http_request_error"),
    INTERNAL(500, "-", "proxy_internal_error");

    /** Envoy's flag of a request that a fault delayed. */
    public static final String DELAYED = "DI";

    private final int status;
    private final String flag;
    private final String delayed;
    private final String errorType;
    private final String word;
    private final String proxyStatus;

    Cause(int status, String flag, String errorType) {
      this.status = status;
      this.flag = flag;
      this.delayed = flag.equals("-") ? DELAYED : DELAYED + "," + flag;
      this.errorType = errorType;
      this.word = name().toLowerCase(Locale.ROOT);
      this.proxyStatus = "weft; error=" + errorType + "; cause=" + word;
    }

    /** Its name for machines, the same wherever it is told, e.g. {@code per_try_timeout}. */
    public String word() {
      return word;
    }

    /**
     * What {@code Proxy-Status} says of it to everybody: the type that RFC 9209 registers, which
     * several causes may share, and the cause itself in an extension parameter (section 2).
     */
    public String proxyStatus() {
      return proxyStatus;
    }

    /** The HTTP status of the answer that the proxy makes. */
    public int status() {
      return status;
    }

    /**
     * Envoy's response flag, {@code -} where Envoy has none: of what a caller may not do it flags
     * what an external authorizer says alone.
     */
    public String flag() {
      return flag;
    }

    /** The same of a request that a fault delayed before: {@code DI,UF}, or {@code DI} alone. */
    public String flagAfterDelay() {
      return delayed;
    }

    /** RFC 9209 section 2.3 error type. */
    public String errorType() {
      return errorType;
    }
  }
}
