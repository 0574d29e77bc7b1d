package dev.weft.testkit;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;

/**
 * Requests of a test's thread. An answer's bytes come on an event loop: whoever attaches to them
 * after the request was sent may miss some.
 */
public final class Requests {

  private Requests() {}

  /** Sends it; the answer's body is kept from its first byte on for whoever asks for it later. */
  public static Future<HttpClientResponse> sent(HttpClientRequest request) {
    return sent(request, Buffer.buffer());
  }

  /** Sends it with {@code body}, which may be empty; the answer's is kept as by {@link #sent}. */
  public static Future<HttpClientResponse> sent(HttpClientRequest request, Buffer body) {
    request.response().onSuccess(HttpClientResponse::body);
    return body.length() == 0 ? request.send() : request.send(body);
  }
}
