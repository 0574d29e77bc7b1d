package dev.weft.routing.telemetry;

import dev.weft.config.logging.Operator;
import dev.weft.routing.exchange.Caller;
import dev.weft.routing.route.Draw;
import dev.weft.routing.telemetry.line.LineBytes;
import dev.weft.routing.telemetry.line.LineField;
import dev.weft.routing.telemetry.line.LineRules;
import dev.weft.routing.telemetry.line.LineTime;
import dev.weft.routing.telemetry.line.Lined;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
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

  private static final long NANOS_PER_MILLI = 1_000_000;
  private static final long MILLION = 1_000_000;
  private static final double PER_PERCENT = 10_000;

  private AccessLine() {}

  /** What a line tells. Immutable, since it is written on another thread. */
  public interface Entry extends Lined {
    /** Writes its fields. */
    void fields(LineBytes line);

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

    /** Whether somebody would look for it, see {@code Failing}. */
    default boolean failed() {
      return false;
    }

    /** How its line is written. */
    default LineRules rules() {
      return LineRules.DEFAULT;
    }
  }

  /** The line as JSON, whatever the log's own format is, without its end. */
  public static String text(Entry entry) {
    LineBytes line = new LineBytes(1024);
    json(entry, line);
    return line.text();
  }

  /** Writes the line as its rules say, without its end. */
  static void write(Entry entry, LineBytes line) {
    if (entry.rules().text()) {
      line.ascii(entry.rules().line(entry));
    } else {
      json(entry, line);
    }
  }

  private static void json(Entry entry, LineBytes line) {
    line.open();
    entry.fields(line);
    Map<String, String> labels = entry.rules().labels(entry);
    if (!labels.isEmpty()) {
      line.object(LineField.LABELS, labels.entrySet());
    }
    line.close();
  }

  /** When something began. */
  public static void began(LineBytes line, long endedEpochMillis, long durationNanos) {
    line.time(LineField.TIME, endedEpochMillis - durationNanos / NANOS_PER_MILLI);
  }

  /** The same as text: UTC, with milliseconds. */
  public static String began(long endedEpochMillis, long durationNanos) {
    return LineTime.text(endedEpochMillis - durationNanos / NANOS_PER_MILLI);
  }

  /** A duration in whole milliseconds. */
  public static String millis(long nanos) {
    return Long.toString(nanos / NANOS_PER_MILLI);
  }

  /** How long it took, and the bytes that came and went. */
  public static void took(LineBytes line, long nanos, long bytesIn, long bytesOut) {
    line.millis(LineField.DURATION_MS, nanos);
    line.field(LineField.BYTES_IN, bytesIn);
    line.field(LineField.BYTES_OUT, bytesOut);
  }

  /** Who it was, as far as it was proved. */
  public static void caller(LineBytes line, Caller caller) {
    line.field(LineField.PRINCIPAL, caller.principal().orElse("-"));
    line.address(LineField.SOURCE, caller.address(), caller.port());
  }

  /** What an operator asks of a caller; empty where it asks for something else. */
  public static Optional<String> value(Operator operator, Caller caller) {
    return switch (operator) {
      case DOWNSTREAM_REMOTE_ADDRESS -> Optional.of(caller.address() + ":" + caller.port());
      case DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT -> Optional.of(caller.address());
      case DOWNSTREAM_REMOTE_PORT -> Optional.of(Integer.toString(caller.port()));
      case DOWNSTREAM_DIRECT_REMOTE_ADDRESS -> Optional.of(caller.peer() + ":" + caller.port());
      case DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT -> Optional.of(caller.peer());
      case DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT ->
          caller
              .destination()
              .map(meant -> meant.getAddress().getHostAddress())
              .or(() -> Optional.of(caller.localAddress()));
      case DOWNSTREAM_LOCAL_PORT ->
          Optional.of(
              Integer.toString(
                  caller.destination().map(InetSocketAddress::getPort).orElse(caller.localPort())));
      case DOWNSTREAM_LOCAL_ADDRESS ->
          caller.destination().map(NetUtil::toSocketAddressString).or(() -> local(caller));
      case DOWNSTREAM_PEER_URI_SAN -> caller.principal();
      case REQUESTED_SERVER_NAME -> caller.handshake().serverName();
      default -> Optional.empty();
    };
  }

  /**
   * What an operator asks of the endpoint; empty where there is none, or it asks for something
   * else.
   *
   * @param endpoint address and port, {@code -} for none
   */
  public static Optional<String> value(Operator operator, String endpoint) {
    int colon = endpoint.lastIndexOf(':');
    boolean port = colon > 0 && !endpoint.startsWith("unix:");
    return switch (operator) {
      case UPSTREAM_REMOTE_ADDRESS -> Optional.of(endpoint);
      case UPSTREAM_REMOTE_ADDRESS_WITHOUT_PORT ->
          Optional.of(port ? bare(endpoint.substring(0, colon)) : endpoint);
      case UPSTREAM_REMOTE_PORT ->
          port ? Optional.of(endpoint.substring(colon + 1)) : Optional.empty();
      default -> Optional.empty();
    };
  }

  private static String bare(String host) {
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
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
