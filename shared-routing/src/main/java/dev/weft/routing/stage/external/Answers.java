package dev.weft.routing.stage.external;

import dev.weft.routing.exchange.Response;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;

/** Reads bodies of answers, up to a bound. */
final class Answers {

  private static final int LEAST = 200;
  private static final int MOST = 599;
  private static final int FORBIDDEN = 403;

  private Answers() {}

  /** The whole of it; fails with {@link UnsoundAnswer} where it is longer than is taken. */
  static Future<Buffer> whole(Response response, int most) {
    Buffer whole = Buffer.buffer();
    Promise<Buffer> promise = Promise.promise();
    response
        .body()
        .handler(
            piece -> {
              if (whole.length() + piece.length() > most) {
                promise.tryFail(new UnsoundAnswer("an answer of more than " + most + " bytes"));
                response.cancel();
              } else {
                whole.appendBuffer(piece);
              }
            });
    response.ended().onSuccess(end -> promise.tryComplete(whole)).onFailure(promise::tryFail);
    response.body().resume();
    return promise.future();
  }

  /** The status of a refusal: one that can have a body, and ends the exchange. */
  static int refusal(int status) {
    boolean bodiless = status == 204 || status == 205 || status == 304;
    return status < LEAST || status > MOST || bodiless ? FORBIDDEN : status;
  }
}
