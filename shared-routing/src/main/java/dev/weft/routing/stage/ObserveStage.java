package dev.weft.routing.stage;

import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.Request;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.exchange.Service;
import dev.weft.routing.exchange.Stage;
import dev.weft.routing.exchange.body.GrpcMessages;
import dev.weft.routing.exchange.failure.GrpcStatus;
import dev.weft.routing.telemetry.ExchangeObserver;
import dev.weft.routing.telemetry.ExchangeObserver.Ending;
import dev.weft.routing.telemetry.ExchangeObserver.Messages;
import dev.weft.routing.telemetry.RequestSignals;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import java.util.Optional;
import java.util.OptionalInt;

/** Tells the observer of each exchange's end, whatever end it takes. */
public final class ObserveStage implements Stage {

  private static final CharSequence GRPC_STATUS = HttpHeaders.createOptimized("grpc-status");

  private final ExchangeObserver observer;

  public ObserveStage(ExchangeObserver observer) {
    this.observer = observer;
  }

  @Override
  public Future<Response> apply(Exchange exchange, Service next) {
    Counts counts = Counts.of(exchange.request());
    return next.serve(exchange)
        .onComplete(
            answer -> {
              if (answer.failed()) {
                observer.ended(exchange, refused(exchange, failure(answer.cause()), counts));
                return;
              }
              Response response = answer.result();
              exchange.answer(response);
              counts.of(response);
              response
                  .ended()
                  .onComplete(
                      end ->
                          observer.ended(
                              exchange,
                              answered(
                                  exchange, response, Optional.ofNullable(end.cause()), counts)));
            });
  }

  private static Ending refused(Exchange exchange, ProxyFailure failure, Counts counts) {
    return Ending.refused(
        RequestSignals.grpc(exchange.request()),
        failure,
        exchange.request().body().received(),
        counts.soFar(),
        exchange.delayed());
  }

  private static Ending answered(
      Exchange exchange, Response response, Optional<Throwable> cut, Counts counts) {
    Optional<ProxyFailure> failure = cut.map(ObserveStage::failure).or(response::reason);
    return new Ending(
        response.status(),
        failure,
        RequestSignals.grpc(exchange.request())
            ? grpcStatus(response, failure, counts)
            : OptionalInt.empty(),
        exchange.request().body().received() + response.said(),
        response.bytes(),
        counts.soFar(),
        exchange.delayed());
  }

  private static OptionalInt grpcStatus(
      Response response, Optional<ProxyFailure> failure, Counts counts) {
    if (counts.asked().isPresent()
        && failure.filter(late -> late.reason() == Cause.CALLER_DEADLINE).isPresent()) {
      return OptionalInt.of(GrpcStatus.of(Cause.CALLER_DEADLINE)); // told after messages, too
    }
    String trailer = response.trailers().get(GRPC_STATUS);
    String told = trailer == null ? response.header(GRPC_STATUS) : trailer;
    if (told == null) {
      return OptionalInt.empty();
    }
    try {
      return OptionalInt.of(Integer.parseInt(told));
    } catch (NumberFormatException invented) {
      return OptionalInt.of(2); // UNKNOWN: the service made it up
    }
  }

  private static ProxyFailure failure(Throwable cause) {
    return cause instanceof ProxyFailure known
        ? known
        : new ProxyFailure(Cause.INTERNAL, String.valueOf(cause));
  }

  /** Of the messages of one exchange; of one that is not gRPC nothing is counted. */
  private record Counts(Optional<GrpcMessages> asked, Optional<GrpcMessages> given) {

    private static final Counts NONE = new Counts(Optional.empty(), Optional.empty());

    static Counts of(Request request) {
      if (!GrpcMessages.in(request.head().headers().get(HttpHeaders.CONTENT_TYPE))) {
        return NONE;
      }
      GrpcMessages asked = new GrpcMessages();
      request.body().watch(asked);
      return new Counts(Optional.of(asked), Optional.of(new GrpcMessages()));
    }

    /** What an error page says is no message. */
    void of(Response response) {
      if (given.isPresent()
          && response.status() == 200
          && GrpcMessages.in(response.header(HttpHeaders.CONTENT_TYPE))) {
        response.watch(given.get());
      }
    }

    Messages soFar() {
      return asked.isPresent() && given.isPresent()
          ? new Messages(asked.get().count(), given.get().count())
          : Messages.NONE;
    }
  }
}
