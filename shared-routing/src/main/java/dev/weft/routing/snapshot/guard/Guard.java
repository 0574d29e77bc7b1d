package dev.weft.routing.snapshot.guard;

import dev.weft.config.model.security.IpBlock;
import dev.weft.routing.authentication.Answer;
import dev.weft.routing.authentication.Authentication;
import dev.weft.routing.authorization.Authorization;
import dev.weft.routing.authorization.AuthorizationCompiler;
import dev.weft.routing.authorization.Verdict;
import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.Decision;
import dev.weft.routing.exchange.Decision.Refuse;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.Request;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.exchange.Service;
import dev.weft.routing.exchange.account.Account;
import dev.weft.routing.stage.AdmitStage;
import dev.weft.routing.stage.edge.Addresses;
import dev.weft.routing.stage.external.ExternalAuthorization;
import dev.weft.routing.telemetry.LogOncePerMinute;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.List;
import java.util.Optional;
import java.util.function.ToIntFunction;

/**
 * Who may come in at one place, requests and connections of which no request is known. Where no
 * policy holds it is {@link #OPEN}, which costs one comparison. Immutable but for what its log
 * counts; any event loop may ask.
 */
public final class Guard {

  private static final String FORWARDED_FOR = "x-forwarded-for";

  /** Lets everybody in. */
  public static final Guard OPEN =
      new Guard(
          Authentication.NONE,
          Asked.OPEN,
          Asked.OPEN,
          Optional.empty(),
          Guard::unguarded,
          new From(true, Addresses.ANY, Optional.empty()));

  private final Authentication tokens;
  private final Asked requests;
  private final Asked connections;
  private final Optional<LogOncePerMinute> rehearsals;
  private final Service refusal;
  private final From from;
  private final boolean open;

  /**
   * From where callers come, and how many.
   *
   * @param outside and the listener settled for whom they speak
   * @param addresses from which they may
   * @param admit how many may be under way; empty for any number
   */
  public record From(boolean outside, Addresses addresses, Optional<AdmitStage> admit) {}

  /**
   * What is asked.
   *
   * @param holds decides
   * @param rehearsed what policies say that keep nobody away
   * @param external asks somebody else before either; empty where none does
   */
  private record Asked(
      Authorization holds, Authorization rehearsed, Optional<ExternalAuthorization> external) {
    static final Asked OPEN = of(Authorization.NONE, Authorization.NONE);

    static Asked of(Authorization holds, Authorization rehearsed) {
      return new Asked(holds, rehearsed, Optional.empty());
    }

    boolean open() {
      return holds.open() && rehearsed.open() && external.isEmpty();
    }
  }

  private Guard(
      Authentication tokens,
      Asked requests,
      Asked connections,
      Optional<LogOncePerMinute> rehearsals,
      Service refusal,
      From from) {
    this.tokens = tokens;
    this.requests = requests;
    this.connections = connections;
    this.rehearsals = rehearsals;
    this.refusal = tokens.none() ? refusal : one -> refused(one, tokens, refusal);
    this.from = from;
    this.open = tokens.none() && requests.open() && connections.open() && from.addresses.any();
  }

  /**
   * @param tokens says for whom a request asks
   * @param external asks somebody else before policies count; empty where none does
   * @param refusal carries out what was decided of a request that is denied; of its own, since what
   *     no rule matches may go on elsewhere
   * @param rehearsals told of those whom a policy would have denied that keeps nobody away
   */
  public static Guard of(
      Authentication tokens,
      AuthorizationCompiler policies,
      Optional<ExternalAuthorization> external,
      Service refusal,
      LogOncePerMinute rehearsals,
      From from) {
    Asked requests = new Asked(policies.requests(), policies.rehearsedRequests(), external);
    Asked connections = Asked.of(policies.connections(), policies.rehearsedConnections());
    Guard guard = new Guard(tokens, requests, connections, Optional.of(rehearsals), refusal, from);
    return guard.open ? OPEN : guard;
  }

  /**
   * What serves only those who may come in.
   *
   * @param port of the workload that a caller came to
   * @return {@code inside} itself where everybody may
   */
  public Service before(ToIntFunction<Caller> port, Service inside) {
    return open ? inside : exchange -> admit(exchange, port.applyAsInt(exchange.caller()), inside);
  }

  /** Whether everybody may come in, and nobody is looked at. */
  public boolean open() {
    return open;
  }

  /**
   * Serves a request where it may come in, and refuses it where not; it waits where its token needs
   * keys that are being fetched. One that waits has a place among those that may be under way.
   *
   * @param port of the workload
   */
  public Future<Response> admit(Exchange exchange, int port, Service inside) {
    if (from.addresses.deny(exchange.caller().address())) { // above all work, whatever its rule
      exchange.decided(Decision.denied(exchange.request().head(), "denyFrom"));
      return refusal.serve(exchange);
    }
    return from.admit.isEmpty()
        ? admitted(exchange, port, inside)
        : from.admit.get().before(exchange, one -> admitted(one, port, inside), refusal);
  }

