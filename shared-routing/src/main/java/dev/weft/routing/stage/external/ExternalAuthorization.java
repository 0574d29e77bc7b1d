package dev.weft.routing.stage.external;

import dev.weft.config.model.security.ExternalAuthorizer;
import dev.weft.config.model.security.ExternalAuthorizer.BodyInCheck;
import dev.weft.routing.authorization.Asking;
import dev.weft.routing.clock.Timers.Timer;
import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.exchange.Decision;
import dev.weft.routing.exchange.Decision.Action;
import dev.weft.routing.exchange.Decision.Denied;
import dev.weft.routing.exchange.Decision.Forward;
import dev.weft.routing.exchange.Decision.Refuse;
import dev.weft.routing.exchange.Decision.RouteId;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.RequestBody;
import dev.weft.routing.exchange.RequestBody.Beginning;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.exchange.Service;
import dev.weft.routing.exchange.Workload;
import dev.weft.routing.exchange.body.Buffered;
import dev.weft.routing.resilience.overload.AsksUnderWay;
import dev.weft.routing.telemetry.LogOncePerMinute;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Asks an external authorizer whether a request may go on, once, whatever becomes of the request
 * afterwards. It fails closed: no answer within the time of a check, one of 5xx and one that cannot
 * be read refuse, unless the provider says {@code failOpen}; what cannot be read refuses even then,
 * and so does what this proxy did not ask for a reason of its own ({@link #OURS}).
 *
 * <p>A check holds a connection of the authorizer's cluster, whose limits bound how many are under
 * way, as those of each event loop do ({@link AsksUnderWay}), and at most {@code maxRequestBytes}
 * and one piece more of the request's body, and the same again as it is sent, which counts among
 * what is {@link Buffered}. It ends with its time, and when the caller goes away. Immutable; any
 * event loop may ask.
 *
 * <p>Source: Envoy {@code envoy.extensions.filters.http.ext_authz.v3}; Istio {@code
 * ExtensionProvider}.
 */
public final class ExternalAuthorization {

  /**
   * Why nobody was asked that is no fault of the authorizer: limits that callers fill, and this
   * proxy's own state. Who could be let in by filling a limit would fill it.
   */
  private static final Set<Cause> OURS =
      EnumSet.of(
          Cause.OVERFLOW,
          Cause.OVERLOADED,
          Cause.NO_CERTIFICATE,
          Cause.DRAINING,
          Cause.LOOP,
          Cause.BAD_REQUEST,
          Cause.BODY_TOO_LARGE,
          Cause.INTERNAL);

  /** How long the part of a body may take to come that is shown. */
  static final Duration LONGEST_BODY = Duration.ofSeconds(60);

  private static final Set<Cause> TOO_MUCH = EnumSet.of(Cause.OVERFLOW, Cause.OVERLOADED);

  private final Asking asking;
  private final ExternalAuthorizer authorizer;
  private final ClusterName cluster;
  private final CheckProtocol protocol;
  private final Service way;
  private final long mostBody;
  private final AsksUnderWay underWay;
  private final LogOncePerMinute log;

  /**
   * @param ways to a cluster, unobserved
   * @param mostBody bytes that a body may have; 0 for any
   * @param underWay how many may be asked about at once
   * @param log told of checks that nobody answered
   */
  public ExternalAuthorization(
      Asking asking,
      Function<ClusterName, Service> ways,
      Workload workload,
      long mostBody,
      AsksUnderWay underWay,
      LogOncePerMinute log) {
    this.asking = asking;
    this.authorizer = asking.authorizer();
    this.cluster = ClusterName.outbound(authorizer.host(), authorizer.port(), "");
    this.protocol =
        authorizer
            .http()
            .<CheckProtocol>map(check -> new HttpChecks(authorizer, check))
            .orElseGet(() -> new GrpcChecks(authorizer, workload));
    this.way = ways.apply(cluster);
    this.mostBody = mostBody;
    this.underWay = underWay;
    this.log = log;
  }

  /**
   * What came of a check.
   *
   * @param refusal what becomes of the request; empty where it may go on
   * @param answer for the headers of its answer
   */
  private record Outcome(Optional<Action> refusal, HeaderChanges answer) {
    static Outcome refused(Action action) {
      return new Outcome(Optional.of(action), HeaderChanges.NONE);
    }

    static final Outcome OPEN = new Outcome(Optional.empty(), HeaderChanges.NONE);
  }

  /**
   * Has a request served that may go on, and refused that may not.
   *
   * @param caller as policies see him
   * @param port of the workload
   * @param inside serves it, with the headers that the authorizer set
   * @param refusal carries out what is decided of one that may not
   */
  public Future<Response> before(
      Exchange exchange, Caller caller, int port, Service inside, Service refusal) {
    Optional<String> rule =
        asking.about(exchange.request().head(), exchange.request().headers(), caller, port);
    if (rule.isEmpty()) {
      return inside.serve(exchange);
    }
    if (Asking.unreadable(rule.get())) {
      exchange.decided(Decision.denied(exchange.request().head(), rule.get()));
      return refusal.serve(exchange);
    }
    return shown(exchange, caller, rule.get())
        .compose(
            outcome -> {
              if (outcome.refusal.isPresent()) {
                exchange.decided(
                    Decision.refused(exchange.request().head(), outcome.refusal.get()));
                return refusal.serve(exchange);
              }
              return outcome.answer.none()
                  ? inside.serve(exchange)
                  : inside.serve(exchange).map(response -> told(response, outcome.answer));
            });
  }

  private static Response told(Response response, HeaderChanges changes) {
    changes.apply(response.headers());
    return response;
  }

  /** Nobody can say which of several credentials the authorizer, or the service, goes by. */
  private Future<Outcome> shown(Exchange exchange, Caller caller, String rule) {
    return exchange.request().head().severalCredentials()
        ? Future.succeededFuture(
            Outcome.refused(new Refuse(Cause.BAD_REQUEST, RequestHead.SEVERAL_CREDENTIALS)))
        : asked(exchange, caller, rule);
  }

  private Future<Outcome> asked(Exchange exchange, Caller caller, String rule) {
    RequestBody body = exchange.request().body();
    if (authorizer.body().isEmpty() || body.empty()) {
      boolean told = authorizer.body().isPresent();
      Seen seen = new Seen(Buffer.buffer(), told, false);
      return checked(exchange, caller, seen, rule);
    }
    BodyInCheck wanted = authorizer.body().get();
    if (tooLong(wanted, body.length().orElse(0))) {
      return Future.succeededFuture(Outcome.refused(tooLarge(wanted)));
    }
    return inTime(exchange, body.beginning(wanted.maxRequestBytes()))
        .transform(
            read -> {
              if (read.failed()) {
                return Future.succeededFuture(Outcome.refused(gone(exchange, read.cause())));
              }
              Beginning beginning = read.result();
              int length = beginning.bytes().length();
              int most = Math.min(length, wanted.maxRequestBytes());
              if (tooLong(wanted, length)) {
                return Future.succeededFuture(Outcome.refused(tooLarge(wanted)));
              }
              boolean partial = !beginning.whole() || length > most;
              Seen seen = new Seen(beginning.bytes().slice(0, most), true, partial);
              return checked(exchange, caller, seen, rule);
            });
  }

  /** Whether so many bytes are more than may be, or more than can be told where all must be. */
  private boolean tooLong(BodyInCheck wanted, long bytes) {
    return (mostBody > 0 && bytes > mostBody)
        || (!wanted.allowPartialMessage() && bytes > wanted.maxRequestBytes());
  }

  private Action tooLarge(BodyInCheck wanted) {
    return new Refuse(
        Cause.BODY_TOO_LARGE,
        "a body of more than authorizer "
            + authorizer.name()
            + " is told of (maxRequestBytes "
            + wanted.maxRequestBytes()
            + ")");
  }

  /**
   * Fails at once where the exchange is cancelled, and where it takes too long: whoever sends a
   * byte now and then never stands still, and a stream whose sender waits for an answer first would
   * wait for ever.
   */
  private Future<Beginning> inTime(Exchange exchange, Future<Beginning> settled) {
    Promise<Beginning> promise = Promise.promise();
    Runnable unregister = exchange.onCancel(promise::tryFail);
    Timer timer = exchange.loop().timers().after(LONGEST_BODY, () -> promise.tryFail(lateBody()));
    settled.onSuccess(promise::tryComplete).onFailure(promise::tryFail);
    return promise
        .future()
        .onComplete(
            done -> {
              unregister.run();
              timer.cancel();
            });
  }

  private ProxyFailure lateBody() {
    return new ProxyFailure(
        Cause.REQUEST_TIMEOUT,
        "authorizer "
            + authorizer.name()
            + " is told of bodies, and this one did not come within "
            + LONGEST_BODY.toSeconds()
            + " s");
  }

  private Future<Outcome> checked(Exchange exchange, Caller caller, Seen seen, String rule) {
    if (!underWay.began(exchange.loop())) {
      String why =
          underWay.most() + " wait for authorizer " + authorizer.name() + " on this event loop";
      return Future.succeededFuture(Outcome.refused(new Refuse(Cause.OVERLOADED, why)));
    }
    return Future.succeededFuture()
        .compose(begin -> answered(exchange, caller, seen, rule))
        .onComplete(done -> underWay.ended(exchange.loop()));
  }

  private Future<Outcome> answered(Exchange exchange, Caller caller, Seen seen, String rule) {
    Exchange check =
        new Exchange(
            protocol.request(exchange, caller, seen),
            exchange.caller(),
            exchange.loop(),
            ~exchange.seed());
    check.decided(
        new Decision(
            new RouteId("authorizer " + authorizer.name(), 0),
            new Forward(cluster, 0),
            check.request().target(),
            check.request().authority(),
            Optional.empty(),
            List.of()));
    Promise<Void> over = Promise.promise();
    Buffered.inProcess().until(over.future(), (int) check.request().body().received());
    Timer timer =
        exchange.loop().timers().after(authorizer.timeout(), () -> check.cancel(late(check)));
    Runnable unregister = exchange.onCancel(check::cancel);
    return Future.succeededFuture()
        .compose(begin -> way.serve(check)) // what it throws is a failure too
        .compose(protocol::read)
        .transform(
            answer -> {
              timer.cancel();
              over.complete();
              unregister.run();
              return Future.succeededFuture(
                  answer.succeeded()
                      ? outcome(exchange, answer.result(), rule)
                      : unanswered(exchange, check, answer.cause(), rule));
            });
  }

  private ProxyFailure late(Exchange check) {
    return new ProxyFailure(
        Cause.UPSTREAM_TIMEOUT,
        "no whole answer within "
            + authorizer.timeout().toMillis()
            + " ms, last at endpoint "
            + check.endpoint());
  }

  private Outcome outcome(Exchange exchange, Answer answer, String rule) {
    if (answer instanceof Answer.Allowed allowed) {
      allowed.request().apply(exchange.request().headers());
      return new Outcome(Optional.empty(), allowed.response());
    }
    if (answer instanceof Answer.Denied denied) {
      String why = "denied by authorizer " + authorizer.name() + " for " + rule;
      return Outcome.refused(
          new Denied(
              denied.status(),
              denied.headers(),
              denied.body(),
              new ProxyFailure(Cause.EXTERNALLY_DENIED, why)));
    }
    return silent(exchange, ((Answer.Silent) answer).why(), rule);
  }

  private Outcome unanswered(Exchange exchange, Exchange check, Throwable cause, String rule) {
    if (exchange.cancelled().isPresent()) {
      return Outcome.refused(gone(exchange, cause));
    }
    String why = String.valueOf(cause.getMessage());
    if (!(cause instanceof ProxyFailure failure)) {
      return refused(why, rule);
    }
    if (check.crowdedOut()) {
      return Outcome.refused(new Refuse(Cause.OVERFLOW, told(why, rule)));
    }
    if (TOO_MUCH.contains(failure.reason())) {
      return Outcome.refused(new Refuse(failure.reason(), told(why, rule)));
    }
    return OURS.contains(failure.reason()) ? refused(why, rule) : silent(exchange, why, rule);
  }

  /** Nobody said anything: where that lets in, it is without what only an authorizer may say. */
  private Outcome silent(Exchange exchange, String why, String rule) {
    log.warn(
        "authorizer " + authorizer.name(),
        () -> told(why, rule) + (authorizer.failOpen() ? ": let in (failOpen)" : ": refused"));
    if (!authorizer.failOpen()) {
      return refused(why, rule);
    }
    HeaderChanges.withhold(exchange.request().headers(), protocol.reserved());
    return Outcome.OPEN;
  }

  private String told(String why, String rule) {
    return "authorizer " + authorizer.name() + " did not answer for " + rule + ": " + why;
  }

  private Outcome refused(String why, String rule) {
    return Outcome.refused(
        new Denied(
            authorizer.statusOnError(),
            HttpHeaders.headers(),
            Buffer.buffer(),
            new ProxyFailure(Cause.AUTHORIZER_FAILED, told(why, rule))));
  }

  private static Action gone(Exchange exchange, Throwable cause) {
    ProxyFailure failure =
        exchange
            .cancelled()
            .orElseGet(
                () ->
                    cause instanceof ProxyFailure known
                        ? known
                        : new ProxyFailure(Cause.INTERNAL, String.valueOf(cause)));
    return new Refuse(failure.reason(), String.valueOf(failure.getMessage()));
  }
}
