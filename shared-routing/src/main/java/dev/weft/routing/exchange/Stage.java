package dev.weft.routing.exchange;

import io.vertx.core.Future;
import java.util.List;

/**
 * One step of an exchange. Immutable: final fields, no lock, one instance for all event loops. It
 * completes on the event loop that called it, and fails with a {@link ProxyFailure} only.
 */
@FunctionalInterface
public interface Stage {

  /** Answers by itself, or asks {@code next} and may change what goes in and what comes back. */
  Future<Response> apply(Exchange exchange, Service next);

  /** The stages in order, the first outermost, above {@code last}. */
  static Service chain(List<Stage> stages, Service last) {
    Service service = last;
    for (int i = stages.size() - 1; i >= 0; i--) {
      Stage stage = stages.get(i);
      Service next = service;
      service = exchange -> stage.apply(exchange, next);
    }
    return service;
  }
}
