package dev.weft.routing.telemetry;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import dev.weft.config.logging.Operator;
import dev.weft.routing.exchange.Caller;
import dev.weft.routing.route.Draw;
import dev.weft.routing.telemetry.line.LineRules;
import dev.weft.routing.telemetry.line.Lined;
import io.netty.util.NetUtil;
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
import java.util.Map;
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
  private static final long MILLION = 1_000_000;
  private static final double PER_PERCENT = 10_000;

  private AccessLine() {}

  /** What a line tells. Immutable, since it is written on another thread. */
  public interface Entry extends Lined {
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

    /** How its line is written. */
    default LineRules rules() {
      return LineRules.DEFAULT;
    }
  }

  /** The line as JSON, whatever the log's own format is, without its end. */
  public static String text(Entry entry) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
    try {
      json(entry, bytes);
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible); // memory does not fail
    }
    return bytes.toString(StandardCharsets.US_ASCII);
  }

  /** Writes the line as its rules say, without its end. */
  static void write(Entry entry, OutputStream out) throws IOException {
    if (entry.rules().text()) {
      out.write(entry.rules().line(entry).getBytes(StandardCharsets.US_ASCII));
    } else {
      json(entry, out);
    }
  }

  private static void json(Entry entry, OutputStream out) throws IOException {
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
      json.writeStartObject();
      entry.fields(json);
      Map<String, String> labels = entry.rules().labels(entry);
      if (!labels.isEmpty()) {
        json.writeObjectFieldStart("labels");
        for (Map.Entry<String, String> label : labels.entrySet()) {
          json.writeStringField(label.getKey(), label.getValue());
        }
        json.writeEndObject();
      }
      json.writeEndObject();
    }
  }

  /** When something began. */
  public static void began(JsonGenerator json, long endedEpochMillis, long durationNanos)
      throws IOException {
    json.writeStringField("time", began(endedEpochMillis, durationNanos));
  }

  /** The same as text: UTC, with milliseconds. */
  public static String began(long endedEpochMillis, long durationNanos) {
    return TIME.format(Instant.ofEpochMilli(endedEpochMillis - durationNanos / NANOS_PER_MILLI));
  }

  /** A duration in whole milliseconds. */
  public static String millis(long nanos) {
    return Long.toString(nanos / NANOS_PER_MILLI);
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

  /** What an operator asks of a caller; empty where it asks for something else. */
  public static Optional<String> value(Operator operator, Caller caller) {
    return switch (operator) {
      case DOWNSTREAM_REMOTE_ADDRESS -> Optional.of(caller.address() + ":" + caller.port());
      case DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT -> Optional.of(caller.address());
      case DOWNSTREAM_LOCAL_ADDRESS ->
          caller.destination().map(NetUtil::toSocketAddressString).or(() -> local(caller));
      case DOWNSTREAM_PEER_URI_SAN -> caller.principal();
      case REQUESTED_SERVER_NAME -> caller.handshake().serverName();
      default -> Optional.empty();
    };
  }

  private static Optional<String> local(Caller caller) {
    return caller.localAddress().isEmpty()
        ? Optional.empty()
        : Optional.of(caller.localAddress() + ":" + caller.localPort());
  }

  /** What is drawn for a line: from 0 to below 100, the same for the same seed. */
  public static double drawn(long seed) {
    long draw = Draw.mix(seed, Draw.Purpose.LOG, 0);
    return Long.remainderUnsigned(draw, MILLION) / PER_PERCENT;
  }
}
