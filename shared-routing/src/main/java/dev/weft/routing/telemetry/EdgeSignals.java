package dev.weft.routing.telemetry;

import dev.weft.config.history.ConfigHistory.Traffic;
import dev.weft.routing.telemetry.ExchangeObserver.Messages;
import dev.weft.routing.telemetry.tag.Tags;
import dev.weft.routing.telemetry.trace.SeenTrace;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Counts the requests of one edge. A compiled route or a connection holds it, so that counting
 * looks nothing up by name and, once an outcome was seen, allocates nothing.
 *
 * <p>Each event loop writes numbers of its own, without locks or atomic additions; any thread may
 * read them and sees each number whole, at most a moment late.
 */
public final class EdgeSignals {

  /** Outcomes of one edge and loop that are told apart; more than that would be an attack. */
  static final int MOST_OUTCOMES = 128;

  private static final VarHandle SLOTS = MethodHandles.arrayElementVarHandle(Tally[].class);
  private static final VarHandle TABLES = MethodHandles.arrayElementVarHandle(Tally[][].class);
  private static final int FIRST_SLOTS = 4;

  private final EdgeLabels labels;
  private final Totals totals;
  private final @Nullable Tally[][] tables; // by loop; the slots of each by their outcome's hash
  private final Tags tags;
  private final Map<Tags, EdgeSignals> tagged = new ConcurrentHashMap<>(1);
  private final Activity activity;

  /**
   * @param totals of all edges
   * @param now nanoseconds of the ticker
   */
  EdgeSignals(EdgeLabels labels, Totals totals, long now) {
    this(labels, Tags.NONE, totals, now);
  }

  private EdgeSignals(EdgeLabels labels, Tags tags, Totals totals, long now) {
    this.labels = labels;
    this.tags = tags;
    this.activity = new Activity(now);
    this.totals = totals;
    this.tables = new Tally[totals.loops()][FIRST_SLOTS];
  }

  /** Who calls whom here. */
  public EdgeLabels labels() {
    return labels;
  }

  /** What its requests had of that which configuration wants told of them. */
  Tags tags() {
    return tags;
  }

  /** Whether anything happened lately. One thread at a time. */
  Activity activity() {
    return activity;
  }

  /**
   * Counts requests of this edge that differ in what is told of them. Over all edges as many are
   * told apart as a process allows; further ones are counted together.
   *
   * @param now nanoseconds of the ticker
   */
  public EdgeSignals tagged(Tags wanted, long now) {
    EdgeSignals known = tagged.get(wanted);
    if (known != null) {
      return known;
    }
    boolean room = totals.tags.sum() < Totals.MOST_TAGS;
    if (!room) {
      totals.untold.increment();
    }
    return tagged.computeIfAbsent(
        room ? wanted : wanted.overflow(),
        fresh -> {
          totals.tags.increment();
          return new EdgeSignals(labels, fresh, totals, now);
        });
  }

  /** All of its {@link #tagged}. */
  Collection<EdgeSignals> tagged() {
    return tagged.values();
  }

  /** Forgets one of its {@link #tagged}, which nobody uses any more. */
  void forget(EdgeSignals one) {
    if (tagged.remove(one.tags, one)) {
      totals.tags.decrement();
    }
  }

  /**
   * Counts one request that ended.
   *
   * @param loop index of the event loop that calls; no other thread may use it
   * @param outcome from {@link Outcome}
   * @param durationNanos from the request's first byte to the response's last, from 0
   * @param requestBytes of the body, from 0
   * @param responseBytes of the body, from 0
   */
  public void record(
      int loop, int outcome, long durationNanos, long requestBytes, long responseBytes) {
    @Nullable Tally[] slots = tables[loop];
    int slot = slotOf(slots, outcome);
    Tally tally = slots[slot];
    if (tally == null) {
      tally = added(loop, outcome);
    }
    tally.add(durationNanos, requestBytes, responseBytes);
    totals.count(loop, Outcome.failed(outcome));
  }

  /**
   * Counts the messages of a call of gRPC beside the call.
   *
   * @param loop index of the event loop that calls; no other thread may use it
   * @param outcome that was just counted
   */
  public void messages(int loop, int outcome, Messages messages) {
    @Nullable Tally[] slots = tables[loop];
    Tally exact = slots[slotOf(slots, outcome)];
    Tally tally = exact == null ? slots[slotOf(slots, Outcome.coarse(outcome))] : exact;
    if (tally != null) {
      tally.messages(messages);
    }
  }

