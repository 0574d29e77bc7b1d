package dev.weft.cli;

import io.grpc.Context;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import io.grpc.testing.integration.Messages.SimpleRequest;
import io.grpc.testing.integration.Messages.StreamingInputCallRequest;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * What grpc-java's interop server leaves out: a message that says whether it is compressed and did
 * not come so is refused with INVALID_ARGUMENT, as the cases client_compressed_unary and
 * client_compressed_streaming want.
 *
 * <p>Source: gRPC's interop test descriptions, {@code expect_compressed}.
 */
final class ExpectedCompression extends ServerStreamTracer.Factory implements ServerInterceptor {

  private static final Context.Key<Arrivals> ARRIVALS = Context.key("arrivals");
  private static final long NOT_KNOWN_YET = -1; // the size of what is still compressed

  /** How the messages of one call came. */
  private static final class Arrivals extends ServerStreamTracer {
    private final Queue<Boolean> compressed = new ConcurrentLinkedQueue<>();

    @Override
    public Context filterContext(Context context) {
      return context.withValue(ARRIVALS, this);
    }

    @Override
    public void inboundMessageRead(int number, long wireSize, long size) {
      compressed.add(size == NOT_KNOWN_YET);
    }
  }

  @Override
  public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
    return new Arrivals();
  }

  @Override
  public <A, B> ServerCall.Listener<A> interceptCall(
      ServerCall<A, B> call, Metadata headers, ServerCallHandler<A, B> next) {
    Queue<Boolean> arrived = ARRIVALS.get().compressed;
    return new SimpleForwardingServerCallListener<>(next.startCall(call, headers)) {
      private boolean refused;

      @Override
      public void onMessage(A message) {
        boolean compressed = Boolean.TRUE.equals(arrived.poll());
        if (refused || expected(message).filter(wanted -> wanted != compressed).isPresent()) {
          refuse(compressed ? "compressed" : "not compressed");
        } else {
          super.onMessage(message);
        }
      }

      private void refuse(String how) {
        if (!refused) {
          refused = true;
          call.close(Status.INVALID_ARGUMENT.withDescription("came " + how), new Metadata());
        }
      }

      @Override
      public void onHalfClose() {
        if (!refused) {
          super.onHalfClose();
        }
      }
    };
  }

  private static Optional<Boolean> expected(Object message) {
    if (message instanceof SimpleRequest simple && simple.hasExpectCompressed()) {
      return Optional.of(simple.getExpectCompressed().getValue());
    }
    return message instanceof StreamingInputCallRequest part && part.hasExpectCompressed()
        ? Optional.of(part.getExpectCompressed().getValue())
        : Optional.empty();
  }
}
