package dev.weft.routing.stage;

import dev.weft.config.model.settings.Overload;
import dev.weft.routing.exchange.Decision;
import dev.weft.routing.exchange.Decision.Refuse;
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
 * Lets so many requests be under way at once, and refuses what is more at once. It stands where a
 * request may have to wait for the first time: above what is asked about its caller, where anything
 * is, and above its rule's steps. Who has a place keeps it to the end.
 *
 * <p>Source: {@code ProxySettings.overload.maxInFlight}.
 */
public final class AdmitStage implements Stage {

  private final Optional<AtomicInteger> underWay; // of the process; empty where loops count
  private final int most;

  private AdmitStage(Optional<AtomicInteger> underWay, int most) {
    this.underWay = underWay;
    this.most = most;
  }

  /**
   * @param underWay of the whole process
   * @param most from 1
   */
  public AdmitStage(AtomicInteger underWay, int most) {
    this(Optional.of(underWay), most);
  }

  /**
   * What is asked for, or as many as memory holds; empty where nothing is limited.
   *
   * @param underWay of the whole process
   * @param loops of the process
   */
  public static Optional<AdmitStage> of(Overload overload, AtomicInteger underWay, int loops) {
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
  public static AdmitStage ofEachLoop(int most) {
    return new AdmitStage(Optional.empty(), most);
  }

  @Override
  public Future<Response> apply(Exchange exchange, Service next) {
    if (exchange.admitted()) {
      return next.serve(exchange);
    }
    return taken(exchange)
        ? held(exchange, next)
        : Future.failedFuture(
            new ProxyFailure(
                Cause.OVERLOADED, "route " + exchange.decision().route().name() + ": " + why()));
  }

  /**
   * The same of a request about which nothing is decided yet.
   *
   * @param refusal answers, and is observed
   */
  public Future<Response> before(Exchange exchange, Service next, Service refusal) {
    if (taken(exchange)) {
      return held(exchange, next);
    }
    exchange.decided(
        Decision.refused(exchange.request().head(), new Refuse(Cause.OVERLOADED, why())));
    return refusal.serve(exchange);
  }

  private boolean taken(Exchange exchange) {
    if (underWay.isEmpty()) {
      return exchange.loop().underWay().count() <= most;
    }
    if (underWay.get().incrementAndGet() > most) {
      underWay.get().decrementAndGet();
      return false;
    }
    return true;
  }

  private Future<Response> held(Exchange exchange, Service next) {
    exchange.admit();
    if (underWay.isEmpty()) {
      return next.serve(exchange);
    }
    AtomicInteger places = underWay.get();
    return served(exchange, next)
        .onFailure(failed -> places.decrementAndGet())
        .onSuccess(response -> response.ended().onComplete(end -> places.decrementAndGet()));
  }

  private String why() {
    return most
        + (underWay.isEmpty()
            ? " are under way on this event loop, more than the heap may hold"
            : " are under way");
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