  private Future<Response> admitted(Exchange exchange, int port, Service inside) {
    if (tokens.none()) {
      return authorized(exchange, port, inside);
    }
    if (exchange.request().head().severalCredentials()) {
      return refused(exchange, new Refuse(Cause.BAD_REQUEST, RequestHead.SEVERAL_CREDENTIALS));
    }
    Answer answer = tokens.of(exchange.request().head(), exchange.loop());
    return answer instanceof Answer.Waits waits
        ? unlessCancelled(exchange, waits.settled())
            .compose(later -> identified(exchange, later, port, inside))
        : identified(exchange, answer, port, inside);
  }

  /** Fails, at once, where the exchange is cancelled before it is known. */
  private static Future<Answer> unlessCancelled(Exchange exchange, Future<Answer> settled) {
    Promise<Answer> promise = Promise.promise();
    Runnable unregister = exchange.onCancel(promise::tryFail);
    settled.onSuccess(promise::tryComplete);
    return promise.future().onComplete(done -> unregister.run());
  }

  private Future<Response> identified(Exchange exchange, Answer answer, int port, Service inside) {
    Request request = exchange.request();
    tokens.apply(request, answer);
    if (answer instanceof Answer.Bad bad) {
      exchange.decided(Decision.unauthenticated(request.head(), bad.fault().text()));
      return refusal.serve(exchange);
    }
    if (answer instanceof Answer.Full full) {
      String why = full.most() + " wait for keys on this event loop";
      return refused(exchange, new Refuse(Cause.OVERLOADED, why));
    }
    if (answer instanceof Answer.Known known) {
      exchange.bears(known.token());
    }
    return authorized(exchange, port, inside);
  }

  /** Refuses, as was decided, one that nobody looks at. */
  public Future<Response> refuse(Exchange exchange) {
    return refusal.serve(exchange);
  }

  /** Tokens are in no log, also where nobody came to look at them. */
  private static Future<Response> refused(Exchange exchange, Authentication tokens, Service by) {
    tokens.hide(exchange.request());
    exchange.decided(exchange.decision().towards(exchange.request().head().target()));
    return by.serve(exchange);
  }

  private Future<Response> refused(Exchange exchange, Refuse why) {
    exchange.decided(Decision.refused(exchange.request().head(), why));
    return refusal.serve(exchange);
  }

  private Future<Response> authorized(Exchange exchange, int port, Service inside) {
    if (requests.external.isEmpty()) {
      return decided(exchange, port, inside);
    }
    Caller caller = caller(exchange);
    return requests
        .external
        .get()
        .before(exchange, caller, port, one -> decided(one, port, inside), refusal);
  }

  private Future<Response> decided(Exchange exchange, int port, Service inside) {
    return lets(exchange, port) ? inside.serve(exchange) : refusal.serve(exchange);
  }

  /** Whether a request may go on; what is decided of one that may not is settled. */
  private boolean lets(Exchange exchange, int port) {
    if (requests.open()) {
      return true;
    }
    Request request = exchange.request();
    Caller caller = caller(exchange);
    if (!requests.rehearsed.open()) {
      rehearse(requests.rehearsed.decide(request.head(), request.headers(), caller, port));
    }
    Verdict verdict = requests.holds.decide(request.head(), request.headers(), caller, port);
    Account account = exchange.account();
    if (account != null) {
      Verdict told = requests.holds.explain(request.head(), request.headers(), caller, port);
      account.say("authorization", told.by());
    }
    if (!verdict.allowed()) {
      exchange.decided(Decision.denied(request.head(), verdict.by()));
    }
    return verdict.allowed();
  }

  private Caller caller(Exchange exchange) {
    return from.outside ? exchange.caller() : seen(exchange.request(), exchange.caller());
  }

  /**
   * Inside the mesh, whom the gateway saw that the request came by: the last address that a proxy
   * of the mesh tells. What is none is not believed.
   */
  private static Caller seen(Request request, Caller caller) {
    if (caller.principal().isEmpty()) {
      return caller;
    }
    List<String> told = request.headers().getAll(FORWARDED_FOR);
    String line = told.isEmpty() ? "" : told.get(told.size() - 1);
    String last = line.substring(line.lastIndexOf(',') + 1).strip();
    return IpBlock.parse(last).isEmpty() ? caller : caller.at(last);
  }

  /**
   * Who denies a connection of which no request is known; empty where it may go on.
   *
   * @param port of the workload
   */
  public Optional<String> denies(Caller caller, int port) {
    if (open) {
      return Optional.empty();
    }
    Optional<String> far = from.addresses.refuse(caller.address());
    if (far.isPresent()) {
      return far;
    }
    if (!connections.rehearsed.open()) {
      rehearse(connections.rehearsed.decide(caller, port));
    }
    Verdict verdict = connections.holds.decide(caller, port);
    return verdict.allowed() ? Optional.empty() : Optional.of(verdict.by());
  }

  private void rehearse(Verdict verdict) {
    if (!verdict.allowed()) {
      rehearsals.ifPresent(
          log -> log.warn(verdict.by(), () -> "dry run: would be " + verdict.by()));
    }
  }

  private static Future<Response> unguarded(Exchange exchange) {
    return Future.failedFuture(new ProxyFailure(Cause.INTERNAL, "nobody was denied"));
  }
}
