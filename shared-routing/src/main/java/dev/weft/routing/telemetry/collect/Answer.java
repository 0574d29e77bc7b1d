package dev.weft.routing.telemetry.collect;

import dev.weft.config.model.telemetry.TraceProvider.Protocol;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.proto.ProtoReader;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a collector said of a report.
 *
 * <p>Source: OTLP 1.x, "Partial Success", "Failures", "OTLP/gRPC Throttling" and "OTLP/HTTP
 * Throttling"; RFC 9110, section 10.2.3; {@code google/rpc/status.proto} and {@code
 * error_details.proto}.
 *
 * @param status of HTTP
 * @param grpcStatus 0 to 16; 2, which is unknown, where it is something else
 * @param message what was said, without a frame
 * @param refusal why it did not take the report; empty where it did
 * @param partial what it did not take of one that it took
 * @param again when it wants to be asked again; only where it did not take it, and told a time
 */
record Answer(
    int status,
    int grpcStatus,
    Buffer message,
    Optional<String> refusal,
    Partial partial,
    Optional<Duration> again) {

  private static final String GRPC_STATUS = "grpc-status";
  private static final String GRPC_DETAILS = "grpc-status-details-bin";
  private static final String RETRY_INFO = "type.googleapis.com/google.rpc.RetryInfo";
  private static final int FRAME = 5;
  private static final int UNKNOWN = 2;
  private static final Set<Integer> PASSING = Set.of(429, 502, 503, 504);
  private static final Set<Integer> GRPC_PASSING = Set.of(1, 4, 8, 10, 11, 14, 15);

  /**
   * Spans that a collector refused of a report that it took.
   *
   * @param rejected how many, from 0
   * @param words why, or what it warns of; empty for nothing
   */
  record Partial(long rejected, String words) {
    static final Partial NONE = new Partial(0, "");
  }

  /**
   * Reads one that came whole.
   *
   * @param body at least its first bytes
   * @param nowEpochNanos by which a time of day is compared
   */
  static Answer of(Protocol protocol, Response response, Buffer body, long nowEpochNanos) {
    int status = response.status();
    if (status < 200 || status > 299) {
      Optional<Duration> again =
          PASSING.contains(status) ? wait(response.headers(), nowEpochNanos) : Optional.empty();
      return new Answer(
          status, UNKNOWN, body, Optional.of("status " + status), Partial.NONE, again);
    }
    if (protocol == Protocol.OTLP_GRPC) {
      return grpc(response, framed(body));
    }
    @Nullable String type = response.headers().get(HttpHeaderNames.CONTENT_TYPE);
    boolean told =
        protocol == Protocol.OTLP_HTTP && type != null && type.startsWith("application/x-protobuf");
    return new Answer(
        status, 0, body, Optional.empty(), told ? partial(body) : Partial.NONE, Optional.empty());
  }

  private static Answer grpc(Response response, Buffer message) {
    @Nullable String told = last(response, GRPC_STATUS);
    if ("0".equals(told)) {
      return new Answer(
          response.status(), 0, message, Optional.empty(), partial(message), Optional.empty());
    }
    String shown = told == null ? "missing" : told.matches("\\d{1,3}") ? told : "unknown";
    int code = shown.length() <= 3 ? Integer.parseInt(shown) : UNKNOWN;
    return new Answer(
        response.status(),
        code,
        message,
        Optional.of(GRPC_STATUS + " " + shown),
        Partial.NONE,
        GRPC_PASSING.contains(code) ? delay(response) : Optional.empty());
  }

  private static @Nullable String last(Response response, String name) {
    @Nullable String last = response.trailers().get(name);
    return last == null ? response.headers().get(name) : last;
  }

  private static Buffer framed(Buffer body) {
    boolean whole =
        body.length() >= FRAME && body.getByte(0) == 0 && body.getInt(1) == body.length() - FRAME;
    return whole ? body.slice(FRAME, body.length()) : Buffer.buffer();
  }

  /** {@code ExportTraceServiceResponse}; what cannot be read tells nothing. */
  private static Partial partial(Buffer message) {
    long rejected = 0;
    String words = "";
    try {
      ProtoReader all = new ProtoReader(message, IllegalArgumentException::new);
      for (int field = all.next(); field != 0; field = all.next()) {
        if (field != 1) {
          all.skip();
          continue;
        }
        ProtoReader inner = all.message();
        for (int one = inner.next(); one != 0; one = inner.next()) {
          switch (one) {
            case 1 -> rejected = Math.max(0, inner.number());
            case 2 -> words = inner.text();
            default -> inner.skip();
          }
        }
      }
    } catch (IllegalArgumentException unsound) {
      return Partial.NONE;
    }
    return new Partial(rejected, words);
  }

  /** {@code Retry-After}: seconds, or a time of day. */
  private static Optional<Duration> wait(MultiMap headers, long nowEpochNanos) {
    @Nullable String told = headers.get(HttpHeaderNames.RETRY_AFTER);
    if (told == null) {
      return Optional.empty();
    }
    if (told.matches("\\d{1,9}")) {
      return Optional.of(Duration.ofSeconds(Long.parseLong(told)));
    }
    try {
      Instant then = Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(told));
      Duration left = Duration.between(Instant.EPOCH.plusNanos(nowEpochNanos), then);
      return Optional.of(left.isNegative() ? Duration.ZERO : left);
    } catch (DateTimeParseException | ArithmeticException unsound) {
      return Optional.empty();
    }
  }

  /** {@code RetryInfo} among the details of a {@code google.rpc.Status}. */
  private static Optional<Duration> delay(Response response) {
    @Nullable String told = last(response, GRPC_DETAILS);
    if (told == null) {
      return Optional.empty();
    }
    try {
      Buffer status = Buffer.buffer(Base64.getDecoder().decode(told));
      ProtoReader all = new ProtoReader(status, IllegalArgumentException::new);
      for (int field = all.next(); field != 0; field = all.next()) {
        if (field != 3) {
          all.skip();
          continue;
        }
        Optional<Duration> found = detail(all.message());
        if (found.isPresent()) {
          return found;
        }
      }
    } catch (IllegalArgumentException | ArithmeticException unsound) {
      return Optional.empty();
    }
    return Optional.empty();
  }

  /** {@code google.protobuf.Any}. */
  private static Optional<Duration> detail(ProtoReader any) {
    String type = "";
    Buffer value = Buffer.buffer();
    for (int field = any.next(); field != 0; field = any.next()) {
      switch (field) {
        case 1 -> type = any.text();
        case 2 -> value = any.bytes();
        default -> any.skip();
      }
    }
    if (!type.equals(RETRY_INFO)) {
      return Optional.empty();
    }
    ProtoReader info = new ProtoReader(value, IllegalArgumentException::new);
    Optional<Duration> found = Optional.empty();
    for (int field = info.next(); field != 0; field = info.next()) {
      if (field == 1) {
        found = Optional.of(duration(info.message()));
      } else {
        info.skip();
      }
    }
    return found;
  }

  /** {@code google.protobuf.Duration}; none is below 0. */
  private static Duration duration(ProtoReader told) {
    long seconds = 0;
    long nanos = 0;
    for (int field = told.next(); field != 0; field = told.next()) {
      switch (field) {
        case 1 -> seconds = told.number();
        case 2 -> nanos = told.number();
        default -> told.skip();
      }
    }
    Duration all = Duration.ofSeconds(seconds, nanos);
    return all.isNegative() ? Duration.ZERO : all;
  }
}
