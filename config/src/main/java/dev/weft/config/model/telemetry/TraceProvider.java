package dev.weft.config.model.telemetry;

import dev.weft.config.problem.Place;
import java.time.Duration;
import java.util.Map;

/**
 * A collector that spans are reported to.
 *
 * <p>Source: Istio mesh/v1alpha1 {@code MeshConfig.ExtensionProvider}, {@code opentelemetry} and
 * {@code zipkin}.
 *
 * @param name by which Telemetry names it
 * @param protocol how it is told
 * @param host full name of its service
 * @param port of the service, 1 to 65535
 * @param path that spans are sent to; what gRPC calls is not this one's to say
 * @param timeout of one report, 1 ms to 10 min
 * @param headers of each report, by name in lower case
 * @param maxTagLength characters that the path's attribute has at most, 1 to 1024
 * @param place of the entry
 */
public record TraceProvider(
    String name,
    Protocol protocol,
    String host,
    int port,
    String path,
    Duration timeout,
    Map<String, String> headers,
    int maxTagLength,
    Place place) {

  /** How long a report takes at most unless said. */
  public static final Duration TIMEOUT = Duration.ofSeconds(10);

  /** How many characters of a path are told unless said, as in Istio. */
  public static final int TAG_LENGTH = 256;

  public TraceProvider {
    headers = Map.copyOf(headers);
  }

  /** How a collector is told. */
  public enum Protocol {
    /** {@code opentelemetry.proto.collector.trace.v1.TraceService/Export}. */
    OTLP_GRPC,
    /** The same message by POST. */
    OTLP_HTTP,
    /** Zipkin's JSON, version 2. */
    ZIPKIN
  }

  /** Shows no header's value: it may be a secret. */
  @Override
  public String toString() {
    return name + " (" + protocol + " " + host + ":" + port + path + ")";
  }
}
