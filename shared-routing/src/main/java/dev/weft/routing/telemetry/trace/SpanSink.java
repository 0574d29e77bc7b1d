package dev.weft.routing.telemetry.trace;

import dev.weft.routing.exchange.Exchange.Loop;

/** Takes what is to be reported of requests that are sampled. Event loops call it: never waits. */
@FunctionalInterface
public interface SpanSink {

  /** Nobody is told. */
  SpanSink NONE = (trace, loop) -> {};

  /**
   * @param loop that calls
   */
  void offer(HopTrace trace, Loop loop);
}
