package dev.weft.routing.telemetry;

/**
 * The names of all metrics: an interface for dashboards and alerts, never renamed in passing.
 * Listed in {@code docs/signals.md}.
 *
 * <p>Counters are named without {@code _total}, which the text format adds.
 */
public final class MetricNames {

  /** Counter: requests that ended. */
  public static final String REQUESTS = "istio_requests";

  /** Histogram: from a request's first byte to its response's last, in milliseconds. */
  public static final String REQUEST_DURATION = "istio_request_duration_milliseconds";

  /** Histogram: bytes of request bodies. */
  public static final String REQUEST_BYTES = "istio_request_bytes";

  /** Histogram: bytes of response bodies. */
  public static final String RESPONSE_BYTES = "istio_response_bytes";

  /** Counter: messages of gRPC that callers sent. */
  public static final String REQUEST_MESSAGES = "istio_request_messages";

  /** Counter: messages of gRPC that callers were sent. */
  public static final String RESPONSE_MESSAGES = "istio_response_messages";

  /** Gauge by component and tag: 1, with the version of the program. */
  public static final String BUILD = "istio_build";

  /** Counter: TCP connections that were carried. */
  public static final String TCP_OPENED = "istio_tcp_connections_opened";

  /** Counter: those of them that are over. */
  public static final String TCP_CLOSED = "istio_tcp_connections_closed";

  /** Counter: bytes sent to callers over TCP. */
  public static final String TCP_SENT = "istio_tcp_sent_bytes";

  /** Counter: bytes that callers sent over TCP. */
  public static final String TCP_RECEIVED = "istio_tcp_received_bytes";

  /** Gauge by cluster: attempts under way. */
  public static final String IN_FLIGHT = "weft_upstream_in_flight";

  /** Gauge by cluster: open connections. */
  public static final String CONNECTIONS = "weft_upstream_connections";

  /** Gauge by cluster: requests that wait for a connection. */
  public static final String PENDING = "weft_upstream_pending";

  /** Gauge by cluster and state ({@code healthy}, {@code unhealthy}): endpoints. */
  public static final String ENDPOINTS = "weft_upstream_endpoints";

  /** Gauge by cluster: 0 closed, 1 half-open, 2 open. */
  public static final String BREAKER_STATE = "weft_breaker_state";

  /** Gauge by cluster: retries that the budget would allow now. */
  public static final String RETRY_TOKENS = "weft_retry_budget_tokens";

  /** Gauge: 1 with the serving version as label. */
  public static final String CONFIG_VERSION = "weft_config_version";

  /** Gauge: seconds since the serving version was applied. */
  public static final String CONFIG_AGE = "weft_config_age_seconds";

  /** Gauge by code: warnings of the configuration that serves. */
  public static final String CONFIG_FINDINGS = "weft_config_findings";

  /** Gauge by cluster: attempts at once while it is overloaded; absent while it is not. */
  public static final String OVERLOAD_LIMIT = "weft_overload_limit";

  /** Counter by cluster: attempts that were shed, since more would only have waited. */
  public static final String OVERLOAD_SHED = "weft_overload_shed";

  /** Counter: changes of configuration that were refused. */
  public static final String CONFIG_REJECTED = "weft_config_rejected";

  /** Gauge by identity: when its certificate ends, in seconds since 1970. */
  public static final String CERTIFICATE_EXPIRY = "weft_certificate_expiry_timestamp_seconds";

  /** Gauge by kind: certificates with which something is wrong. */
  public static final String CERTIFICATE_FAULTS = "weft_certificate_faults";

  /** Counter by reason: connections and requests turned away. */
  public static final String REFUSALS = "weft_refusals";

  /** Counter by cause: requests that ended without their service's answer. */
  public static final String FAILURES = "weft_request_failures";

  /** Gauge: bytes of bodies in memory, in pieces of more than 4 KiB. */
  public static final String BUFFERED = "weft_buffered_bytes";

  /** Counter: access log lines lost, because the ring was full or the file could not be written. */
  public static final String ACCESS_LOG_DROPPED = "weft_access_log_dropped";

  /** Counter by limit: requests that a rate limit did not let pass. */
  public static final String RATE_LIMITED = "weft_rate_limited";

  /** Gauge by limit: keys that a rate limit knows. */
  public static final String RATE_LIMIT_KEYS = "weft_rate_limit_keys";

  /** Gauge by Redis: 1 where shared limits are counted there, 0 while it does not answer. */
  public static final String RATE_LIMIT_REDIS = "weft_rate_limit_redis_up";

  /** Counter by reason: requests of shared limits that a proxy counted alone. */
  public static final String RATE_LIMIT_ALONE = "weft_rate_limit_counted_alone";

  /** Counter: sampled requests whose spans a collector took. */
  public static final String TRACES_SENT = "weft_traces_sent";

  /** Counter by reason: sampled requests whose spans were lost. */
  public static final String TRACES_DROPPED = "weft_traces_dropped";

  /** Counter by kind: what was counted in a series of less detail, since there are too many. */
  public static final String OVERFLOW = "weft_signals_overflow";

  /** Counter: TCP connections of edges that were too many to be told apart. */
  public static final String TCP_OVERFLOW = "weft_tcp_signals_overflow";

  /** Counter by route: requests that ended. */
  public static final String ROUTE_REQUESTS = "weft_route_requests";

  /** Counter by route: those of them without an answer, or with one of 500 or more. */
  public static final String ROUTE_FAILURES = "weft_route_failures";

  /** Histogram by route: from a request's first byte to its response's last, in milliseconds. */
  public static final String ROUTE_DURATION = "weft_route_duration_milliseconds";

  /** Histogram by event loop: how late what is due is begun, in milliseconds. */
  public static final String LOOP_DELAY = "weft_event_loop_delay_milliseconds";

  /** Counter by cluster: attempts that had to wait for a connection, and do no more. */
  public static final String WAITED = "weft_upstream_waited";

  /** Counter by cluster: how long they waited, in seconds. */
  public static final String WAITED_SECONDS = "weft_upstream_waited_seconds";

  /** Counter by family: scrapes that could not tell it, since its source failed. */
  public static final String SCRAPE_FAILURES = "weft_scrape_failures";

  private MetricNames() {}
}
