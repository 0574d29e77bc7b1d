package dev.weft.routing.stage;

import dev.weft.config.model.settings.Overload;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.exchange.Service;
import dev.weft.routing.exchange.Stage;
import dev.weft.routing.resilience.overload.HeapShare;
import io.vertx.core.Future;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Lets so many requests be under way at once in the whole process, and refuses what is more at
 * once.
 *
 * <p>Source: {@code ProxySettings.overload.maxInFlight}.
 */
public final class AdmitStage implements Stage {

  private final AtomicInteger underWay;
  private final int most;

  /**
   * @param underWay of the whole process
   * @param most from 1
   */
  public AdmitStage(AtomicInteger underWay, int most) {
    this.underWay = underWay;
    this.most = most;
  }

  /**
   * What is asked for, or as many as memory holds; empty where nothing is limited.
   *
   * @param underWay of the whole process
   * @param loops of the process
   */
  public static Optional<Stage> of(Overload overload, AtomicInteger underWay, int loops) {
    if (overload.mode() == Overload.Mode.OFF) {
      return Optional.empty();
    }
    return Optional.of(
        overload.maxInFlight() == 0
            ? ofEachLoop(HeapShare.requests(loops))
            : new AdmitStage(underWay, overload.maxInFlight()));
  }

  /**
   * Admits as many as there is memory for; costs a comparison.
   *
   * @param most on each loop, from 1
   */
  public static Stage ofEachLoop(int most) {
    return (exchange, next) ->
        exchange.loop().underWay().count() > most
            ? refused(
                exchange, "are under way on this event loop, more than the heap may hold", most)
            : next.serve(exchange);
  }

  @Override
  public Future<Response> apply(Exchange exchange, Service next) {
    if (underWay.incrementAndGet() > most) {
      underWay.decrementAndGet();
      return refused(exchange, "are under way", most);
    }
    return served(exchange, next)
        .onFailure(failed -> underWay.decrementAndGet())
        .onSuccess(response -> response.ended().onComplete(end -> underWay.decrementAndGet()));
  }

  private static Future<Response> refused(Exchange exchange, String why, int most) {
    String route = exchange.decision().route().name();
    return Future.failedFuture(
        new ProxyFailure(Cause.OVERLOADED, "route " + route + ": " + most + " " + why));
  }

  /** A fault of ours is a failure too, and its place is given back. */
  private static Future<Response> served(Exchange exchange, Service next) {
    try {
      return next.serve(exchange);
    } catch (RuntimeException e) {
      return Future.failedFuture(e);
    }
  }
}
