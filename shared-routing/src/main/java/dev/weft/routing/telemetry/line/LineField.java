package dev.weft.routing.telemetry.line;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * The fields of a line of JSON: an interface, listed in {@code docs/signals.md}. Each is called as
 * its constant, in lower case.
 */
public enum LineField {
  TIME,
  METHOD,
  SCHEME,
  AUTHORITY,
  PATH,
  PROTOCOL,
  DESTINATION,
  SERVER_NAME,
  STATUS,
  FLAGS,
  CAUSE,
  DETAIL,
  GRPC_STATUS,
  DURATION_MS,
  BYTES_IN,
  BYTES_OUT,
  ROUTE,
  CLUSTER,
  ENDPOINT,
  ATTEMPTS,
  CONFIG,
  SEED,
  REQUEST_ID,
  TRACE,
  PRINCIPAL,
  SOURCE,
  PORT,
  USER,
  API_KEY,
  USER_AGENT,
  HEADERS,
  LABELS;

  @SuppressWarnings("ImmutableEnumChecker") // the package alone sees it, and changes none of it
  private final byte[] begin =
      ("\"" + name().toLowerCase(Locale.ROOT) + "\":").getBytes(StandardCharsets.US_ASCII);

  /** As it stands in a line, up to its value. */
  byte[] begin() {
    return begin;
  }
}
