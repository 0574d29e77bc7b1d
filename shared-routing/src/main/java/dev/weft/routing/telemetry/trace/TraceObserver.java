package dev.weft.routing.telemetry.trace;

import dev.weft.config.model.telemetry.TraceSettings;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.telemetry.ExchangeObserver;

/**
 * Tells of requests that ended those who trace them: the collector where they are sampled, the ring
 * where they failed or were slow. Of any other it asks three fields. One for each snapshot.
 */
public final class TraceObserver implements ExchangeObserver {

  private final TraceRing ring;
  private final SpanSink sink;
  private final Tags tags;
  private final String config;
  private final int kept;
  private final long slowNanos;

  /**
   * @param config version of the snapshot
   */
  public TraceObserver(
      TraceRing ring, SpanSink sink, TraceSettings settings, Tags tags, String config) {
    this.ring = ring;
    this.sink = sink;
    this.tags = tags;
    this.config = config;
    this.kept = settings.kept();
    this.slowNanos = settings.slow().isZero() ? Long.MAX_VALUE : settings.slow().toNanos();
  }

  @Override
  public void ended(Exchange exchange, Ending ending) {
    boolean reported = exchange.trace().isPresent() && exchange.trace().get().sampled();
    boolean looked = kept > 0 && (Failing.failed(ending) || slow(exchange));
    if (!reported && !looked) {
      return;
    }
    HopTrace trace = HopTrace.of(exchange, ending, config, tags);
    if (looked) {
      ring.add(trace, kept);
    }
    if (reported) {
      sink.offer(trace, exchange.loop());
    }
  }

  /** Until the answer's head: a stream, a WebSocket and a long download are not slow. */
  private boolean slow(Exchange exchange) {
    if (slowNanos == Long.MAX_VALUE) {
      return false;
    }
    long head = exchange.answeredNanos();
    long until = head == 0 ? exchange.loop().ticker().nanos() : head;
    return until - exchange.startedNanos() >= slowNanos;
  }
}
