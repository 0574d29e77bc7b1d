package dev.weft.routing.stage;

import dev.weft.routing.clock.Timers.Timer;
import dev.weft.routing.cluster.Upstream;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.Request;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.exchange.Service;
import dev.weft.routing.resilience.CircuitBreaker.State;
import dev.weft.routing.resilience.RetryPolicy;
import dev.weft.routing.resilience.TimeLeft;
import dev.weft.routing.route.Draw;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.Optional;

/**
 * Tries an upstream again where that is safe, wanted and paid for: the policy says which attempts
 * may be repeated, the budget bounds what that adds to the load, and the body must still be there.
 * Each try may have a timeout of its own, until its answer's head.
 */
public final class RetryingService implements Service {

  private static final Timer ENDLESS = () -> {};

  private final RetryPolicy policy;
  private final UpstreamService upstreams;
  private final TimeLeft perTry; // Long.MAX_VALUE for any

  public RetryingService(RetryPolicy policy, UpstreamService upstreams) {
    this.policy = policy;
    this.upstreams = upstreams;
    this.perTry =
        new TimeLeft(policy.perTryTimeout().map(Duration::toNanos).orElse(Long.MAX_VALUE));
  }

  @Override
  public Future<Response> serve(Exchange exchange) {
    upstreams.upstream().budget().deposit();
    return attempt(exchange, new Tries(policy.avoidsTried()));
  }

  private Future<Response> attempt(Exchange exchange, Tries tries) {
    int number = tries.number();
    tellTimeLeft(exchange, tries);
    Timer patience = patience(exchange, tries);
    return upstreams
        .attempt(exchange, tries)
        .transform(
            answer -> {
              patience.cancel();
              if (number > 0) {
                retried(tries, answer.succeeded() && well(exchange, answer.result()));
              }
              if (answer.failed()) {
                return afterFailure(exchange, tries, number, answer.cause());
              }
              Response response = answer.result();
              if (wantsMore(exchange, response) && again(exchange, tries, false) == Again.YES) {
                response.cancel();
                tries.failed(Optional.empty());
                return later(exchange, tries);
              }
              return Future.succeededFuture(response);
            });
  }

  /** The first try has the whole time, which {@link TimeoutStage} told, unless its own is less. */
  private void tellTimeLeft(Exchange exchange, Tries tries) {
    long limit = exchange.limitNanos();
    if (tries.number() == 0 || limit == Long.MAX_VALUE) {
      if (perTry.nanos() < limit) {
        perTry.tell(exchange.request());
      }
      return;
    }
    long left = limit - (exchange.loop().ticker().nanos() - tries.firstNanos());
    TimeLeft own = left < perTry.nanos() ? new TimeLeft(Math.max(0, left)) : perTry;
    own.tell(exchange.request());
  }

  private boolean wantsMore(Exchange exchange, Response response) {
    return policy.repeats(exchange.request(), response);
  }

  private boolean well(Exchange exchange, Response response) {
    return response.status() < 500 && !wantsMore(exchange, response);
  }

  private void retried(Tries tries, boolean well) {
    upstreams.upstream().releaseRetry();
    upstreams.upstream().budget().ended(well, tries.paid());
  }

  /** Gives an attempt up whose answer's head does not come in its time. */
  private Timer patience(Exchange exchange, Tries tries) {
    Optional<Duration> perTry = policy.perTryTimeout();
    return perTry.isEmpty() ? ENDLESS : exchange.loop().timers().after(perTry.get(), tries::giveUp);
  }

  private Future<Response> afterFailure(
      Exchange exchange, Tries tries, int number, Throwable cause) {
    Cause reason = cause instanceof ProxyFailure failure ? failure.reason() : Cause.INTERNAL;
    if (tries.number() == number) {
      return Future.failedFuture(unsent(exchange, tries, reason, cause));
    }
    boolean free =
        policy.neverReached(reason)
            || (cause instanceof ProxyFailure failure && failure.onKeptConnection());
    Again again =
        policy.repeats(exchange.request(), reason) ? again(exchange, tries, free) : Again.NO;
    Optional<ProxyFailure> theirs = ofEndpoint(cause);
    if (again == Again.YES) {
      tries.failed(theirs);
      return later(exchange, tries);
    }
    return Future.failedFuture(
        theirs
            .<Throwable>map(failure -> chain(exchange, failure, tries, end(again)))
            .orElse(cause));
  }

  /** What a try that went nowhere is told as: as the failure before it, where there is one. */
  private Throwable unsent(Exchange exchange, Tries tries, Cause reason, Throwable cause) {
    return tries
        .failure()
        .<Throwable>map(before -> chain(exchange, before, tries, ", then " + reason.word()))
        .orElse(cause);
  }

  /** Why that is the last try. */
  private static String end(Again again) {
    return switch (again) {
      case YES, NO -> "";
      case UNPAID -> ", the retry budget is spent";
      case BROKEN -> ", its circuit breaker is open";
    };
  }

  /** Whatever ended the whole request tells its own chain. */
  private static Optional<ProxyFailure> ofEndpoint(Throwable cause) {
    return cause instanceof ProxyFailure failure
            && String.valueOf(failure.getMessage()).startsWith("endpoint ")
        ? Optional.of(failure)
        : Optional.empty();
  }

  /** What an endpoint failed with, by which way it was reached, and why that is the end. */
  private ProxyFailure chain(Exchange exchange, ProxyFailure failure, Tries tries, String end) {
    String way =
        "route "
            + exchange.decision().route().name()
            + ": cluster "
            + upstreams.upstream().name()
            + ": ";
    if (policy.attempts() == 0) {
      return failure.within(way, "");
    }
    String attempt = " (attempt " + tries.number() + " of " + (1 + policy.attempts());
    return failure.within(way, attempt + end + ")");
  }

  /** Whether there is another try. */
  private enum Again {
    YES,
    NO,
    /** It would be one, were there anything left in the retry budget. */
    UNPAID,
    /** It would be refused: what was seen so far opened the breaker. */
    BROKEN
  }

  /**
   * @param costless whether a try of each endpoint needs no token
   */
  private Again again(Exchange exchange, Tries tries, boolean costless) {
    Request request = exchange.request();
    if (exchange.cancelled().isPresent() || tries.number() > policy.attempts()) {
      return Again.NO;
    }
    if (!request.body().replayable()) {
      return Again.NO;
    }
    Upstream upstream = upstreams.upstream();
    if (upstream.breaker().state() == State.OPEN) {
      return Again.BROKEN;
    }
    if (!upstream.admitRetry()) {
      return Again.NO;
    }
    boolean free = costless && tries.number() <= upstream.endpoints().endpoints().size();
    if (free || upstream.budget().withdraw()) {
      tries.paid(!free);
      return Again.YES;
    }
    upstream.releaseRetry();
    return Again.UNPAID;
  }

  private Future<Response> later(Exchange exchange, Tries tries) {
    long draw = Draw.mix(exchange.seed(), Draw.Purpose.BACKOFF, tries.number());
    Duration pause = policy.backoff(tries.number(), draw);
    return FaultStage.wait(exchange, pause)
        .onFailure(cancelled -> upstreams.upstream().releaseRetry())
        .compose(waited -> attempt(exchange, tries));
  }
}
