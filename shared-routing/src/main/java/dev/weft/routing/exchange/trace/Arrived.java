package dev.weft.routing.exchange.trace;

/**
 * What a request's headers say of its trace.
 *
 * @param high upper half of the trace's id
 * @param low lower half of the trace's id; both are 0 where it belongs to none yet
 * @param parent span of the caller; 0 where it belongs to none yet
 * @param decision whether it is sampled, as far as somebody has said
 * @param flags as {@link TraceContext#flags}, but for sampling that nobody decided
 * @param formats as {@link TraceContext#formats}: those that said something that can be read; 0 for
 *     none
 * @param broken whether something cannot be read, and must not go on
 */
public record Arrived(
    long high, long low, long parent, Decision decision, int flags, int formats, boolean broken) {

  /** Headers that say nothing. */
  public static final Arrived NOTHING = new Arrived(0, 0, 0, Decision.DEFERRED, 0, 0, false);

  /** Headers that cannot be read. */
  static final Arrived BROKEN = new Arrived(0, 0, 0, Decision.DEFERRED, 0, 0, true);

  /** Whether a trace is sampled. */
  public enum Decision {
    SAMPLED,
    NOT_SAMPLED,
    /** Whoever comes first may say. */
    DEFERRED
  }

  /** {@link #BROKEN} for an id of nothing but zeros. */
  static Arrived in(long high, long low, long parent, Decision decision, int flags, int format) {
    return (high | low) == 0 || parent == 0
        ? BROKEN
        : new Arrived(high, low, parent, decision, flags, format, false);
  }

  /** A decision about a request that belongs to no trace yet. */
  static Arrived alone(Decision decision, int flags, int format) {
    return new Arrived(0, 0, 0, decision, flags, format, false);
  }

  /** Whether something could be read. */
  boolean told() {
    return formats != 0;
  }

  /** Whether it belongs to a trace already. */
  public boolean known() {
    return (high | low) != 0;
  }
}
