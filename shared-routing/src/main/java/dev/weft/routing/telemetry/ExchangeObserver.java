package dev.weft.routing.telemetry;

import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.ProxyFailure;
import java.util.Optional;

/** Hears of every exchange that ended, on the event loop that it belongs to. Never waits. */
public interface ExchangeObserver {

  /**
   * @param status of the answer that the caller got, or would have got
   * @param failure why the proxy answered itself, or why the answer was cut; empty for an answer of
   *     the service's own that came whole
   */
  void ended(Exchange exchange, int status, Optional<ProxyFailure> failure);
}
