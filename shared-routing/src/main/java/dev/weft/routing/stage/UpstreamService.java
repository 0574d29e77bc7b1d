package dev.weft.routing.stage;

import dev.weft.config.model.TrafficPolicy.ConsistentHash;
import dev.weft.config.model.TrafficPolicy.HashKey;
import dev.weft.config.model.TrafficPolicy.LoadBalancer;
import dev.weft.routing.cluster.Endpoint;
import dev.weft.routing.cluster.Pick;
import dev.weft.routing.cluster.Upstream;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.resilience.CircuitBreaker;
import dev.weft.routing.resilience.Pauses;
import dev.weft.routing.resilience.overload.AdaptiveLimit;
import dev.weft.routing.route.Draw;
import dev.weft.routing.stage.trace.Spans;
import dev.weft.routing.transport.UpstreamClient;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * One attempt at an upstream: limit of requests, breaker, choice of an endpoint, and the attempt
 * itself; then it reports to all of them, exactly once, however the attempt ends.
 */
public final class UpstreamService {

  private static final Set<Cause> NOT_THEIRS =
      EnumSet.of(
          Cause.BAD_REQUEST, // a body that is not what its head says
          Cause.CLIENT_GONE,
          Cause.CALLER_IDLE,
          Cause.REQUEST_TIMEOUT, // of its body, which does not come
          Cause.OVERFLOW,
          Cause.NO_CERTIFICATE,
          Cause.BODY_TOO_LARGE,
          Cause.DRAINING,
          Cause.INTERNAL);

  private static final Set<Cause> CUTS =
      EnumSet.of(Cause.UPSTREAM_TRUNCATED, Cause.UPSTREAM_RESET, Cause.UPSTREAM_PROTOCOL);
  private static final Set<Cause> TIMES =
      EnumSet.of(
          Cause.UPSTREAM_TIMEOUT, Cause.CALLER_DEADLINE, Cause.PER_TRY_TIMEOUT, Cause.STREAM_IDLE);

  private static final int TOO_MANY_REQUESTS = 429;

  private final Upstream upstream;
  private final List<UpstreamClient> clients;
  private final boolean exact;

  /**
   * @param clients by the index of the exchange's loop
   */
  public UpstreamService(Upstream upstream, List<UpstreamClient> clients) {
    this(upstream, clients, false);
  }

  /**
   * @param exact whether no other endpoint will do than the one that the caller chose by its
   *     address
   */
  public UpstreamService(Upstream upstream, List<UpstreamClient> clients, boolean exact) {
    this.upstream = upstream;
    this.clients = List.copyOf(clients);
    this.exact = exact;
  }

  Upstream upstream() {
    return upstream;
  }

  Future<Response> attempt(Exchange exchange, Tries tries) {
    if (!upstream.admit()) {
      return refused(exchange, Cause.OVERFLOW, "the limit of requests is reached");
    }
    if (!upstream.overload().admits(upstream.overload().owed() + 1)) {
      upstream.release();
      return refused(exchange, Cause.OVERLOADED, "more at once would only wait");
    }
    int admitted = upstream.breaker().admit();
    if (admitted == CircuitBreaker.REFUSED) {
      upstream.release();
      return refused(exchange, Cause.BREAKER_OPEN, "its circuit breaker is open");
    }
    Optional<HashKey> key = hashKey();
    OptionalLong hash =
        key.map(wanted -> HashKeys.of(wanted, exchange)).orElse(OptionalLong.empty());
    long draw = Draw.mix(exchange.seed(), Draw.Purpose.ENDPOINT, tries.number());
    List<Endpoint> avoided = hash.isPresent() ? List.of() : tries.tried(); // a key has its place
    Optional<Endpoint> picked = chosen(exchange, new Pick(draw, hash, avoided));
    if (picked.isEmpty()) {
      upstream.breaker().abandoned(admitted);
      upstream.release();
      return refused(exchange, none(), upstream.why());
    }
    Endpoint endpoint = picked.get();
    endpoint.inFlight().incrementAndGet();
    boolean timed = upstream.times();
    long began = exchange.loop().ticker().nanos();
    exchange.attempting(
        began, upstream.breaker().state().name(), Spans.attempt(exchange, tries.number()));
    tries.begin(endpoint, began);
    owes(exchange, tries, began, timed);
    return clients
        .get(exchange.loop().index())
        .send(exchange, upstream.settings(), endpoint, tries)
        .onComplete(
            answer -> {
              OptionalLong owedSince = tries.settled();
              long now = exchange.loop().ticker().nanos();
              if (timed) {
                took(endpoint, answer, now, began, owedSince);
              }
              if (answer.failed()) {
                exchange.unanswered(now, answer.cause());
                failed(exchange, endpoint, admitted, answer.cause());
                return;
              }
              Response response = answer.result();
              exchange.answered(now, response.status());
              key.ifPresent(wanted -> HashKeys.remember(wanted, exchange, response));
              response.ended().onComplete(end -> ended(endpoint, admitted, response, end.cause()));
            });
  }

