package dev.weft.routing.stage;

import dev.weft.config.model.HttpRoute.CorsPolicy;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.LocalResponse;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.exchange.Service;
import dev.weft.routing.exchange.Stage;
import dev.weft.routing.route.match.TextMatcher;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Answers preflights and marks answers for other origins, refusals of the proxy's own below it
 * among them. Where two of them with the same policy stand above one another the answer is the
 * same.
 *
 * <p>Source: Istio {@code CorsPolicy}; the Fetch standard, section 3.2.
 */
public final class CorsStage implements Stage {

  private final List<TextMatcher> origins;
  private final String methods;
  private final String headers;
  private final String exposed;
  private final Optional<String> maxAge;
  private final boolean credentials;
  private final boolean forwardUnmatched;

  public CorsStage(CorsPolicy policy) {
    this.origins =
        policy.allowOrigins().stream().map(origin -> TextMatcher.of(origin, false)).toList();
    this.methods = String.join(",", policy.allowMethods());
    this.headers = String.join(",", policy.allowHeaders());
    this.exposed = String.join(",", policy.exposeHeaders());
    this.maxAge = policy.maxAge().map(Duration::toSeconds).map(seconds -> Long.toString(seconds));
    this.credentials = policy.allowCredentials();
    this.forwardUnmatched = policy.forwardUnmatchedPreflights();
  }

  @Override
  public Future<Response> apply(Exchange exchange, Service next) {
    MultiMap incoming = exchange.request().head().headers();
    String origin = incoming.get(HttpHeaderNames.ORIGIN);
    if (origin == null) {
      return next.serve(exchange);
    }
    boolean preflight =
        exchange.request().head().method().equals("OPTIONS")
            && incoming.contains(HttpHeaderNames.ACCESS_CONTROL_REQUEST_METHOD);
    boolean allowed = origins.stream().anyMatch(matcher -> matcher.matches(origin));
    if (preflight && (allowed || !forwardUnmatched)) {
      exchange.request().body().discard();
      Response response = new LocalResponse(allowed ? 200 : 403, Buffer.buffer());
      if (allowed) {
        allow(response.headers(), origin);
        preflight(response.headers());
      }
      return Future.succeededFuture(response);
    }
    Future<Response> answer = next.serve(exchange);
    return allowed ? marked(answer, origin) : answer;
  }

  private Future<Response> marked(Future<Response> answer, String origin) {
    return answer.transform(
        (response, failure) -> {
          if (response == null) {
            return Future.failedFuture(
                failure instanceof ProxyFailure own ? own.with(readable(origin)) : failure);
          }
          mark(response.headers(), origin);
          return Future.succeededFuture(response);
        });
  }

  private void mark(MultiMap answer, String origin) {
    allow(answer, origin);
    set(answer, HttpHeaderNames.ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
  }

  /** What lets a script of that origin read a refusal of the proxy's own. */
  private Map<String, String> readable(String origin) {
    MultiMap marks = HttpHeaders.headers();
    mark(marks, origin);
    Map<String, String> all = new HashMap<>();
    marks.forEach((name, value) -> all.put(name, value));
    return all;
  }

  private void allow(MultiMap answer, String origin) {
    answer.set(HttpHeaderNames.ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    if (!answer.contains(HttpHeaderNames.VARY, HttpHeaderNames.ORIGIN, true)) {
      answer.add(HttpHeaderNames.VARY, HttpHeaderNames.ORIGIN);
    }
    if (credentials) {
      answer.set(HttpHeaderNames.ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
    }
  }

  private void preflight(MultiMap answer) {
    set(answer, HttpHeaderNames.ACCESS_CONTROL_ALLOW_METHODS, methods);
    set(answer, HttpHeaderNames.ACCESS_CONTROL_ALLOW_HEADERS, headers);
    maxAge.ifPresent(age -> answer.set(HttpHeaderNames.ACCESS_CONTROL_MAX_AGE, age));
  }

  private static void set(MultiMap answer, CharSequence name, String value) {
    if (!value.isEmpty()) {
      answer.set(name, value);
    }
  }
}
