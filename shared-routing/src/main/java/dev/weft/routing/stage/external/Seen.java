package dev.weft.routing.stage.external;

import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;

/**
 * What of a request's body the authorizer is told.
 *
 * @param body empty where it is told nothing
 * @param told whether it is told of bodies at all
 * @param partial whether more of it comes
 */
record Seen(Buffer body, boolean told, boolean partial) {

  /** Nothing. */
  static final Seen NOTHING = new Seen(Buffer.buffer(), false, false);

  private static final String PARTIAL = "x-envoy-auth-partial-body";

  /** Says so in headers of the check, and nobody else does. */
  void tell(MultiMap headers) {
    headers.remove(PARTIAL);
    if (told) {
      headers.set(PARTIAL, Boolean.toString(partial));
    }
  }
}
