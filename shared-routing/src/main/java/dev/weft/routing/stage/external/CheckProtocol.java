package dev.weft.routing.stage.external;

import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.Request;
import dev.weft.routing.exchange.Response;
import io.vertx.core.Future;

/** How a check is written and its answer read. Immutable; any event loop may ask. */
interface CheckProtocol {

  /** Bytes of an answer that are taken. */
  int MOST_ANSWER = 1 << 16;

  /**
   * The request to the authorizer.
   *
   * @param caller as policies see him
   */
  Request request(Exchange exchange, Caller caller, Seen seen);

  /** Headers of the request that only the authorizer may set, where that is known beforehand. */
  default HeaderNames reserved() {
    return HeaderNames.NONE;
  }

  /**
   * Reads the whole of its answer.
   *
   * @return fails with {@link UnsoundAnswer} where it cannot be read, with a {@code ProxyFailure}
   *     where it does not come
   */
  Future<Answer> read(Response response);
}
