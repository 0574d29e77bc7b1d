package dev.weft.routing.stage.edge;

import dev.weft.config.model.settings.edge.BasicAuth;
import dev.weft.routing.clock.Timers.Timer;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.exchange.Service;
import dev.weft.routing.exchange.Stage;
import dev.weft.routing.stage.edge.password.Credentials;
import dev.weft.routing.stage.edge.password.Passwords;
import dev.weft.routing.stage.edge.password.Passwords.Inquiry;
import dev.weft.routing.stage.edge.password.Passwords.Verdict;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpHeaders;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * Lets in who proves to be one of some users by name and password, and tells the service and the
 * access log who it is.
 *
 * <p>Source: {@code ProxySettings}, {@code basicAuth}; RFC 7617.
 */
public final class BasicAuthStage implements Stage {

  /** The header by which the service is told; nobody outside can set it. */
  private static final CharSequence USER = HttpHeaders.createOptimized("x-weft-user");

  private static final Duration LONGEST = Duration.ofSeconds(5);
  private static final Map<String, String> LATER = Map.of("retry-after", "1");

  private final Passwords passwords;
  private final Map<String, String> challenge;
  private final boolean removeHeader;

  BasicAuthStage(BasicAuth basic, Passwords passwords) {
    this.passwords = passwords;
    this.challenge =
        Map.of("www-authenticate", "Basic realm=\"" + basic.realm() + "\", charset=\"UTF-8\"");
    this.removeHeader = basic.removeHeader();
  }

  @Override
  public Future<Response> apply(Exchange exchange, Service next) {
    if (exchange.request().head().severalCredentials()) {
      return Future.failedFuture(
          new ProxyFailure(Cause.BAD_REQUEST, told(exchange, RequestHead.SEVERAL_CREDENTIALS)));
    }
    Optional<Credentials> shown = Credentials.of(exchange.request().head().headers());
    if (shown.isEmpty()) {
      return refused(exchange, "no credentials, or not one name and password");
    }
    return inTime(exchange, passwords.ask(shown.get(), exchange.caller().address()))
        .compose(verdict -> ruled(verdict, shown.get().user(), exchange, next));
  }

  private Future<Response> ruled(Verdict verdict, String user, Exchange exchange, Service next) {
    return switch (verdict) {
      case RIGHT -> {
        if (removeHeader) {
          exchange.request().headers().remove(HttpHeaderNames.AUTHORIZATION);
        }
        exchange.request().headers().set(USER, user);
        exchange.knows(exchange.known().asUser(user));
        yield next.serve(exchange);
      }
      case WRONG -> refused(exchange, "wrong name or password");
      case TOO_MANY ->
          later(exchange, Cause.RATE_LIMITED, "its address has too many passwords looked at");
      case BUSY -> later(exchange, Cause.OVERLOADED, "too many passwords wait to be looked at");
    };
  }

  /** Fails where it takes too long, and at once where the exchange is cancelled. */
  private static Future<Verdict> inTime(Exchange exchange, Inquiry inquiry) {
    Future<Verdict> verdict = inquiry.verdict();
    if (verdict.isComplete()) {
      return verdict;
    }
    Promise<Verdict> promise = Promise.promise();
    Runnable unregister = exchange.onCancel(promise::tryFail);
    Timer timer = exchange.loop().timers().after(LONGEST, () -> promise.tryComplete(Verdict.BUSY));
    verdict.onSuccess(promise::tryComplete);
    return promise
        .future()
        .onComplete(
            done -> {
              unregister.run();
              timer.cancel();
              if (!verdict.isComplete()) {
                inquiry.leave().run();
              }
            });
  }

  private Future<Response> refused(Exchange exchange, String why) {
    return Future.failedFuture(
        new ProxyFailure(Cause.BAD_CREDENTIALS, told(exchange, why), challenge));
  }

  private static Future<Response> later(Exchange exchange, Cause cause, String why) {
    return Future.failedFuture(new ProxyFailure(cause, told(exchange, why), LATER));
  }

  private static String told(Exchange exchange, String why) {
    return "route " + exchange.decision().route().name() + ": " + why;
  }
}
