package dev.weft.routing.resilience.overload;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * Finds how many attempts an upstream can take at once, and sheds what is more, so that answers do
 * not get slower and slower while the same number of them is made.
 *
 * <p>There is no limit until there is evidence: for about half a second answers take at least twice
 * as long as usual while more comes in than goes out. Then the limit becomes half of what is under
 * way, or what Little's law says of the throughput at the usual time where that is more. A service
 * that merely became slower is told apart by looking twice, since a pause looks like that too: if
 * less is done when less is under way, its time is the usual one from now on, and the limit goes.
 * Otherwise it becomes three tenths more than what Little's law says, so that who is admitted waits
 * three tenths of the usual time, or 25 ms where that is more. What is done does not depend on the
 * limit while more comes, and so the limit stands still; should less be done all the same, the
 * usual time was taken for too short, or is another now, which is looked at as at first. Where
 * nothing has to be shed the limit widens, for two seconds, and goes: more that comes again at once
 * finds it, and need not first pile up for the evidence.
 *
 * <p>A service that has just begun does more from moment to moment: it compiles, and fills its
 * caches. In the ten seconds from its first answer on no limit is set while that is so, since what
 * piled up is done soon, and what is shed then is lost for nothing.
 *
 * <p>Under way is what is the upstream's to answer: who is slow to send his request or to read his
 * answer is no load of it. What stays under way while nothing is answered any more is no queue but
 * calls that hang: it is not counted when a limit is found next.
 *
 * <p>{@link #admits} and {@link #answered} are for any thread, without a lock; the rest is for one
 * thread, that calls {@link #look} many times a second. Until an answer was seen nothing is shed.
 *
 * <p>Source: the two times are those of Envoy's adaptive concurrency and of Netflix's
 * concurrency-limits, which begin with a limit and follow the gradient between them: it tells of
 * what was admitted an answer's time ago, and so a limit that follows it swings.
 */
public final class AdaptiveLimit {

  private static final int NONE = Integer.MAX_VALUE;
  private static final long WINDOW = Duration.ofMillis(100).toNanos();
  private static final long LONGEST_WINDOW = Duration.ofSeconds(1).toNanos();
  private static final int FEWEST_ANSWERS = 2; // in a window, unless it is the longest
  private static final int FEWEST_UNDER_WAY = 24; // below it nothing is shed at first
  private static final int MANY_UNDER_WAY = 64; // or what it does in eight times its usual time
  private static final int TIMES_USUAL = 8;
  private static final int SMALLEST = 4;
  private static final long LEAST_MORE = Duration.ofMillis(100).toNanos(); // not worth it below
  private static final double LONGER = 2;
  private static final int EVIDENCE = 4; // windows
  private static final double LASTING =
      1.05; // of an answer's time: a slower service grows no longer
  private static final double GROWN = 1.25; // of what was under way, during the evidence
  private static final double SPARE = 1.3;
  private static final long LEAST_SPARE = Duration.ofMillis(25).toNanos(); // nobody minds
  private static final double AS_MUCH = 0.75; // of the throughput: less at once does as much
  private static final int FEWEST_TO_JUDGE = 12; // answers
  private static final double PLAIN = 0.15; // beside it: nearer is looked at for longer
  private static final long SHORTEST_TO_JUDGE = 3 * WINDOW; // longer than a pause of a collection
  private static final int DOUBTS = 2; // in a row, until less is believed to be done
  private static final int CALM = 5; // windows
  private static final double SILENCE = 4; // times the peak
  private static final int FORGOTTEN = 8; // times the limit that was seen to help
  private static final double FADING = 0.999; // of the most that was done, per window
  private static final int FIRST = 5; // windows that count alike: in the first the quick answers do
  private static final double STEEPEST = 0.7;
  private static final double WIDEST = 1.1;
  private static final double UP = 1.0 / 300; // of the difference per window: half a minute
  private static final double UP_STEADY = 1.0 / 30; // where what is under way does not grow
  private static final double DOWN = 1.0 / 10;
  private static final double RECENT = 0.3;
  private static final double TREND = 1.0 / 20;
  private static final double STEADY = 1.1;
  private static final long YOUNG = Duration.ofSeconds(10).toNanos(); // from the first answer on
  private static final double SHORT = Duration.ofMillis(300).toNanos();
  private static final double LONG = Duration.ofSeconds(1).toNanos();
  private static final double QUICKER = 1.1; // of late than before

  private final LongAdder answers = new LongAdder();
  private final LongAdder nanos = new LongAdder();
  private final LongAdder shed = new LongAdder();
  private final AtomicInteger owed = new AtomicInteger();
  private volatile int limit = NONE;
  private volatile boolean learns = true;
  private volatile boolean idle; // nothing is under way since it was looked at

  private Window last = new Window(0, 0, 0, 0, 0);
  private Phase phase = Phase.FREE;
  private double usual; // nanoseconds of an answer; 0 before the first
  private int learned; // windows, up to FIRST
  private double peak; // nanoseconds of an answer when the limit was set
  private double rate; // answers per nanosecond of late
  private double throughput; // answers per nanosecond: while the evidence grew, then the most
  private Window first = last; // of the evidence, then of what was admitted under the limit
  private int evidence; // windows
  private double trend; // of what is under way, over seconds
  private long settled; // when what was too much had drained; 0 before
  private long drained; // answers by when those that were under way then have theirs
  private int doubts; // times that less was done
  private int calm; // windows without shedding
  private int confirmed; // the limit that was seen to help
  private long begun; // when the first answer was seen
  private double ofLate; // answers per nanosecond
  private double before; // the same, by a longer look back
  private int lasting; // under way, and not about to end
  private int own; // of the limit, what is beside those
  private boolean rested; // nobody need have looked since the last window

  /** Sums at one moment. */
  private record Window(long at, long answers, long nanos, long shed, int inFlight) {

    /** Answers per nanosecond. */
    double throughputSince(Window before) {
      return (double) (answers - before.answers) / (at - before.at);
    }
  }

  private enum Phase {
    FREE,
    SETTLING,
    HOLDING
  }

  /**
   * Whether so many may be under way; counts what may not.
   *
   * @param inFlight with the one that is asked for
   */
  public boolean admits(int inFlight) {
    if (inFlight <= limit) {
      return true;
    }
    shed.increment();
    return false;
  }

  /** An attempt is the upstream's to answer from now on, until {@link #settles}. Any thread. */
  public void owes() {
    owed.incrementAndGet();
    if (idle) {
      idle = false;
    }
  }

  /** It was answered, or is not to be any more. Any thread. */
  public void settles() {
    owed.decrementAndGet();
  }

  /** Attempts that are the upstream's to answer: it has all of them, and they have no head yet. */
  public int owed() {
    return owed.get();
  }

  /** An attempt was answered well, after such a time. */
  public void answered(long tookNanos) {
    answers.increment();
    nanos.add(tookNanos);
  }

  /** What may be under way; {@link Integer#MAX_VALUE} for no limit. */
  public int limit() {
    return limit;
  }

  /** How many were shed since the start. */
  public long shed() {
    return shed.sum();
  }

  /** Whether it wants to hear of answers. */
  public boolean learns() {
    return learns;
  }

  /** Whether there is nothing to look at, until something is owed. */
  public boolean idle() {
    return idle && learns;
  }

  /** Nobody wants a limit, until somebody looks again. */
  public void off() {
    learns = false;
    free();
  }

  /** Takes the limit back; what is known of the usual time stays. */
  public void free() {
    phase = Phase.FREE;
    evidence = 0;
    limit = NONE;
  }

  /**
   * Learns from what was answered since the last time; to be called every 100 ms, unless it is
   * {@link #idle}.
   *
   * @param inFlight attempts under way now
   */
  public void look(long now, int inFlight) {
    learns = true;
    if (rested) {
      rested = false;
      last = new Window(now - WINDOW, last.answers, last.nanos, last.shed, 0);
    }
    Window next = new Window(now, answers.sum(), nanos.sum(), shed.sum(), inFlight);
    long passed = now - last.at;
    long count = next.answers - last.answers;
    if (passed < WINDOW || (count < FEWEST_ANSWERS && passed < LONGEST_WINDOW)) {
      return;
    }
    if (count > 0) {
      follow(next);
      double mean = (double) (next.nanos - last.nanos) / count;
      switch (phase) {
        case FREE -> watch(next, mean);
        case SETTLING -> settle(next, mean);
        case HOLDING -> hold(next, mean);
      }
    } else if (inFlight == 0) {
      free();
      rest();
    } else if (inFlight >= limit) {
      if (passed < Math.max(LONGEST_WINDOW, (long) (SILENCE * peak))) {
        return; // silence lasts from the last answer on
      }
      lasting = inFlight;
      free();
    }
    lasting = Math.min(lasting, inFlight);
    last = next;
  }

  /** What is owed at the same time is seen here, or sees this. */
  private void rest() {
    rested = true;
    idle = true;
    if (owed.get() > 0) {
      idle = false;
    }
  }

  private void follow(Window next) {
    double done = next.throughputSince(last);
    double passed = next.at - last.at;
    if (begun == 0) {
      begun = next.at;
    }
    ofLate += (done - ofLate) * passed / (passed + SHORT);
    before += (done - before) * passed / (passed + LONG);
  }

  /**
   * Whether it has just begun, and does more from moment to moment: it compiles, or fills caches.
   */
  private boolean warmsUp(long now) {
    return now - begun < YOUNG && ofLate > QUICKER * before;
  }

  private void watch(Window next, double mean) {
    boolean grows = next.inFlight > last.inFlight;
    if (usual > 0 && grows && mean >= Math.max(LONGER * usual, usual + LEAST_MORE)) {
      if (evidence == 0) {
        first = last;
      }
      evidence++;
      throughput = next.throughputSince(first);
      int inFlight = first.inFlight;
      boolean grown =
          next.inFlight >= Math.max(worthwhile(), GROWN * inFlight + 2 * Math.sqrt(inFlight))
              && next.at - first.at >= LASTING * mean;
      if (evidence >= EVIDENCE && grown && !warmsUp(next.at)) {
        judge(mean);
        confirmed = 0;
        int most = (int) Math.ceil(throughput * goal());
        limit(Math.max((next.inFlight - lasting) / 2, most));
      }
      return;
    }
    evidence = Math.max(0, evidence - 1);
    learn(next, mean);
  }

  /** Under way at least until a limit is worth it: where few work at once few are many. */
  private double worthwhile() {
    double queue = TIMES_USUAL * throughput * usual;
    return Math.max(FEWEST_UNDER_WAY, Math.min(MANY_UNDER_WAY, queue));
  }

  /** Nanoseconds that an answer may take under a limit, its waiting included. */
  private double goal() {
    return Math.max(SPARE * usual, usual + LEAST_SPARE);
  }

  private void learn(Window next, double mean) {
    boolean steady = next.inFlight <= STEADY * trend + Math.sqrt(trend);
    trend += (next.inFlight - trend) * TREND;
    if (learned < FIRST) {
      learned++;
      usual += (mean - usual) / learned;
    } else if (mean < usual) {
      usual += (mean - usual) * DOWN;
    } else if (evidence == 0) {
      usual += (mean - usual) * (steady ? UP_STEADY : UP);
    }
  }

  /** What is too much has yet to drain, and then what was admitted since has to be answered. */
  private void settle(Window next, double mean) {
    if (settled == 0 && next.inFlight <= limit) {
      settled = next.at;
      drained = next.answers + own;
    }
    if (settled == 0 || (next.answers < drained && next.at - settled < peak)) {
      first = next;
      return;
    }
    double part = next.throughputSince(first) / throughput;
    if (next.at - first.at < LONGEST_WINDOW && !plain(next, part)) {
      return;
    }
    boolean helps = part >= AS_MUCH;
    if (helps || ++doubts == DOUBTS) {
      judged(next, mean, helps);
    } else {
      first = next; // it may have been a pause
    }
  }

  /** Whether it is seen already; chance or a pause may make it look so. */
  private boolean plain(Window next, double part) {
    return next.answers - first.answers >= FEWEST_TO_JUDGE
        && next.at - first.at >= SHORTEST_TO_JUDGE
        && Math.abs(part - AS_MUCH) > PLAIN;
  }

  private void judged(Window next, double mean, boolean helps) {
    boolean held = confirmed > 0;
    if (!helps) {
      usual = mean; // it takes that long by itself
    }
    if (helps || held) {
      phase = Phase.HOLDING;
      throughput = next.throughputSince(first);
      rate = throughput;
      confirmed = own;
      calm = 0;
    } else {
      free();
    }
  }

  private void hold(Window next, double mean) {
    if (next.shed == last.shed) {
      calm++;
      widen();
      return;
    }
    calm = 0;
    rate += (next.throughputSince(last) - rate) * RECENT;
    throughput = Math.max(rate, throughput * FADING);
    double wanted = rate * goal();
    limit((int) Math.ceil(Math.max(own * STEEPEST, Math.min(own * WIDEST, wanted))));
    confirmed = own;
    if (rate < AS_MUCH * throughput || own == SMALLEST) {
      judge(mean);
    }
  }

  /** Nothing has to be shed; for a window or two that may be chance. */
  private void widen() {
    if (calm >= CALM) {
      limit((int) Math.ceil(own * WIDEST));
    }
    if (own > FORGOTTEN * confirmed) {
      free();
    }
  }

  /** Beside what is not about to end. */
  private void limit(int wanted) {
    own = Math.max(SMALLEST, wanted);
    limit = lasting + own;
  }

  /** Whether half as much at once still does as much is seen once it was answered. */
  private void judge(double mean) {
    peak = mean;
    settled = 0;
    doubts = 0;
    phase = Phase.SETTLING;
  }
}
