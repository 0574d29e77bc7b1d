package dev.weft.routing.exchange.trace;

import dev.weft.routing.exchange.trace.Arrived.Decision;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;

/**
 * Reads and writes the headers of traces. What cannot be read counts as not there: the request
 * begins a trace, and none of the broken headers goes on.
 *
 * <p>Of several formats W3C counts before {@code b3}, and that before {@code x-b3-*}.
 *
 * <p>Source: W3C Trace Context, sections 3.2 and 4.3 (a newer version is read as far as it is
 * known, {@code tracestate} falls with {@code traceparent}); openzipkin/b3-propagation.
 */
public final class TraceHeaders {

  static final CharSequence TRACEPARENT = HttpHeaders.createOptimized("traceparent");
  private static final CharSequence TRACESTATE = HttpHeaders.createOptimized("tracestate");
  private static final int LENGTH = 55; // of a traceparent of version 00

  private TraceHeaders() {}

  /** What they say. */
  public static Arrived read(MultiMap headers) {
    Arrived w3c = w3c(headers);
    Arrived one = B3Headers.single(headers.get(B3Headers.ONE));
    Arrived several = B3Headers.several(headers);
    boolean silent = w3c.equals(Arrived.NOTHING) && one.equals(Arrived.NOTHING);
    return silent ? several : together(w3c, one, several);
  }

  private static Arrived together(Arrived w3c, Arrived one, Arrived several) {
    Arrived first = w3c.told() ? w3c : one.told() ? one : several;
    boolean alone = !w3c.told() && !one.told();
    boolean counts = alone || several.known(); // a decision beside another's trace does not
    return new Arrived(
        first.high(),
        first.low(),
        first.parent(),
        first.decision(),
        first.flags(),
        w3c.formats() | one.formats() | (counts ? several.formats() : 0),
        w3c.broken() || one.broken() || several.broken());
  }

  /**
   * Takes away what cannot be read, and what would belong to another trace.
   *
   * @param formats that stay
   */
  public static void clear(MultiMap headers, int formats) {
    if ((formats & TraceContext.W3C) == 0) {
      headers.remove(TRACEPARENT);
      headers.remove(TRACESTATE);
    }
    B3Headers.clear(headers);
  }

  /** Takes away a {@code tracestate} that is none; its {@code traceparent} stays. */
  public static void clearState(MultiMap headers) {
    if (headers.contains(TRACESTATE) && !TraceState.sound(headers.getAll(TRACESTATE))) {
      headers.remove(TRACESTATE);
    }
  }

  private static Arrived w3c(MultiMap headers) {
    String text = headers.get(TRACEPARENT);
    if (text == null) {
      return Arrived.NOTHING;
    }
    if (!sound(text) || headers.getAll(TRACEPARENT).size() != 1) {
      return Arrived.BROKEN;
    }
    int flags = (int) Hex.read(text, 53, LENGTH) & (TraceContext.SAMPLED | TraceContext.RANDOM);
    boolean sampled = (flags & TraceContext.SAMPLED) != 0;
    return Arrived.in(
        Hex.read(text, 3, 19),
        Hex.read(text, 19, 35),
        Hex.read(text, 36, 52),
        sampled ? Decision.SAMPLED : Decision.NOT_SAMPLED,
        flags,
        TraceContext.W3C);
  }

  private static boolean sound(String text) {
    return text.length() >= LENGTH && version(text) && separated(text) && digits(text);
  }

  private static boolean separated(String text) {
    return text.charAt(2) == '-' && text.charAt(35) == '-' && text.charAt(52) == '-';
  }

  private static boolean digits(String text) {
    return Hex.all(text, 0, 2, false)
        && Hex.all(text, 3, 35, false)
        && Hex.all(text, 36, 52, false)
        && Hex.all(text, 53, LENGTH, false);
  }

  /** Version 00 has nothing more; later ones may, and there is no version ff. */
  private static boolean version(String text) {
    boolean exact = text.length() == LENGTH;
    return text.startsWith("00")
        ? exact
        : !text.startsWith("ff") && (exact || text.charAt(LENGTH) == '-');
  }
}
