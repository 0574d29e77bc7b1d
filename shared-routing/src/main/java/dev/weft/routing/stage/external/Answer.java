package dev.weft.routing.stage.external;

import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;

/** What an authorizer said of one request. */
sealed interface Answer {

  /**
   * It may go on.
   *
   * @param request changes of the request's headers
   * @param response changes of its answer's headers
   */
  record Allowed(HeaderChanges request, HeaderChanges response) implements Answer {}

  /** It may not, and this is its answer. */
  record Denied(int status, MultiMap headers, Buffer body) implements Answer {}

  /** It did not say: it failed, or somebody between. */
  record Silent(String why) implements Answer {}
}
