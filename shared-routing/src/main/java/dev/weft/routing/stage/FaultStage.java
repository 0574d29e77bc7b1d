package dev.weft.routing.stage;

import dev.weft.routing.exchange.Decision.Fault;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.LocalResponse;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.exchange.Service;
import dev.weft.routing.exchange.Stage;
import dev.weft.routing.exchange.failure.GrpcStatus;
import dev.weft.routing.telemetry.RequestSignals;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/**
 * Carries out the fault that was drawn: first the delay, then the abort.
 *
 * <p>Source: Istio {@code HTTPFaultInjection}; Envoy's fault filter for the flag of a delay, which
 * counts from its beginning.
 */
public final class FaultStage implements Stage {

  private static final byte[] ABORTED = "fault filter abort".getBytes(StandardCharsets.US_ASCII);

  @Override
  public Future<Response> apply(Exchange exchange, Service next) {
    Optional<Fault> fault = exchange.decision().fault();
    if (fault.isEmpty()) {
      return next.serve(exchange);
    }
    Duration delay = fault.get().delay();
    if (delay.isZero()) {
      return afterDelay(exchange, fault.get(), next);
    }
    exchange.delay();
    return wait(exchange, delay).compose(waited -> afterDelay(exchange, fault.get(), next));
  }

  /** Ends early, and failed, when the exchange is cancelled. */
  static Future<Void> wait(Exchange exchange, Duration time) {
    Promise<Void> promise = Promise.promise();
    var timer = exchange.loop().timers().after(time, promise::tryComplete);
    Runnable unregister =
        exchange.onCancel(
            cause -> {
              timer.cancel();
              promise.tryFail(cause);
            });
    return promise.future().onComplete(done -> unregister.run());
  }

  private static Future<Response> afterDelay(Exchange exchange, Fault fault, Service next) {
    if (fault.httpStatus().isEmpty() && fault.grpcStatus().isEmpty()) {
      return next.serve(exchange);
    }
    exchange.request().body().discard();
    String route = exchange.decision().route().name();
    Optional<ProxyFailure> reason =
        Optional.of(
            new ProxyFailure(Cause.FAULT_INJECTED, "route " + route + ": its fault says abort"));
    int status = fault.httpStatus().orElse(0);
    boolean call = fault.grpcStatus().isPresent() || RequestSignals.grpc(exchange.request());
    Response response =
        call
            ? LocalResponse.ofCall(
                exchange.request().head(),
                fault.grpcStatus().orElse(GrpcStatus.of(status)),
                ABORTED,
                reason)
            : new LocalResponse(status, Buffer.buffer(ABORTED), reason);
    if (!call) {
      response.headers().set(HttpHeaderNames.CONTENT_TYPE, "text/plain");
    }
    response.headers().set("proxy-status", Cause.FAULT_INJECTED.proxyStatus());
    return Future.succeededFuture(response);
  }
}
