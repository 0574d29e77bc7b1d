package dev.weft.routing.telemetry;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import dev.weft.routing.exchange.Caller;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What ended as a line of JSON. Only ASCII goes out, so that nothing a client sent can end a line
 * or steer a terminal. Any thread but an event loop.
 *
 * <p>The fields are an interface, listed in {@code docs/signals.md}.
 */
public final class AccessLine {

  private static final JsonFactory JSON =
      JsonFactory.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);
  private static final long NANOS_PER_MILLI = 1_000_000;

  private AccessLine() {}

  /** What a line tells. Immutable, since it is written on another thread. */
  public interface Entry {
    /** Writes its fields. */
    void fields(JsonGenerator json) throws IOException;

    /** The cluster that it went to; empty where it came to none. */
    Optional<String> way();

    /** Of the answer; empty where there is none by its kind. */
    OptionalInt status();

    /** The rule that it took, {@code -} for none. */
    String route();

    /** That was asked for, without its query; empty where there is none by its kind. */
    Optional<String> path();

    /** Who it was, as far as it was proved. */
    Optional<String> principal();

    /** How long it took. */
    long durationNanos();
  }

  /** The line as text, without its end. */
  public static String text(Entry entry) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
    try {
      write(entry, bytes);
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible); // memory does not fail
    }
    return bytes.toString(StandardCharsets.US_ASCII);
  }

  /** Writes the line without its end. */
  static void write(Entry entry, OutputStream out) throws IOException {
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
      json.writeStartObject();
      entry.fields(json);
      json.writeEndObject();
    }
  }

  /** When something began. */
  public static void began(JsonGenerator json, long endedEpochMillis, long durationNanos)
      throws IOException {
    long began = endedEpochMillis - durationNanos / NANOS_PER_MILLI;
    json.writeStringField("time", TIME.format(Instant.ofEpochMilli(began)));
  }

  /** How long it took, and the bytes that came and went. */
  public static void took(JsonGenerator json, long nanos, long bytesIn, long bytesOut)
      throws IOException {
    json.writeFieldName("duration_ms");
    json.writeNumber(BigDecimal.valueOf(nanos, 6).setScale(3, RoundingMode.HALF_UP));
    json.writeNumberField("bytes_in", bytesIn);
    json.writeNumberField("bytes_out", bytesOut);
  }

  /** Who it was, as far as it was proved. */
  public static void caller(JsonGenerator json, Caller caller) throws IOException {
    json.writeStringField("principal", caller.principal().orElse("-"));
    json.writeStringField("source", caller.address() + ":" + caller.port());
  }
}
