package dev.weft.routing.exchange.trace;

import dev.weft.routing.exchange.trace.Arrived.Decision;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The headers of B3, one or several.
 *
 * <p>Source: openzipkin/b3-propagation.
 */
final class B3Headers {

  static final CharSequence ONE = HttpHeaders.createOptimized("b3");
  private static final CharSequence TRACE_ID = HttpHeaders.createOptimized("x-b3-traceid");
  private static final CharSequence SPAN_ID = HttpHeaders.createOptimized("x-b3-spanid");
  private static final CharSequence PARENT_ID = HttpHeaders.createOptimized("x-b3-parentspanid");
  private static final CharSequence SAMPLED = HttpHeaders.createOptimized("x-b3-sampled");
  private static final CharSequence FLAGS = HttpHeaders.createOptimized("x-b3-flags");
  private static final List<CharSequence> SEVERAL =
      List.of(TRACE_ID, SPAN_ID, PARENT_ID, SAMPLED, FLAGS);
  private static final int DEBUG = TraceContext.SAMPLED | TraceContext.DEBUG;
  private static final int ID = 16; // digits

  private B3Headers() {}

  static void clear(MultiMap headers) {
    headers.remove(ONE);
    SEVERAL.forEach(headers::remove);
  }

  static void tell(TraceContext context, MultiMap headers, long sender) {
    long parent = sender == context.span() ? context.parent() : context.span();
    headers.set(TRACE_ID, context.shortId());
    headers.set(SPAN_ID, Hex.of(sender));
    if (parent == 0) {
      headers.remove(PARENT_ID);
    } else {
      headers.set(PARENT_ID, Hex.of(parent));
    }
    if ((context.flags() & TraceContext.DEBUG) != 0) {
      headers.set(FLAGS, "1");
      headers.remove(SAMPLED);
    } else {
      headers.set(SAMPLED, context.sampled() ? "1" : "0");
      headers.remove(FLAGS);
    }
  }

  /** {@code TRACE-SPAN[-STATE[-PARENT]]}, or the state alone. */
  static Arrived single(@Nullable String text) {
    if (text == null) {
      return Arrived.NOTHING;
    }
    if (text.length() == 1) {
      return state(text.charAt(0), 0, 0, 0);
    }
    int dash = text.indexOf('-');
    int end = dash + 1 + ID;
    if (!ids(text, dash, end)) {
      return Arrived.BROKEN;
    }
    long high = dash > ID ? Hex.read(text, 0, ID) : 0;
    long low = Hex.read(text, dash - ID, dash);
    long span = Hex.read(text, dash + 1, end);
    if (text.length() == end) {
      return Arrived.in(high, low, span, Decision.DEFERRED, 0, TraceContext.B3_SINGLE);
    }
    return (high | low) != 0 && span != 0 && stated(text, end)
        ? state(text.charAt(end + 1), high, low, span)
        : Arrived.BROKEN;
  }

  private static boolean ids(String text, int dash, int end) {
    return (dash == ID || dash == 2 * ID)
        && text.length() >= end
        && Hex.all(text, 0, dash, true)
        && Hex.all(text, dash + 1, end, true);
  }

  /** Whether a state follows, and perhaps a parent. */
  private static boolean stated(String text, int end) {
    boolean parent =
        text.length() == end + 3 + ID
            && text.charAt(end + 2) == '-'
            && Hex.all(text, end + 3, end + 3 + ID, true);
    return text.charAt(end) == '-' && (parent || text.length() == end + 2);
  }

  private static Arrived state(char state, long high, long low, long span) {
    return switch (state) {
      case '0' -> decided(Decision.NOT_SAMPLED, 0, TraceContext.B3_SINGLE, high, low, span);
      case '1' ->
          decided(Decision.SAMPLED, TraceContext.SAMPLED, TraceContext.B3_SINGLE, high, low, span);
      case 'd' -> decided(Decision.SAMPLED, DEBUG, TraceContext.B3_SINGLE, high, low, span);
      default -> Arrived.BROKEN;
    };
  }

  /** Without ids it is a decision all the same. */
  private static Arrived decided(
      Decision decision, int flags, int format, long high, long low, long span) {
    return (high | low | span) == 0
        ? Arrived.alone(decision, flags, format)
        : Arrived.in(high, low, span, decision, flags, format);
  }

  /** The several; a decision may come without a trace. */
  static Arrived several(MultiMap headers) {
    String trace = headers.get(TRACE_ID);
    String sampled = headers.get(SAMPLED);
    String flags = headers.get(FLAGS);
    if (trace == null) {
      return sampled == null && flags == null ? Arrived.NOTHING : decided(sampled, flags, 0, 0, 0);
    }
    String span = headers.get(SPAN_ID);
    boolean sound = span != null && id(span, ID) && (id(trace, ID) || id(trace, 2 * ID));
    return sound && span != null ? several(trace, span, sampled, flags) : Arrived.BROKEN;
  }

  private static Arrived several(
      String trace, String span, @Nullable String sampled, @Nullable String flags) {
    long high = trace.length() > ID ? Hex.read(trace, 0, ID) : 0;
    long low = Hex.read(trace, trace.length() - ID, trace.length());
    long sender = Hex.read(span, 0, ID);
    return (high | low) == 0 || sender == 0
        ? Arrived.BROKEN
        : decided(sampled, flags, high, low, sender);
  }

  private static boolean id(String text, int digits) {
    return text.length() == digits && Hex.all(text, 0, digits, true);
  }

  private static Arrived decided(
      @Nullable String sampled, @Nullable String flags, long high, long low, long span) {
    if ("1".equals(flags)) {
      return decided(Decision.SAMPLED, DEBUG, TraceContext.B3, high, low, span);
    }
    if (says(sampled, "1", "true")) {
      return decided(Decision.SAMPLED, TraceContext.SAMPLED, TraceContext.B3, high, low, span);
    }
    Decision decision = says(sampled, "0", "false") ? Decision.NOT_SAMPLED : Decision.DEFERRED;
    return decided(decision, 0, TraceContext.B3, high, low, span);
  }

  private static boolean says(@Nullable String text, String digit, String word) {
    return text != null && (text.equals(digit) || text.equalsIgnoreCase(word));
  }
}