  /** While its body is yet to come an attempt is nothing that the endpoint could answer. */
  private void owes(Exchange exchange, Tries tries, long began, boolean timed) {
    AdaptiveLimit overload = upstream.overload();
    if (exchange.request().body().empty()) {
      tries.owed(overload, began);
    } else {
      tries.whenSent(() -> tries.owed(overload, timed ? exchange.loop().ticker().nanos() : 0));
    }
  }

  /** The balancer's choice, or the caller's own where it counts and was made. */
  private Optional<Endpoint> chosen(Exchange exchange, Pick pick) {
    if (!exact && !upstream.asMeant()) {
      return upstream.pick(pick);
    }
    Optional<Endpoint> chosen = exchange.caller().destination().flatMap(upstream::at);
    return chosen.isPresent() || exact ? chosen : upstream.pick(pick);
  }

  /** What it is called that there is no endpoint. */
  private Cause none() {
    return upstream.unresolved() ? Cause.NAME_UNRESOLVED : Cause.NO_HEALTHY_UPSTREAM;
  }

  private void took(
      Endpoint endpoint,
      AsyncResult<Response> answer,
      long now,
      long began,
      OptionalLong owedSince) {
    if (owedSince.isPresent() && answer.succeeded() && answers(answer.result().status())) {
      upstream.overload().answered(now - owedSince.getAsLong());
    }
    if (upstream.measures()) {
      measured(endpoint, answer, now - began);
    }
  }

  /** A quick refusal tells nothing about how long an answer takes. */
  private static boolean answers(int status) {
    return status < 500 && status != TOO_MANY_REQUESTS;
  }

  private void measured(Endpoint endpoint, AsyncResult<Response> answer, long nanos) {
    if (answer.succeeded()) {
      Response response = answer.result();
      upstream.measured(endpoint, response.status(), Pauses.of(response), nanos);
    } else if (answer.cause() instanceof ProxyFailure failure
        && theirs(failure.reason())
        && !failure.toldBefore()) {
      upstream.unanswered(endpoint, nanos);
    }
  }

  private Optional<HashKey> hashKey() {
    return upstream
        .settings()
        .policy()
        .loadBalancer()
        .flatMap(LoadBalancer::hash)
        .map(ConsistentHash::key);
  }

  private Future<Response> refused(Exchange exchange, Cause cause, String why) {
    return Future.failedFuture(
        new ProxyFailure(
            cause,
            "route "
                + exchange.decision().route().name()
                + ": cluster "
                + upstream.name()
                + ": "
                + why));
  }

  private void ended(Endpoint endpoint, int admitted, Response response, Throwable cause) {
    endpoint.inFlight().decrementAndGet();
    upstream.release();
    if (cause instanceof ProxyFailure failure && CUTS.contains(failure.reason())) {
      speakAgainst(endpoint, failure);
    } else {
      upstream.answered(endpoint, response.status());
    }
    boolean cut = cause instanceof ProxyFailure failure && theirs(failure.reason());
    if (cut || response.status() >= 500) {
      upstream.breaker().failed(admitted);
    } else {
      upstream.breaker().succeeded(admitted);
    }
  }

  private void failed(Exchange exchange, Endpoint endpoint, int admitted, Throwable cause) {
    endpoint.inFlight().decrementAndGet();
    upstream.release();
    if (cause instanceof ProxyFailure failure
        && theirs(failure.reason())
        && !waitedForCaller(exchange, failure.reason())) {
      speakAgainst(endpoint, failure);
      upstream.breaker().failed(admitted);
    } else {
      upstream.breaker().abandoned(admitted);
    }
  }

  private void speakAgainst(Endpoint endpoint, ProxyFailure failure) {
    if (!failure.toldBefore()) {
      upstream.failed(endpoint, failure.reason());
    }
  }

  /** Whether time ran out while the request's own body was still to come. */
  private static boolean waitedForCaller(Exchange exchange, Cause cause) {
    return TIMES.contains(cause) && exchange.request().body().awaited();
  }

  /** Whether a failure speaks against the endpoint. */
  private static boolean theirs(Cause cause) {
    return !NOT_THEIRS.contains(cause);
  }
}
