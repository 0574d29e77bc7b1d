package dev.weft.routing.telemetry;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
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
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * One request as a line of JSON. Only ASCII goes out, so that nothing a client sent can end a line
 * or steer a terminal. Any thread but an event loop.
 *
 * <p>The fields are an interface, listed in {@code docs/signals.md}; all are always there but
 * {@code cause}, {@code detail}, {@code grpc_status} and {@code headers}.
 */
public final class AccessLine {

  private static final JsonFactory JSON =
      JsonFactory.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);
  private static final long NANOS_PER_MILLI = 1_000_000;

  private AccessLine() {}

  /** The line as text, without its end. */
  public static String text(AccessEntry entry) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
    try {
      write(entry, bytes);
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible); // memory does not fail
    }
    return bytes.toString(StandardCharsets.US_ASCII);
  }

  /** Writes the line without its end. */
  static void write(AccessEntry entry, OutputStream out) throws IOException {
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
      json.writeStartObject();
      request(json, entry);
      answer(json, entry);
      way(json, entry);
      caller(json, entry);
      json.writeEndObject();
    }
  }

  private static void request(JsonGenerator json, AccessEntry entry) throws IOException {
    long began = entry.endedEpochMillis() - entry.durationNanos() / NANOS_PER_MILLI;
    json.writeStringField("time", TIME.format(Instant.ofEpochMilli(began)));
    json.writeStringField("method", entry.head().method());
    json.writeStringField("scheme", entry.head().scheme());
    json.writeStringField("authority", entry.head().authority());
    json.writeStringField("path", entry.head().target());
    json.writeStringField("protocol", entry.version().alpnName());
  }

  private static void answer(JsonGenerator json, AccessEntry entry) throws IOException {
    ExchangeObserver.Ending ending = entry.ending();
    json.writeNumberField("status", ending.status());
    json.writeStringField(
        "flags", ending.failure().map(failure -> failure.reason().flag()).orElse("-"));
    if (ending.failure().isPresent()) {
      json.writeStringField(
          "cause", ending.failure().get().reason().name().toLowerCase(Locale.ROOT));
      json.writeStringField("detail", String.valueOf(ending.failure().get().getMessage()));
    }
    if (ending.grpcStatus().isPresent()) {
      json.writeNumberField("grpc_status", ending.grpcStatus().getAsInt());
    }
    json.writeFieldName("duration_ms");
    json.writeNumber(
        BigDecimal.valueOf(entry.durationNanos(), 6).setScale(3, RoundingMode.HALF_UP));
    json.writeNumberField("bytes_in", ending.requestBytes());
    json.writeNumberField("bytes_out", ending.responseBytes());
  }

  private static void way(JsonGenerator json, AccessEntry entry) throws IOException {
    json.writeStringField("route", entry.decision().route().name());
    json.writeStringField("cluster", entry.cluster().map(Object::toString).orElse("-"));
    json.writeStringField("endpoint", entry.endpoint());
    json.writeNumberField("attempts", entry.attempts());
    json.writeStringField("config", entry.configVersion());
    json.writeStringField("seed", HexFormat.of().toHexDigits(entry.seed()));
  }

  private static void caller(JsonGenerator json, AccessEntry entry) throws IOException {
    json.writeStringField("request_id", orDash(entry.requestId()));
    json.writeStringField("principal", orDash(entry.caller().principal()));
    json.writeStringField("source", entry.caller().address() + ":" + entry.caller().port());
    json.writeStringField("user_agent", orDash(entry.userAgent()));
    if (!entry.headers().isEmpty()) {
      json.writeObjectFieldStart("headers");
      for (Map.Entry<String, String> header : entry.headers()) {
        json.writeStringField(header.getKey(), header.getValue());
      }
      json.writeEndObject();
    }
  }

  private static String orDash(Optional<String> value) {
    return value.orElse("-");
  }
}
