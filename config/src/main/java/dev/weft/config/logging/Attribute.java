package dev.weft.config.logging;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What a filter may ask for.
 *
 * <p>Source: Envoy's attributes, as far as they mean something here; those that begin with {@code
 * weft.} and {@code trace.} are ours.
 */
public enum Attribute {
  RESPONSE_CODE("response.code", Kind.NUMBER),
  RESPONSE_CODE_DETAILS("response.code_details", Kind.TEXT),
  RESPONSE_GRPC_STATUS("response.grpc_status", Kind.NUMBER),
  RESPONSE_SIZE("response.size", Kind.NUMBER),
  RESPONSE_HEADERS("response.headers", Kind.HEADERS),
  /** The whole time, as {@link #REQUEST_DURATION}: that is what people mean by it. */
  RESPONSE_DURATION("response.duration", Kind.DURATION),
  REQUEST_DURATION("request.duration", Kind.DURATION),
  REQUEST_PATH("request.path", Kind.TEXT),
  REQUEST_URL_PATH("request.url_path", Kind.TEXT),
  REQUEST_HOST("request.host", Kind.TEXT),
  REQUEST_SCHEME("request.scheme", Kind.TEXT),
  REQUEST_METHOD("request.method", Kind.TEXT),
  REQUEST_PROTOCOL("request.protocol", Kind.TEXT),
  REQUEST_ID("request.id", Kind.TEXT),
  REQUEST_USERAGENT("request.useragent", Kind.TEXT),
  REQUEST_SIZE("request.size", Kind.NUMBER),
  REQUEST_HEADERS("request.headers", Kind.HEADERS),
  SOURCE_ADDRESS("source.address", Kind.TEXT),
  /** That the connection was opened to. */
  DESTINATION_PORT("destination.port", Kind.NUMBER),
  CONNECTION_MTLS("connection.mtls", Kind.TRUTH),
  CONNECTION_PEER("connection.uri_san_peer_certificate", Kind.TEXT),
  ROUTE_NAME("xds.route_name", Kind.TEXT),
  CLUSTER_NAME("xds.cluster_name", Kind.TEXT),
  TRACE_SAMPLED("trace.sampled", Kind.TRUTH),
  WEFT_CAUSE("weft.cause", Kind.TEXT);

  private static final String ALL =
      Arrays.stream(values()).map(Attribute::word).collect(Collectors.joining(", "));

  private final String word;
  private final Kind kind;

  /** What it is compared with. */
  enum Kind {
    NUMBER("a number"),
    TEXT("a text in quotes"),
    /** In milliseconds where a number is written. */
    DURATION("duration('500ms'), or milliseconds"),
    TRUTH("true or false"),
    HEADERS("['name']");

    private final String expected;

    Kind(String expected) {
      this.expected = expected;
    }

    String expected() {
      return expected;
    }
  }

  Attribute(String word, Kind kind) {
    this.word = word;
    this.kind = kind;
  }

  /** As a filter writes it. */
  public String word() {
    return word;
  }

  Kind kind() {
    return kind;
  }

  static Optional<Attribute> of(String word) {
    return Arrays.stream(values()).filter(one -> one.word.equals(word)).findFirst();
  }

  /** All of them, for people. */
  static String all() {
    return ALL;
  }
}
