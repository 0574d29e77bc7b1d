package dev.weft.routing.telemetry.collect;

import io.vertx.core.buffer.Buffer;
import java.util.function.Consumer;

/**
 * A report that is written down.
 *
 * @param body what is sent
 * @param answered takes what the collector said
 * @param failed takes why it said nothing
 */
record Outgoing(Buffer body, Consumer<Answer> answered, Consumer<Throwable> failed) {

  /** One whose writer does not ask what becomes of it. */
  static Outgoing of(Buffer body) {
    return new Outgoing(body, answer -> {}, why -> {});
  }
}
