package dev.weft.config.model.settings;

import java.util.List;

/**
 * What is logged of requests.
 *
 * @param access the access log
 * @param filter which requests; empty for all
 * @param redact names of headers, in lower case, whose values are never logged
 */
public record Log(Access access, String filter, List<String> redact) {

  /** What holds where nothing is said. */
  public static final Log DEFAULT =
      new Log(Access.JSON, "", List.of("authorization", "cookie", "set-cookie"));

  public Log {
    redact = List.copyOf(redact);
  }

  /** How a line looks. */
  public enum Access {
    JSON,
    /** There is none. */
    OFF
  }
}