  /**
   * Notes a sampled request beside its count.
   *
   * @param loop index of the event loop that calls; no other thread may use it
   * @param outcome that was just counted
   */
  void seen(int loop, int outcome, long durationNanos, SeenTrace trace) {
    @Nullable Tally[] slots = tables[loop];
    Tally tally = slots[slotOf(slots, outcome)];
    if (tally != null) { // told by its hundred only: its traces would be of other codes
      tally.seen(Histogram.bucketOfNanos(durationNanos), trace);
    }
  }

  /** All loops together, by outcome in ascending order. Any thread. */
  SortedMap<Integer, Tally> merged() {
    SortedMap<Integer, Tally> sums = new TreeMap<>();
    for (int loop = 0; loop < tables.length; loop++) {
      Tally[] slots = (Tally[]) TABLES.getAcquire(tables, loop);
      for (int slot = 0; slot < slots.length; slot++) {
        Tally tally = (Tally) SLOTS.getAcquire(slots, slot);
        if (tally != null) {
          tally.addTo(sums.computeIfAbsent(tally.outcome, Tally::new));
        }
      }
    }
    return sums;
  }

  private static int slotOf(@Nullable Tally[] slots, int outcome) {
    int mask = slots.length - 1;
    int slot = ((outcome * 0x9E3779B9) >>> 16) & mask;
    while (true) {
      Tally there = slots[slot];
      if (there == null || there.outcome == outcome) {
        return slot;
      }
      slot = (slot + 1) & mask; // ends: a quarter of the slots is always free
    }
  }

  private Tally added(int loop, int outcome) {
    @Nullable Tally[] slots = tables[loop];
    int used = 0;
    for (Tally there : slots) {
      used += there == null ? 0 : 1;
    }
    if (used >= MOST_OUTCOMES && Outcome.coarse(outcome) != outcome) {
      totals.overflowed(loop);
      int coarse = Outcome.coarse(outcome);
      Tally there = slots[slotOf(slots, coarse)];
      return there == null ? added(loop, coarse) : there;
    }
    if ((used + 1) * 4 > slots.length * 3) {
      slots = grown(slots);
      TABLES.setRelease(tables, loop, slots);
    }
    Tally fresh = new Tally(outcome);
    SLOTS.setRelease(slots, slotOf(slots, outcome), fresh);
    return fresh;
  }

  private static @Nullable Tally[] grown(@Nullable Tally[] slots) {
    @Nullable Tally[] larger = new Tally[slots.length * 2];
    for (Tally there : slots) {
      if (there != null) {
        larger[slotOf(larger, there.outcome)] = there;
      }
    }
    return larger;
  }

  /** When something was counted last. Not for several threads. */
  static final class Activity {

    private long count;
    private long changedNanos;

    Activity(long now) {
      this.changedNanos = now;
    }

    /**
     * Whether something was counted since {@code idle} ago.
     *
     * @param counted so far
     */
    boolean lately(long counted, long now, Duration idle) {
      if (counted != count) {
        count = counted;
        changedNanos = now;
      }
      return now - changedNanos < idle.toNanos();
    }
  }

  /** Requests of all edges, those that are forgotten too: each loop writes its own, any reads. */
  static final class Totals {

    private static final VarHandle AT = MethodHandles.arrayElementVarHandle(long[].class);
    private static final int APART = 16; // so that loops do not share a line of the cache
    private static final int FAILED = 1;
    private static final int OVERFLOWED = 2;

    /** Values of tags that are told apart, over all edges. */
    static final int MOST_TAGS = 2_000;

    private final int loops;
    private final long[] numbers;
    private final LongAdder tags = new LongAdder();
    private final LongAdder untold = new LongAdder();

    Totals(int loops) {
      this.loops = loops;
      this.numbers = new long[(loops + 1) * APART];
    }

    int loops() {
      return loops;
    }

    private void count(int loop, boolean failed) {
      plus((loop + 1) * APART);
      if (failed) {
        plus((loop + 1) * APART + FAILED);
      }
    }

    private void overflowed(int loop) {
      plus((loop + 1) * APART + OVERFLOWED);
    }

