package dev.weft.routing.stage;

import dev.weft.routing.exchange.Decision.Action;
import dev.weft.routing.exchange.Decision.Denied;
import dev.weft.routing.exchange.Decision.Direct;
import dev.weft.routing.exchange.Decision.Redirect;
import dev.weft.routing.exchange.Decision.Refuse;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.LocalResponse;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.exchange.Service;
import dev.weft.routing.exchange.failure.GrpcStatus;
import dev.weft.routing.telemetry.RequestSignals;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/** Answers by itself what was decided to be answered so: a redirect, a body, a refusal. */
public final class RespondService implements Service {

  private static final String PROXY_STATUS = "proxy-status";
  private static final byte[] DENIED =
      "external authorizer: access denied".getBytes(StandardCharsets.US_ASCII);

  @Override
  public Future<Response> serve(Exchange exchange) {
    Action action = exchange.decision().action();
    if (action instanceof Redirect redirect) {
      exchange.request().body().discard();
      Response response = new LocalResponse(redirect.status(), Buffer.buffer());
      response.headers().set(HttpHeaderNames.LOCATION, redirect.location());
      return Future.succeededFuture(response);
    }
    if (action instanceof Direct direct) {
      exchange.request().body().discard();
      return Future.succeededFuture(direct(exchange, direct));
    }
    if (action instanceof Denied denied) {
      exchange.request().body().discard();
      return Future.succeededFuture(answer(exchange, denied));
    }
    if (action instanceof Refuse refuse && !refuse.why().isEmpty()) {
      return Future.failedFuture(refusal(refuse));
    }
    ProxyFailure.Cause cause =
        action instanceof Refuse refuse ? refuse.cause() : ProxyFailure.Cause.NO_CLUSTER;
    String host = exchange.request().head().authority();
    return Future.failedFuture(
        new ProxyFailure(cause, "route " + exchange.decision().route().name() + ": host " + host));
  }

  private static Response direct(Exchange exchange, Direct direct) {
    byte[] body = direct.body().bytes();
    boolean fails = direct.status() >= 500;
    Optional<ProxyFailure> reason = fails ? Optional.of(meant(exchange)) : Optional.empty();
    Response response;
    if (RequestSignals.grpc(exchange.request())) {
      int status = GrpcStatus.of(direct.status());
      response = LocalResponse.ofCall(exchange.request().head(), status, body, reason);
    } else {
      response = new LocalResponse(direct.status(), Buffer.buffer(body), reason);
      response.headers().set(HttpHeaderNames.CONTENT_TYPE, "text/plain");
    }
    if (fails) {
      response.headers().set(PROXY_STATUS, ProxyFailure.Cause.DIRECT_RESPONSE.proxyStatus());
    }
    return response;
  }

  private static ProxyFailure meant(Exchange exchange) {
    return new ProxyFailure(
        ProxyFailure.Cause.DIRECT_RESPONSE,
        "route " + exchange.decision().route().name() + ": its directResponse says so");
  }

  private static Response answer(Exchange exchange, Denied denied) {
    Optional<ProxyFailure> reason = Optional.of(denied.reason());
    String cause = denied.reason().reason().proxyStatus();
    if (RequestSignals.grpc(exchange.request())) {
      int status = GrpcStatus.of(denied.status());
      Response call = LocalResponse.ofCall(exchange.request().head(), status, DENIED, reason);
      MultiMap own = HttpHeaders.headers().addAll(call.headers()).set(PROXY_STATUS, cause);
      call.headers().addAll(denied.headers());
      own.forEach((name, value) -> call.headers().set(name, value));
      return call;
    }
    Response response = new LocalResponse(denied.status(), denied.body(), reason);
    denied.headers().forEach((name, value) -> response.headers().add(name, value));
    response.headers().set(PROXY_STATUS, cause);
    return response;
  }

  /** Whose token does not count is told why (RFC 6750 section 3). */
  private static ProxyFailure refusal(Refuse refuse) {
    return refuse.cause() == ProxyFailure.Cause.UNAUTHENTICATED
        ? new ProxyFailure(
            refuse.cause(),
            refuse.why(),
            Map.of(
                "www-authenticate",
                "Bearer error=\"invalid_token\", error_description=\"" + refuse.why() + "\""))
        : new ProxyFailure(refuse.cause(), refuse.why());
  }
}
