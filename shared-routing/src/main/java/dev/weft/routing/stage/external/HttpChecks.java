package dev.weft.routing.stage.external;

import dev.weft.config.model.security.ExternalAuthorizer;
import dev.weft.config.model.security.ExternalAuthorizer.HttpCheck;
import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.Request;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.exchange.body.BufferBody;
import dev.weft.routing.transport.HopByHop;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Asks with a copy of the request's head: 200 allows, 500 to 599 says nothing (501 and 505 too, as
 * with Envoy), what HTTP does not have cannot be read, and all else is the answer that the caller
 * gets.
 *
 * <p>Source: Envoy {@code ext_authz} v3 {@code HttpService}; Istio {@code envoyExtAuthzHttp}.
 */
final class HttpChecks implements CheckProtocol {

  private static final int ALLOWED = 200;
  private static final int SERVER_ERROR = 500;
  private static final int BEYOND = 600;

  private final Told told;
  private final HttpCheck check;
  private final HeaderNames include;
  private final HeaderNames toUpstream;
  private final HeaderNames onDeny;
  private final HeaderNames onAllow;

  /**
   * @param check of the authorizer
   */
  HttpChecks(ExternalAuthorizer authorizer, HttpCheck check) {
    this.told = new Told(authorizer.kept());
    this.check = check;
    this.include = with(check.include(), "authorization");
    this.toUpstream = new HeaderNames(check.toUpstream());
    this.onDeny =
        check.toDownstreamOnDeny().isEmpty()
            ? new HeaderNames(List.of("*"))
            : with(
                check.toDownstreamOnDeny(),
                "www-authenticate",
                "location",
                "content-type",
                "content-encoding");
    this.onAllow = new HeaderNames(check.toDownstreamOnAllow());
  }

  @Override
  public HeaderNames reserved() {
    return toUpstream;
  }

  private static HeaderNames with(List<String> words, String... always) {
    List<String> all = new ArrayList<>(words);
    all.addAll(List.of(always));
    return new HeaderNames(all);
  }

  @Override
  public Request request(Exchange exchange, Caller caller, Seen seen) {
    Request asked = exchange.request();
    RequestHead head = asked.head();
    MultiMap headers = HttpHeaders.headers();
    asked
        .headers()
        .forEach(
            (name, value) -> {
              String lower = name.toLowerCase(Locale.ROOT);
              if (include.match(lower)
                  && told.header(lower)
                  && !HopByHop.is(lower)
                  && !delimits(lower)) {
                headers.add(lower, value);
              }
            });
    check.add().forEach((name, value) -> headers.set(name, value));
    seen.tell(headers);
    if (seen.body().length() > 0) {
      headers.set(HttpHeaderNames.CONTENT_LENGTH, Integer.toString(seen.body().length()));
    }
    RequestHead own =
        new RequestHead(
            head.method(),
            head.scheme(),
            head.authority(),
            check.pathPrefix() + head.path(),
            told.query(head),
            headers);
    return new Request(own, HttpVersion.HTTP_1_1, false, new BufferBody(seen.body()), headers);
  }

  private static boolean delimits(String lower) {
    return lower.equals("content-length") || lower.equals("expect") || lower.equals("host");
  }

  @Override
  public Future<Answer> read(Response response) {
    int status = response.status();
    if (status >= BEYOND) {
      response.cancel();
      return Future.failedFuture(new UnsoundAnswer("status " + status));
    }
    if (status >= SERVER_ERROR) {
      response.cancel();
      return Future.succeededFuture(new Answer.Silent("status " + status));
    }
    return Answers.whole(response, MOST_ANSWER).map(body -> answer(status, response, body));
  }

  private Answer answer(int status, Response response, Buffer body) {
    if (status == ALLOWED) {
      return new Answer.Allowed(
          HeaderChanges.of(response.headers(), toUpstream),
          HeaderChanges.of(response.headers(), onAllow));
    }
    MultiMap headers = HttpHeaders.headers();
    HeaderChanges.of(response.headers(), onDeny).apply(headers);
    return new Answer.Denied(Answers.refusal(status), headers, body);
  }
}
