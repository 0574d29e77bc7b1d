package dev.weft.config.model.settings;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is logged of requests, and of connections that are not HTTP.
 *
 * @param access how a line looks
 * @param filter which lines are written; empty for all
 * @param redact names of headers, in lower case, whose values are never logged
 * @param format of lines of text; empty for Istio's
 * @param labels further fields of lines of JSON, in the order in which they were written: name to
 *     format
 * @param client of what goes out, and of what a gateway takes
 * @param server of what comes in at a sidecar
 */
public record Log(
    Access access,
    String filter,
    List<String> redact,
    String format,
    Map<String, String> labels,
    Side client,
    Side server) {

  /** What holds where nothing is said. */
  public static final Log DEFAULT =
      new Log(
          Access.JSON,
          "",
          List.of("authorization", "cookie", "set-cookie"),
          "",
          Map.of(),
          Side.ALL,
          Side.ALL);

  public Log {
    redact = List.copyOf(redact);
    labels = Collections.unmodifiableMap(new LinkedHashMap<>(labels));
  }

  /** The same, of what Telemetry says for each side. */
  public Log told(Side toClient, Side toServer) {
    return new Log(access, filter, redact, format, labels, toClient, toServer);
  }

  /** How a line looks. */
  public enum Access {
    JSON,
    /** As Envoy writes it. */
    TEXT,
    /** There is none. */
    OFF
  }

  /**
   * One direction of traffic.
   *
   * @param on whether it is logged at all
   * @param filter which lines are written, beside the filter for all; empty for all
   */
  public record Side(boolean on, String filter) {

    /** Everything. */
    public static final Side ALL = new Side(true, "");

    /** Nothing. */
    public static final Side NONE = new Side(false, "");
  }
}
