package dev.weft.config.model.settings;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * What is logged of requests, and of connections that are not HTTP.
 *
 * @param access how a line looks
 * @param filter which lines are written; empty for all
 * @param redact names of headers and of parameters of a query, in lower case, whose values are
 *     never logged
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

  /** Where credentials usually stand; the last ones sign URLs. */
  private static final List<String> SECRETS =
      List.of(
          "authorization",
          "proxy-authorization",
          "cookie",
          "set-cookie",
          "x-api-key",
          "access_token",
          "refresh_token",
          "id_token",
          "token",
          "password",
          "api_key",
          "apikey",
          "sig",
          "signature",
          "x-amz-signature",
          "x-amz-security-token",
          "x-goog-signature");

  /** What holds where nothing is said. */
  public static final Log DEFAULT =
      new Log(Access.JSON, "", SECRETS, "", Map.of(), Side.ALL, Side.ALL);

  public Log {
    redact = List.copyOf(redact);
    labels = Collections.unmodifiableMap(new LinkedHashMap<>(labels));
  }

  /** The same, of what Telemetry says for each side. */
  public Log told(Side toClient, Side toServer) {
    return new Log(access, filter, redact, format, labels, toClient, toServer);
  }

  /** The same, which logs the values of {@code further} names neither. */
  public Log hiding(Collection<String> further) {
    Set<String> all = new LinkedHashSet<>(redact);
    further.forEach(name -> all.add(name.toLowerCase(Locale.ROOT)));
    return new Log(access, filter, List.copyOf(all), format, labels, client, server);
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
