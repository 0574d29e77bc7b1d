package dev.weft.cli;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.testing.integration.Messages.SimpleRequest;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Gives the load that a call asks for back in its trailers, as a server of ORCA does; what it looks
 * like is the business of both ends.
 *
 * <p>Source: gRPC's interop test descriptions, {@code orca_per_rpc}; gRFC A51.
 */
final class LoadReports implements ServerInterceptor {

  /** Where a report is. */
  static final Metadata.Key<byte[]> REPORT =
      Metadata.Key.of("endpoint-load-metrics-bin", Metadata.BINARY_BYTE_MARSHALLER);

  @Override
  public <A, B> ServerCall.Listener<A> interceptCall(
      ServerCall<A, B> call, Metadata headers, ServerCallHandler<A, B> next) {
    AtomicReference<byte[]> report = new AtomicReference<>(new byte[0]);
    ServerCall<A, B> reporting =
        new SimpleForwardingServerCall<>(call) {
          @Override
          public void close(Status status, Metadata trailers) {
            if (report.get().length > 0) {
              trailers.put(REPORT, report.get());
            }
            super.close(status, trailers);
          }
        };
    return new SimpleForwardingServerCallListener<>(next.startCall(reporting, headers)) {
      @Override
      public void onMessage(A message) {
        if (message instanceof SimpleRequest asked && asked.hasOrcaPerQueryReport()) {
          report.set(asked.getOrcaPerQueryReport().toByteArray());
        }
        super.onMessage(message);
      }
    };
  }
}
