package dev.weft.routing.stage.trace;

import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.trace.TraceContext;
import dev.weft.routing.route.Draw;
import java.util.Optional;

/** The ids of an exchange's spans: of its seed, so that nobody has to keep them. */
public final class Spans {

  private static final int HOP = 0;

  private Spans() {}

  /** Of the hop itself. */
  static long hop(long seed) {
    return id(Draw.mix(seed, Draw.Purpose.SPAN, HOP));
  }

  /**
   * Of an attempt, whose request tells it to whom it goes to; 0 where nothing is sampled.
   *
   * @param number from 0
   */
  public static long attempt(Exchange exchange, int number) {
    Optional<TraceContext> trace = exchange.trace();
    if (trace.isEmpty() || !trace.get().sampled()) {
      return 0;
    }
    long span = id(Draw.mix(exchange.seed(), Draw.Purpose.SPAN, HOP + 1 + number));
    trace.get().tell(exchange.request().headers(), span);
    return span;
  }

  /** 0 is none. */
  static long id(long drawn) {
    return drawn == 0 ? 1 : drawn;
  }
}
