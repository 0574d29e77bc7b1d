package dev.weft.routing.telemetry.trace;

import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.telemetry.ExchangeObserver.Ending;
import java.util.Set;

/** Which ends of requests are failures that somebody would look for. */
public final class Failing {

  private static final int SERVER_ERROR = 500;
  private static final int CLIENT_ERROR = 400;
  private static final Set<Integer> OF_GRPC =
      Set.of(2, 4, 8, 13, 14, 15); // its own faults, as OpenTelemetry counts

  private Failing() {}

  /**
   * An answer of 500 or more, one of gRPC that says as much, one that was cut, or what a fault did.
   * Callers who may not come, or who left, are none.
   */
  public static boolean failed(Ending ending) {
    if (ending.status() >= SERVER_ERROR) {
      return true;
    }
    boolean call =
        ending.grpcStatus().isPresent() && OF_GRPC.contains(ending.grpcStatus().getAsInt());
    if (ending.failure().isEmpty()) {
      return call;
    }
    ProxyFailure failure = ending.failure().get();
    return ending.grpcStatus().isPresent()
        ? failure.reason() == Cause.FAULT_INJECTED || (call && failed(failure))
        : of(failure, ending.status());
  }

  /** A call that is told so by the proxy itself. */
  private static boolean failed(ProxyFailure failure) {
    return failure.reason().status() >= SERVER_ERROR
        || failure.reason() == Cause.AUTHORIZER_FAILED; // with the status that its policy says
  }

  private static boolean of(ProxyFailure failure, int status) {
    return failure.reason() == Cause.FAULT_INJECTED
        || (status < CLIENT_ERROR && failure.reason() != Cause.CLIENT_GONE);
  }
}
