package dev.weft.routing.telemetry;

import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.failure.GrpcStatus;
import java.util.Optional;
import java.util.OptionalInt;

/** Hears of every exchange that ended, on the event loop that it belongs to. Never waits. */
public interface ExchangeObserver {

  /** Tells the end of an exchange, once. */
  void ended(Exchange exchange, Ending ending);

  /**
   * How an exchange ended.
   *
   * @param status of the answer that the caller got, or would have got
   * @param failure why the proxy answered itself, or why the answer was cut; empty for an answer of
   *     the service's own that came whole
   * @param grpcStatus of the trailers, or of the head of an answer without a body; empty for what
   *     is not gRPC, and for a call that was cut
   * @param requestBytes of the body that came, from 0
   * @param responseBytes of the body that went to the caller, from 0
   * @param messages of gRPC; none of what is not
   * @param delayed whether a fault delayed it, or began to
   */
  record Ending(
      int status,
      Optional<ProxyFailure> failure,
      OptionalInt grpcStatus,
      long requestBytes,
      long responseBytes,
      Messages messages,
      boolean delayed) {

    private static final int OK = 200;

    /** Of what has no messages, and no fault delayed. */
    public Ending(
        int status,
        Optional<ProxyFailure> failure,
        OptionalInt grpcStatus,
        long requestBytes,
        long responseBytes) {
      this(status, failure, grpcStatus, requestBytes, responseBytes, Messages.NONE, false);
    }

    /**
     * Of what was answered in its service's place: a call of gRPC with 200 and a status of its own,
     * as long as there is somebody who hears it.
     */
    public static Ending refused(
        boolean call, ProxyFailure failure, long requestBytes, Messages messages, boolean delayed) {
      Cause cause = failure.reason();
      boolean told = call && cause != Cause.CLIENT_GONE;
      return new Ending(
          told ? OK : cause.status(),
          Optional.of(failure),
          told ? OptionalInt.of(GrpcStatus.of(cause)) : OptionalInt.empty(),
          requestBytes,
          0,
          messages,
          delayed);
    }

    /** Envoy's response flags in the order in which they came, by commas; {@code -} for none. */
    public String flags() {
      if (failure.isEmpty()) {
        return delayed ? Cause.DELAYED : "-";
      }
      Cause cause = failure.get().reason();
      return delayed ? cause.flagAfterDelay() : cause.flag();
    }
  }

  /**
   * Messages of gRPC that passed, each with its first byte.
   *
   * @param requests from the caller, from 0
   * @param responses to it, from 0
   */
  record Messages(long requests, long responses) {

    /** Neither way. */
    public static final Messages NONE = new Messages(0, 0);
  }
}
