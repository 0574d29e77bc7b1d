package dev.weft.routing.telemetry.line;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Moments as lines tell them: UTC, with milliseconds. */
public final class LineTime {

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private LineTime() {}

  /** E.g. {@code 2026-11-24T12:00:00.042Z}. */
  public static String text(long epochMillis) {
    return TIME.format(Instant.ofEpochMilli(epochMillis));
  }
}