    /** Requests whose outcome was one too many. */
    long overflowed() {
      long all = 0;
      for (int loop = 1; loop <= loops; loop++) {
        all += (long) AT.getOpaque(numbers, loop * APART + OVERFLOWED);
      }
      return all;
    }

    /** Requests whose tags were too many to be told apart. */
    long untold() {
      return untold.sum();
    }

    private void plus(int at) {
      AT.setOpaque(numbers, at, numbers[at] + 1);
    }

    Traffic now() {
      long requests = 0;
      long failed = 0;
      for (int loop = 1; loop <= loops; loop++) {
        requests += (long) AT.getOpaque(numbers, loop * APART);
        failed += (long) AT.getOpaque(numbers, loop * APART + FAILED);
      }
      return new Traffic(requests, failed);
    }
  }

  /** The numbers of one outcome: written by one thread, read by any. */
  static final class Tally {

    private static final VarHandle AT = MethodHandles.arrayElementVarHandle(long[].class);
    private static final int STRIDE = Histogram.BUCKETS + 1; // the buckets, then their sum
    private static final int DURATION = 0;
    private static final int REQUEST = STRIDE;
    private static final int RESPONSE = 2 * STRIDE;
    private static final int REQUEST_MESSAGES = 3 * STRIDE;
    private static final int RESPONSE_MESSAGES = REQUEST_MESSAGES + 1;
    private static final double NANOS_PER_MILLI = 1e6;

    final int outcome;
    private final long[] numbers = new long[RESPONSE_MESSAGES + 1];
    private volatile @Nullable SeenTrace @Nullable [] seen; // by bucket; none until one is sampled

    Tally(int outcome) {
      this.outcome = outcome;
    }

    void add(long durationNanos, long requestBytes, long responseBytes) {
      plus(REQUEST + Histogram.BUCKETS, requestBytes);
      plus(REQUEST + Histogram.bucketOfBytes(requestBytes), 1);
      plus(RESPONSE + Histogram.BUCKETS, responseBytes);
      plus(RESPONSE + Histogram.bucketOfBytes(responseBytes), 1);
      plus(DURATION + Histogram.BUCKETS, durationNanos);
      plus(DURATION + Histogram.bucketOfNanos(durationNanos), 1);
    }

    void messages(Messages messages) {
      plus(REQUEST_MESSAGES, messages.requests());
      plus(RESPONSE_MESSAGES, messages.responses());
    }

    void seen(int bucket, SeenTrace trace) {
      @Nullable SeenTrace[] all = seen;
      @Nullable SeenTrace[] next = all == null ? new SeenTrace[Histogram.BUCKETS] : all;
      next[bucket] = trace;
      seen = next; // what was written before is seen by who reads it
    }

    /** The last of each bucket that has one. */
    List<SeenTrace> exemplars() {
      @Nullable SeenTrace[] all = seen;
      return all == null ? List.of() : Stream.of(all).filter(Objects::nonNull).toList();
    }

    private void addSeen(Tally sums) {
      @Nullable SeenTrace[] all = seen;
      for (int i = 0; all != null && i < all.length; i++) {
        SeenTrace mine = all[i];
        if (mine != null) {
          sums.seen(i, mine);
        }
      }
    }

    void addTo(Tally sums) {
      addSeen(sums);
      for (int i = 0; i < numbers.length; i++) {
        sums.numbers[i] += (long) AT.getOpaque(numbers, i);
      }
    }

    Histogram durationMillis() {
      return part(DURATION, NANOS_PER_MILLI);
    }

    Histogram requestBytes() {
      return part(REQUEST, 1);
    }

    Histogram responseBytes() {
      return part(RESPONSE, 1);
    }

    Messages messages() {
      return new Messages(numbers[REQUEST_MESSAGES], numbers[RESPONSE_MESSAGES]);
    }

    private void plus(int index, long amount) {
      AT.setOpaque(numbers, index, numbers[index] + amount); // the only writer: no atomic addition
    }

    private Histogram part(int from, double unit) {
      long[] counts = new long[Histogram.BUCKETS];
      System.arraycopy(numbers, from, counts, 0, counts.length);
      return Histogram.of(counts, numbers[from + Histogram.BUCKETS] / unit);
    }
  }
}
