package dev.weft.routing.listener;

import dev.weft.routing.exchange.Response;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpHeaders;

/** An answer without headers, whose body and end a test plays. */
abstract class PlayedResponse implements Response {

  final Promise<Void> end = Promise.promise();
  private final int status;

  PlayedResponse(int status) {
    this.status = status;
  }

  @Override
  public final int status() {
    return status;
  }

  @Override
  public final MultiMap headers() {
    return HttpHeaders.headers();
  }

  @Override
  public final long bytes() {
    return 0;
  }

  @Override
  public final MultiMap trailers() {
    return HttpHeaders.headers();
  }

  @Override
  public final Future<Void> ended() {
    return end.future();
  }
}
