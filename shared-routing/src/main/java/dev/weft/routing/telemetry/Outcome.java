package dev.weft.routing.telemetry;

import dev.weft.routing.exchange.ProxyFailure;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * How a request ended, packed into an {@code int} so that counting allocates nothing: status,
 * response flag, protocol and gRPC status.
 *
 * <p>Bits 0 to 9 hold the status, 10 to 15 the flag's index, 16 whether it was gRPC, 17 to 21 the
 * gRPC status plus one, 22 whether a fault delayed it. Causes with the same Envoy flag give the
 * same outcome, since they are the same series.
 */
public final class Outcome {

  private static final String NO_FLAG = "-";
  private static final String[] FLAGS =
      Stream.concat(
              Stream.of(NO_FLAG),
              Stream.of(ProxyFailure.Cause.values()).map(ProxyFailure.Cause::flag))
          .distinct()
          .toArray(String[]::new);
  private static final String[] DELAYED_FLAGS =
      Stream.concat(
              Stream.of(ProxyFailure.Cause.DELAYED),
              Stream.of(FLAGS).skip(1).map(flag -> ProxyFailure.Cause.DELAYED + "," + flag))
          .toArray(String[]::new);
  private static final Map<ProxyFailure.Cause, Integer> FLAG_OF_CAUSE = flagOfCause();
  private static final int STATUS_MASK = 0x3ff;
  private static final int FLAG_SHIFT = 10;
  private static final int FLAG_MASK = 0x3f;
  private static final int GRPC = 1 << 16;
  private static final int GRPC_STATUS_SHIFT = 17;
  private static final int GRPC_STATUS_MASK = 0x1f;
  private static final int DELAYED = 1 << 22;
  private static final int FIRST_REFUSAL = 400;
  private static final int FIRST_FAILURE = 500;

  // UNKNOWN, DEADLINE_EXCEEDED, UNIMPLEMENTED, INTERNAL, UNAVAILABLE, DATA_LOSS
  private static final int SERVERS_FAULT = bits(2, 4, 12, 13, 14, 15);

  // PERMISSION_DENIED, UNAUTHENTICATED
  private static final int NOT_ALLOWED = bits(7, 16);
  private static final Set<String> CALLERS_FAULT = Set.of("DPE", "NR", "RL"); // Envoy's flags

  private Outcome() {}

  /**
   * A plain HTTP request.
   *
   * @param status 0 to 999
   */
  public static int http(int status, Optional<ProxyFailure.Cause> cause) {
    int flag = cause.isPresent() ? FLAG_OF_CAUSE.getOrDefault(cause.get(), 0) : 0;
    return Math.max(0, Math.min(999, status)) | (flag << FLAG_SHIFT);
  }

  /**
   * A gRPC request.
   *
   * @param grpcStatus 0 to 16; others count as 2 (UNKNOWN); empty when the call ended without one
   */
  public static int grpc(int status, Optional<ProxyFailure.Cause> cause, OptionalInt grpcStatus) {
    int plain = http(status, cause) | GRPC;
    if (grpcStatus.isEmpty()) {
      return plain;
    }
    int told = grpcStatus.getAsInt();
    int known = told < 0 || told > 16 ? 2 : told;
    return plain | ((known + 1) << GRPC_STATUS_SHIFT);
  }

  /** The same of a request that a fault delayed. */
  public static int delayed(int outcome) {
    return outcome | DELAYED;
  }

  /** The HTTP status. */
  public static int status(int outcome) {
    return outcome & STATUS_MASK;
  }

  /** The value of the label {@code response_flags}. */
  public static String flag(int outcome) {
    int flag = flagIndex(outcome);
    return (outcome & DELAYED) == 0 ? FLAGS[flag] : DELAYED_FLAGS[flag];
  }

  /** Whether it was a call of gRPC. */
  static boolean ofGrpc(int outcome) {
    return (outcome & GRPC) != 0;
  }

  /** The value of the label {@code request_protocol}. */
  public static String protocol(int outcome) {
    return ofGrpc(outcome) ? "grpc" : "http";
  }

  /** The value of the label {@code grpc_response_status}: a number, or empty. */
  public static String grpcStatus(int outcome) {
    int stored = (outcome >> GRPC_STATUS_SHIFT) & GRPC_STATUS_MASK;
    return stored == 0 ? "" : Integer.toString(stored - 1);
  }

  /**
   * Whether a caller did not get what he came for, by no fault of his own: no answer, one of 500 or
   * more, or a status of gRPC that means as much.
   */
  public static boolean failed(int outcome) {
    return failed(status(outcome), grpcBit(outcome), FLAGS[flagIndex(outcome)]);
  }

  /**
   * The same by the labels that tell it.
   *
   * @param code {@code response_code}
   * @param grpcStatus {@code grpc_response_status}
   * @param flags {@code response_flags}
   */
  public static boolean failed(String code, String grpcStatus, String flags) {
    OptionalInt status = number(code);
    OptionalInt grpc = number(grpcStatus);
    return status.isPresent()
        && failed(
            status.getAsInt(),
            grpc.isPresent() ? 1 << grpc.getAsInt() : 0,
            flags.substring(flags.lastIndexOf(',') + 1));
  }

  private static boolean failed(int status, int grpc, String flag) {
    return status == 0
        || status >= FIRST_FAILURE
        || ((grpc & SERVERS_FAULT) != 0 && !CALLERS_FAULT.contains(flag));
  }

  /** Whether it was turned away for what its caller is or asked for, by whomever. */
  public static boolean refused(int outcome) {
    int status = status(outcome);
    int grpc = grpcBit(outcome);
    return (status >= FIRST_REFUSAL && status < FIRST_FAILURE)
        || (grpc & NOT_ALLOWED) != 0
        || ((grpc & SERVERS_FAULT) != 0 && !failed(outcome));
  }

  private static int grpcBit(int outcome) {
    int stored = (outcome >> GRPC_STATUS_SHIFT) & GRPC_STATUS_MASK;
    return stored == 0 ? 0 : 1 << (stored - 1);
  }

  private static int flagIndex(int outcome) {
    return (outcome >> FLAG_SHIFT) & FLAG_MASK;
  }

  private static int bits(int... of) {
    return IntStream.of(of).map(one -> 1 << one).sum();
  }

  private static OptionalInt number(String label) {
    try {
      return OptionalInt.of(Integer.parseInt(label));
    } catch (NumberFormatException none) {
      return OptionalInt.empty();
    }
  }

  /**
   * The same, told by the hundred and without details: for what would make too many series. A call
   * that failed stays one, as of status 2, UNKNOWN.
   */
  static int coarse(int outcome) {
    int coarse = (status(outcome) / 100 * 100) | (outcome & GRPC);
    return failed(outcome) && !failed(coarse) ? coarse | (3 << GRPC_STATUS_SHIFT) : coarse;
  }

  private static Map<ProxyFailure.Cause, Integer> flagOfCause() {
    Map<ProxyFailure.Cause, Integer> table = new EnumMap<>(ProxyFailure.Cause.class);
    for (ProxyFailure.Cause cause : ProxyFailure.Cause.values()) {
      table.put(cause, List.of(FLAGS).indexOf(cause.flag()));
    }
    return table;
  }
}
