package dev.weft.routing.exchange.trace;

import io.netty.util.AsciiString;
import io.vertx.core.MultiMap;
import java.nio.charset.StandardCharsets;

/**
 * The trace that an exchange belongs to, and its own place in it. Ids are numbers, so that a
 * request that is not sampled costs no text.
 *
 * <p>Source: W3C Trace Context, section 3.2; openzipkin/b3-propagation.
 *
 * @param high upper half of the trace's id; 0 where it came with 64 bits
 * @param low lower half of the trace's id; both are 0 for none
 * @param parent span of the caller; 0 where the trace begins here
 * @param span of this hop; 0 only of what passes through and is not traced here
 * @param flags of {@link #SAMPLED}, {@link #RANDOM} and {@link #DEBUG}
 * @param formats in which it is passed on, of {@link #W3C}, {@link #B3} and {@link #B3_SINGLE}
 */
public record TraceContext(long high, long low, long parent, long span, int flags, int formats) {

  /** Spans of it are recorded. */
  public static final int SAMPLED = 1;

  /** The lower bits of the trace's id are random (W3C, level 2). */
  public static final int RANDOM = 2;

  /** Somebody looks for a fault: sampled in any case (B3). */
  public static final int DEBUG = 4;

  /** {@code traceparent}. */
  public static final int W3C = 1;

  /** {@code x-b3-traceid} and its companions. */
  public static final int B3 = 2;

  /** {@code b3}. */
  public static final int B3_SINGLE = 4;

  /** Whether its spans are recorded. */
  public boolean sampled() {
    return (flags & SAMPLED) != 0;
  }

  /** 32 digits. */
  public String traceId() {
    byte[] text = new byte[32];
    Hex.write(high, text, 0, 16);
    Hex.write(low, text, 16, 32);
    return new String(text, StandardCharsets.ISO_8859_1);
  }

  /** 16 digits of a span's id. */
  public static String spanId(long span) {
    return Hex.of(span);
  }

  /** Tells it in a request's headers, with {@code sender} as the span that it comes from. */
  public void tell(MultiMap headers, long sender) {
    if ((formats & W3C) != 0) {
      headers.set(TraceHeaders.TRACEPARENT, traceparent(sender));
    }
    if ((formats & B3_SINGLE) != 0) {
      headers.set(B3Headers.ONE, single(sender));
    }
    if ((formats & B3) != 0) {
      B3Headers.tell(this, headers, sender);
    }
  }

  /** The same, of which nothing is recorded from here on: for a copy of a request. */
  public TraceContext unsampled() {
    return new TraceContext(high, low, parent, span, flags & RANDOM, formats);
  }

  private AsciiString traceparent(long sender) {
    byte[] text = new byte[55];
    text[0] = '0';
    text[1] = '0';
    text[2] = '-';
    Hex.write(high, text, 3, 19);
    Hex.write(low, text, 19, 35);
    text[35] = '-';
    Hex.write(sender, text, 36, 52);
    text[52] = '-';
    text[53] = '0';
    text[54] = (byte) ('0' + (flags & (SAMPLED | RANDOM)));
    return new AsciiString(text, false); // as it goes out: neither checked for width nor copied
  }

  /** As B3 has it: 16 digits where it came with 64 bits, 32 otherwise. */
  String shortId() {
    return high == 0 ? Hex.of(low) : traceId();
  }

  private String single(long sender) {
    boolean debug = (flags & DEBUG) != 0;
    return shortId() + '-' + Hex.of(sender) + '-' + (debug ? "d" : sampled() ? "1" : "0");
  }
}
