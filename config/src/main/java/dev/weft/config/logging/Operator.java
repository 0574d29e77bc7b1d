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
  START_TIME(Takes.TIME),
  /** The same in the time zone of the proxy. */
  START_TIME_LOCAL(Takes.TIME),
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
  /** By its name: {@code InvalidArgument}, or as {@link GrpcStatuses} can tell it. */
  GRPC_STATUS(Takes.GRPC_FORM),
  GRPC_STATUS_NUMBER,
  /** Whole milliseconds until its end. */
  DURATION,
  /** Whole milliseconds until the head of its service's answer. */
  RESPONSE_DURATION,
  /** Whole milliseconds from then to its end. */
  RESPONSE_TX_DURATION,
  /** Why no connection to the endpoint came about. */
  UPSTREAM_TRANSPORT_FAILURE_REASON,
  /** How a connection that is not HTTP did not end well. */
  CONNECTION_TERMINATION_DETAILS,
  UPSTREAM_HOST,
  UPSTREAM_REMOTE_ADDRESS,
  UPSTREAM_REMOTE_ADDRESS_WITHOUT_PORT,
  UPSTREAM_REMOTE_PORT,
  UPSTREAM_CLUSTER,
  UPSTREAM_CLUSTER_RAW,
  /** Not known here: always {@code -}. */
  UPSTREAM_LOCAL_ADDRESS,
  UPSTREAM_REQUEST_ATTEMPT_COUNT,
  DOWNSTREAM_LOCAL_ADDRESS,
  DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT,
  DOWNSTREAM_LOCAL_PORT,
  DOWNSTREAM_REMOTE_ADDRESS,
  DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT,
  DOWNSTREAM_REMOTE_PORT,
  /** Of the connection's peer, whoever it speaks for. */
  DOWNSTREAM_DIRECT_REMOTE_ADDRESS,
  DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT,
  /** The identity that the caller proved. */
  DOWNSTREAM_PEER_URI_SAN,
  REQUESTED_SERVER_NAME,
  ROUTE_NAME,
  TRACE_ID,
  /** A header of the request as it came, or {@code :method}, {@code :path} ... */
  REQ(Takes.HEADER),
  /** The same up to its question mark. */
  REQ_WITHOUT_QUERY(Takes.HEADER),
  /** A header of the answer. */
  RESP(Takes.HEADER),
  /** A trailer of the answer. */
  TRAILER(Takes.HEADER),
  /** A variable of the proxy's environment. */
  ENVIRONMENT(Takes.VARIABLE),
  /** Of the machine or pod that the proxy runs on. */
  HOSTNAME,
  /** What filters leave to others, of which there are none here: see {@link Untold}. */
  DYNAMIC_METADATA(Takes.KEY),
  CLUSTER_METADATA(Takes.KEY),
  UPSTREAM_METADATA(Takes.KEY),
  FILTER_STATE(Takes.KEY),
  WEFT_CAUSE,
  WEFT_DETAIL,
  WEFT_CONFIG,
  WEFT_SEED,
  WEFT_USER,
  WEFT_API_KEY;

  private static final String ALL =
      Arrays.stream(values()).map(Enum::name).collect(Collectors.joining(", "));

  private final Takes takes;

  /** What stands in parentheses after an operator. */
  enum Takes {
    NOTHING("it takes nothing"),
    /** It may: a {@link TimeFormat}. */
    TIME("write %%%s%% or %%%1$s(FORMAT)%%"),
    /** It may: how a status is written. */
    GRPC_FORM("write %%%s%% or %%%1$s(CAMEL_STRING)%%, SNAKE_STRING or NUMBER"),
    HEADER("write %%%s(NAME)%%"),
    VARIABLE("write %%%s(NAME)%%"),
    KEY("write %%%s(NAMESPACE:KEY)%%");

    private final String hint;

    Takes(String hint) {
      this.hint = hint;
    }

    String hint(Operator operator) {
      return hint.formatted(operator);
    }
  }

  Operator() {
    this(Takes.NOTHING);
  }

  Operator(Takes takes) {
    this.takes = takes;
  }

  /** What may or must stand in parentheses after it. */
  Takes takes() {
    return takes;
  }

  static Optional<Operator> of(String word) {
    return Arrays.stream(values()).filter(one -> one.name().equals(word)).findFirst();
  }

  /** All of them, for people. */
  static String all() {
    return ALL;
  }
}
