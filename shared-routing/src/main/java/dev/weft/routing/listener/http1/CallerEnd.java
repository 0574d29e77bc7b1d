package dev.weft.routing.listener.http1;

import io.vertx.core.http.HttpServerRequest;

/**
 * Hears of the requests of one connection, for the day that its caller ends its side. One event
 * loop's own.
 */
public interface CallerEnd {

  /** A request is served now; the one before has its answer. */
  void begun(HttpServerRequest incoming);

  /** All of its answer is on its way; once or more. */
  void answered();

  /** Where the end of the caller's side is the end of the connection. */
  CallerEnd OF_ALL =
      new CallerEnd() {
        @Override
        public void begun(HttpServerRequest incoming) {}

        @Override
        public void answered() {}
      };
}
