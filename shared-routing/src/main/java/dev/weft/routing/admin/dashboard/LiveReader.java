package dev.weft.routing.admin.dashboard;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.util.Optional;

/**
 * One who reads the live events. Who falls behind gets everything anew once there is room; who
 * takes nothing for five events is dropped. Belongs to the event loop of its response.
 */
final class LiveReader {

  private static final int STALLED_EVENTS = 5;

  private final HttpServerResponse response;
  private int stalled;
  private boolean behind;

  LiveReader(HttpServerResponse response) {
    this.response = response;
  }

  /** What it is told first. */
  void begin(Buffer events) {
    response.write(events);
  }

  /** Whether it missed an event, so that it has to be told everything. */
  boolean behind() {
    return behind;
  }

  /**
   * @param change since the last event
   * @param everything there where this reader is {@link #behind}
   * @return whether it still reads
   */
  boolean tell(Buffer change, Optional<Buffer> everything) {
    if (response.closed()) {
      return false;
    }
    if (response.writeQueueFull()) {
      behind = true;
      stalled++;
      if (stalled >= STALLED_EVENTS) {
        response.reset();
        return false;
      }
      return true;
    }
    response.write(behind ? everything.orElseThrow() : change);
    behind = false;
    stalled = 0;
    return true;
  }
}
