package dev.weft.config.logging;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What a format may ask for between {@code %} signs. What a request or connection has not is told
 * as {@code -}.
 *
 * <p>Source: Envoy's access log command operators, as far as they mean something here; those that
 * begin with {@code WEFT_} are ours.
 */
public enum Operator {
  /** When it came, UTC, with milliseconds or in a {@link TimeFormat}. */
  START_TIME,
  /** Bytes of the body that the caller sent. */
  BYTES_RECEIVED,
  /** Bytes of the body that it was sent. */
  BYTES_SENT,
  /** {@code HTTP/1.0}, {@code HTTP/1.1} or {@code HTTP/2}. */
  PROTOCOL,
  RESPONSE_CODE,
  /** {@code via_upstream}, or the cause of an answer that the proxy made. */
  RESPONSE_CODE_DETAILS,
  RESPONSE_FLAGS,
  GRPC_STATUS_NUMBER,
  /** Whole milliseconds until its end. */
  DURATION,
  /** Why no connection to the endpoint came about. */
  UPSTREAM_TRANSPORT_FAILURE_REASON,
  /** How a connection that is not HTTP did not end well. */
  CONNECTION_TERMINATION_DETAILS,
  UPSTREAM_HOST,
  UPSTREAM_CLUSTER,
  UPSTREAM_CLUSTER_RAW,
  /** Not known here: always {@code -}. */
  UPSTREAM_LOCAL_ADDRESS,
  UPSTREAM_REQUEST_ATTEMPT_COUNT,
  DOWNSTREAM_LOCAL_ADDRESS,
  DOWNSTREAM_REMOTE_ADDRESS,
  DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT,
  /** The identity that the caller proved. */
  DOWNSTREAM_PEER_URI_SAN,
  REQUESTED_SERVER_NAME,
  ROUTE_NAME,
  TRACE_ID,
  /** A header of the request as it came, or {@code :method}, {@code :path} ... */
  REQ,
  /** A header of the answer. */
  RESP,
  /** A variable of the proxy's environment. */
  ENVIRONMENT,
  WEFT_CAUSE,
  WEFT_DETAIL,
  WEFT_CONFIG,
  WEFT_SEED,
  WEFT_USER,
  WEFT_API_KEY;

  private static final String ALL =
      Arrays.stream(values()).map(Enum::name).collect(Collectors.joining(", "));

  /** Whether something may stand in parentheses after it. */
  boolean takes() {
    return named() || this == START_TIME;
  }

  /** Whether it takes a name in parentheses. */
  public boolean named() {
    return this == REQ || this == RESP || this == ENVIRONMENT;
  }

  static Optional<Operator> of(String word) {
    return Arrays.stream(values()).filter(one -> one.name().equals(word)).findFirst();
  }

  /** All of them, for people. */
  static String all() {
    return ALL;
  }
}
